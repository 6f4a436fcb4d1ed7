import type { EpochMs } from '../base/clock.ts';
import type { QueueStats } from './work.ts';

/** How far a stamp may be ahead of the clock, since two clocks differ. A stamp further ahead says nothing. */
const MOST_AHEAD_MS = 60_000;

/**
 * How long the oldest item of a queue has waited, in milliseconds: 0 if nothing waits or if its stamp is slightly
 * ahead, null if work waits and the API does not say since when. Metrics, JSON, conditions and the status page all use
 * this function.
 *
 * @param apiNow now on the API's clock
 */
export function queueAgeMs({ depth, pending, oldestQueuedAt }: QueueStats, apiNow: EpochMs): number | null {
  if (depth + pending === 0) return 0;
  if (oldestQueuedAt === null || oldestQueuedAt - apiNow > MOST_AHEAD_MS) return null;
  return Math.max(0, apiNow - oldestQueuedAt);
}
