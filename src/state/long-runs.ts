import type { EpochMs } from '../base/clock.ts';
import type { Environment } from '../domain/environment.ts';
import { isRunning } from '../domain/work.ts';
import type { EnvironmentState, ItemsSnapshot, ObservedItem } from './environment-state.ts';
import type { SessionReading, SessionsState } from './sessions-state.ts';

/** A run that a worker holds for longer than `sessions.after`. */
export interface LongRun {
  readonly sessionId: string;
  readonly acknowledgedAt: EpochMs;
}

/** The acknowledgement of an item's present run; null when it has none, or when it is unknown. */
export function runStartOf({ item, runAcknowledgedAt }: ObservedItem): EpochMs | null {
  return isRunning(item.state) ? (runAcknowledgedAt ?? item.acknowledgedAt) : null;
}

/** The long runs of a snapshot, and the range of API time in which exactly these are long. */
interface KnownRuns {
  items: ItemsSnapshot;
  from: EpochMs;
  until: EpochMs;
  runs: ReadonlyMap<string, LongRun>;
}

/**
 * The last result for each environment: it is needed every few seconds, and nearly always nothing has changed. Updated in
 * place, because an object for each snapshot would be freed only by a full garbage collection.
 */
const KNOWN = new WeakMap<Environment, KnownRuns>();
export const NO_RUNS: ReadonlyMap<string, LongRun> = new Map();

/**
 * The long runs among the live items, by session id; the same object while they stay the same. `apiNow` is the API's
 * time.
 */
export function longRuns({ items, environment }: EnvironmentState, apiNow: EpochMs): ReadonlyMap<string, LongRun> {
  if (items === null) {
    KNOWN.delete(environment);
    return NO_RUNS;
  }
  const { afterMs } = environment.sessions;
  const known = KNOWN.get(environment);
  if (known?.items === items && known.from <= apiNow && apiNow < known.until) return known.runs;
  let runs: Map<string, LongRun> | null = null;
  let until = Number.POSITIVE_INFINITY;
  for (const observed of items.live) {
    const { type, sessionId } = observed.item;
    const acknowledgedAt = runStartOf(observed);
    if (type !== 'session' || sessionId === null || acknowledgedAt === null) continue;
    if (acknowledgedAt + afterMs <= apiNow) {
      runs ??= new Map();
      runs.set(sessionId, { sessionId, acknowledgedAt });
    } else until = Math.min(until, acknowledgedAt + afterMs);
  }
  const found = known ?? { items, from: apiNow, until, runs: NO_RUNS };
  found.items = items;
  found.from = apiNow;
  found.until = until;
  found.runs = runs ?? NO_RUNS;
  if (known === undefined) KNOWN.set(environment, found);
  return found.runs;
}

/** The reading of an item's session that refers to its present run; null when there is none. */
export function readingOf(sessions: SessionsState | null | undefined, observed: ObservedItem): SessionReading | null {
  const { sessionId } = observed.item;
  const reading = sessionId === null ? undefined : sessions?.readings.get(sessionId);
  return reading !== undefined && reading.acknowledgedAt === runStartOf(observed) ? reading : null;
}
