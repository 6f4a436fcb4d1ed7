import type { EpochMs } from '../base/clock.ts';
import type { Failure, FailureReason } from '../domain/failure.ts';
import type { EnvironmentState } from './environment-state.ts';
import type { LongRun } from './long-runs.ts';
import { NO_SESSIONS, readingLifeMs, type SessionReading, type SessionsState } from './sessions-state.ts';

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
