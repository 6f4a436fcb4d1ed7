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
  { sessions, environment }: { readonly sessions: SessionsState | null; readonly environment: Environment },
  now: EpochMs,
): boolean {
  if (sessions === null || !sessions.attempted || sessions.lastReadAt === null) return false;
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

/** The acknowledgement of an item's present run; null when it has none, or when it is unknown. */
export function runStartOf({ item, runAcknowledgedAt }: ObservedItem): EpochMs | null {
  return isRunning(item.state) ? (runAcknowledgedAt ?? item.acknowledgedAt) : null;
}

/** The ids of the sessions whose runs are long, with when these were acknowledged. `apiNow` is the API's time. */
export function longRuns(state: EnvironmentState, apiNow: EpochMs): ReadonlyMap<string, EpochMs> {
  const runs = new Map<string, EpochMs>();
  for (const { sessionId, startedAt, isLongAt } of sessionRuns(state))
    if (isLongAt <= apiNow) runs.set(sessionId, startedAt);
  return runs;
}

/**
 * In how many milliseconds another run becomes long or a reading becomes too old, if no list and no session is read until then;
 * Infinity when neither will happen. `now` is the own clock, `apiNow` the API's time.
 */
export function untilLongRunsChangeMs(
  state: EnvironmentState,
  { now, apiNow }: { readonly now: EpochMs; readonly apiNow: EpochMs },
): number {
  let untilMs = Number.POSITIVE_INFINITY;
  for (const { isLongAt } of sessionRuns(state)) if (isLongAt > apiNow) untilMs = Math.min(untilMs, isLongAt - apiNow);
  // A reading is kept for the whole of its life.
  const endsAfterMs = readingLifeMs(state.environment) + 1;
  for (const { readAt } of state.sessions?.readings.values() ?? [])
    untilMs = Math.min(untilMs, readAt + endsAfterMs - now);
  return untilMs;
}

interface SessionRun {
  readonly sessionId: string;
  /** When it was acknowledged and from when it is long, both on the API's clock. */
  readonly startedAt: EpochMs;
  readonly isLongAt: EpochMs;
}

/** The present runs of all live items that work on a session. */
function* sessionRuns({ items, environment }: EnvironmentState): Iterable<SessionRun> {
  for (const observed of items?.live ?? []) {
    const { type, sessionId } = observed.item;
    const startedAt = runStartOf(observed);
    if (type !== 'session' || sessionId === null || startedAt === null) continue;
    yield { sessionId, startedAt, isLongAt: startedAt + environment.sessions.afterMs };
  }
}

/** The reading of an item's session that refers to its present run; null when there is none. */
export function readingOf(sessions: SessionsState | null, observed: ObservedItem): SessionReading | null {
  const { sessionId } = observed.item;
  const reading = sessionId === null ? undefined : sessions?.readings.get(sessionId);
  return reading !== undefined && reading.acknowledgedAt === runStartOf(observed) ? reading : null;
}

/**
 * Which runs are long now, by session. Readings that are recent and apply to one of them are kept. `now` is the own clock. A
 * state that says all this already is returned as it is.
 */
export function longRunsUpdated(
  state: EnvironmentState,
  { attempted, runs, now }: { attempted: boolean; runs: ReadonlyMap<string, EpochMs>; now: EpochMs },
): EnvironmentState {
  const { sessions } = state;
  const life = readingLifeMs(state.environment);
  const isKept = ([id, { acknowledgedAt, readAt }]: [string, SessionReading]) =>
    attempted && runs.get(id) === acknowledgedAt && Math.abs(now - readAt) <= life;
  const readings = new Map([...(sessions?.readings ?? [])].filter(isKept));
  const isSame =
    sessions?.attempted === attempted && sessions.longRuns === runs.size && sessions.readings.size === readings.size;
  return isSame ? state : withSessions(state, { attempted, longRuns: runs.size, readings });
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
