import type { EpochMs } from '../base/clock.ts';
import type { Environment } from '../domain/environment.ts';
import { type Failure, type FailureReason, NO_FAILURES } from '../domain/failure.ts';
import { isRunning } from '../domain/work.ts';
import type { EnvironmentState, ObservedItem, SessionReading, SessionsState } from './environment-state.ts';

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

/** How old a reading may get before it is dropped: docs/design/README.md#sessions. */
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

/** A run that a worker holds for longer than `sessions.after`. */
export interface LongRun {
  readonly sessionId: string;
  readonly acknowledgedAt: EpochMs;
}

/** The acknowledgement of an item's present run; null when it has none, or when it is unknown. */
export function runStartOf({ item, runAcknowledgedAt }: ObservedItem): EpochMs | null {
  return isRunning(item.state) ? (runAcknowledgedAt ?? item.acknowledgedAt) : null;
}

/** The long runs among the live items, by session id. `apiNow` is the API's time. */
export function longRuns({ items, environment }: EnvironmentState, apiNow: EpochMs): ReadonlyMap<string, LongRun> {
  const runs = new Map<string, LongRun>();
  for (const observed of items?.live ?? []) {
    const { type, sessionId } = observed.item;
    const acknowledgedAt = runStartOf(observed);
    if (type !== 'session' || sessionId === null || acknowledgedAt === null) continue;
    if (acknowledgedAt + environment.sessions.afterMs <= apiNow) runs.set(sessionId, { sessionId, acknowledgedAt });
  }
  return runs;
}

/** The reading of an item's session that refers to its present run; null when there is none. */
export function readingOf(sessions: SessionsState | null | undefined, observed: ObservedItem): SessionReading | null {
  const { sessionId } = observed.item;
  const reading = sessionId === null ? undefined : sessions?.readings.get(sessionId);
  return reading !== undefined && reading.acknowledgedAt === runStartOf(observed) ? reading : null;
}

/** The runs that are long now, by the id of their session. Readings of other runs are obsolete. */
export interface LongRunsUpdate {
  readonly attempted: boolean;
  readonly runs: ReadonlyMap<string, LongRun>;
  /** On the exporter's clock. */
  readonly now: EpochMs;
}

/** Keeps readings that are recent and still apply; the same object when nothing changes. */
export function longRunsUpdated(state: EnvironmentState, update: LongRunsUpdate): EnvironmentState {
  const before = state.sessions ?? NO_SESSIONS;
  const { attempted, runs, now } = update;
  const life = readingLifeMs(state.environment);
  const isKnown = before.attempted === attempted && before.longRuns === runs.size;
  if (isKnown && before.readings.size === 0) return state;
  const kept = [...before.readings].filter(
    ([id, reading]) =>
      attempted && runs.get(id)?.acknowledgedAt === reading.acknowledgedAt && Math.abs(now - reading.readAt) <= life,
  );
  if (isKnown && kept.length === before.readings.size) return state;
  return withSessions(state, { attempted, longRuns: runs.size, readings: new Map(kept) });
}

/** A session was read. */
export function sessionRead(state: EnvironmentState, sessionId: string, reading: SessionReading): EnvironmentState {
  const readings = new Map(state.sessions?.readings ?? []);
  readings.set(sessionId, reading);
  return withSessions(state, { readings, lastReadAt: reading.readAt, failure: null });
}

/** The API no longer knows the session, so nothing can be said of it. */
export function sessionGone(state: EnvironmentState, sessionId: string): EnvironmentState {
  const readings = new Map(state.sessions?.readings ?? []);
  return readings.delete(sessionId) ? withSessions(state, { readings }) : state;
}

/** A session could not be read: what is known stays until it is too old. */
export function sessionFailed(state: EnvironmentState, failure: Failure, at: EpochMs): EnvironmentState {
  return withSessions(state, { failure: { ...failure, since: state.sessions?.failure?.since ?? at } });
}

/** Counts one request for a session when it ends; `reason` is null when it succeeded. */
export function sessionRequestCounted(state: EnvironmentState, reason: FailureReason | null): EnvironmentState {
  const { requests, failuresByReason } = state.sessions ?? NO_SESSIONS;
  const failures = reason === null ? {} : { [reason]: failuresByReason[reason] + 1 };
  return withSessions(state, { requests: requests + 1, failuresByReason: { ...failuresByReason, ...failures } });
}

function withSessions(state: EnvironmentState, change: Partial<SessionsState>): EnvironmentState {
  return { ...state, sessions: { ...(state.sessions ?? NO_SESSIONS), ...change } };
}
