import type { EpochMs } from '../base/clock.ts';
import { isRunning } from '../domain/work.ts';
import type { EnvironmentState, ObservedItem } from './environment-state.ts';
import type { SessionReading, SessionsState } from './sessions-state.ts';

/** A run that a worker holds for longer than `sessions.after`. */
export interface LongRun {
  readonly sessionId: string;
  readonly acknowledgedAt: EpochMs;
}

/** The acknowledgement of an item's present run; null when it has none, or when it is unknown. */
export function runOf({ item, runAcknowledgedAt }: ObservedItem): EpochMs | null {
  return isRunning(item.state) ? (runAcknowledgedAt ?? item.acknowledgedAt) : null;
}

/** The long runs among the live items, by session id. `apiNow` is the API's time. */
export function longRuns({ items, environment }: EnvironmentState, apiNow: EpochMs): ReadonlyMap<string, LongRun> {
  const runs = new Map<string, LongRun>();
  const before = apiNow - environment.sessions.afterMs;
  for (const observed of items?.live.values() ?? []) {
    const { type, sessionId } = observed.item;
    const acknowledgedAt = runOf(observed);
    if (type !== 'session' || sessionId === null || acknowledgedAt === null || acknowledgedAt > before) continue;
    runs.set(sessionId, { sessionId, acknowledgedAt });
  }
  return runs;
}

/** The reading of an item's session that refers to its present run; null when there is none. */
export function readingOf(sessions: SessionsState | null | undefined, observed: ObservedItem): SessionReading | null {
  const { sessionId } = observed.item;
  const reading = sessionId === null ? undefined : sessions?.readings.get(sessionId);
  return reading !== undefined && reading.acknowledgedAt === runOf(observed) ? reading : null;
}
