import type { EpochMs } from '../base/clock.ts';
import type { Environment } from '../domain/environment.ts';
import { type Failure, type FailureCounts, NO_FAILURES } from '../domain/failure.ts';
import type { IdleEvent, SessionFacts } from '../domain/session.ts';

/** What a read of one session said. It applies only to the run whose acknowledgement it carries. */
export interface SessionReading {
  readonly acknowledgedAt: EpochMs;
  /** When it was read, on the exporter's clock. */
  readonly readAt: EpochMs;
  readonly facts: SessionFacts;
  /** The last idle event of an idle session; null when the API reported none. */
  readonly idle: IdleEvent | null;
}

/** What is known of the sessions of an environment's long runs. */
export interface SessionsState {
  /** Whether sessions are read: enabled, with a key, and on a service that has sessions. */
  readonly attempted: boolean;
  /** Long runs at the last look at the items, whether or not their sessions were read. */
  readonly longRuns: number;
  /** By session id; only for live items with long runs. */
  readonly readings: ReadonlyMap<string, SessionReading>;
  /** Time of the last successful read, even if its run has ended since. */
  readonly lastReadAt: EpochMs | null;
  /** The failure of the last read; null when it succeeded. */
  readonly failure: (Failure & { readonly since: EpochMs }) | null;
  /** Requests sent for sessions and their events. */
  readonly requests: number;
  readonly failuresByReason: FailureCounts;
}

export const NO_SESSIONS: SessionsState = {
  attempted: false,
  longRuns: 0,
  readings: new Map(),
  lastReadAt: null,
  failure: null,
  requests: 0,
  failuresByReason: NO_FAILURES,
};

/** Nothing is read of them any more; what was sent stays counted. */
export function sessionsUnread({ requests, failuresByReason }: SessionsState): SessionsState {
  return { ...NO_SESSIONS, requests, failuresByReason };
}

/** How old a reading may get before it is dropped: docs/design/progress.md#freshness. */
export function readingLifeMs({ poll, sessions }: Environment): number {
  return Math.max(poll.staleAfterMs, 3 * sessions.intervalMs);
}

/**
 * Whether it is known what the sessions of long runs do, as long as the list is. Without a long run there is nothing to read.
 */
export function areSessionsKnown(
  { sessions, environment }: { readonly sessions?: SessionsState; readonly environment: Environment },
  now: EpochMs,
): boolean {
  if (sessions === undefined || !sessions.attempted || sessions.lastReadAt === null) return false;
  return sessions.longRuns === 0 || Math.abs(now - sessions.lastReadAt) <= readingLifeMs(environment);
}

/**
 * Since when a session has had its status, on the API's clock; null for a running session, or when the API does not
 * say.
 */
export function sessionSince({ facts, idle }: SessionReading): EpochMs | null {
  if (facts.status === 'idle') return idle?.processedAt ?? null;
  return facts.status === 'terminated' ? facts.updatedAt : null;
}
