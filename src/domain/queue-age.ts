import type { EpochMs } from '../base/clock.ts';
import type { QueueStats } from './work.ts';

/** A stamp may be ahead of the clock by what two clocks disagree; one from further ahead tells nothing. */
const MOST_AHEAD_MS = 60_000;

/**
 * How long the oldest item of a queue has waited, in milliseconds: 0 only where nothing waits, null where work waits
 * and the API does not say since when. Metrics, JSON, conditions and status page all ask here.
 *
 * @param apiNow now on the API's clock
 */
export function queueAgeMs({ depth, pending, oldestQueuedAt }: QueueStats, apiNow: EpochMs): number | null {
  if (depth + pending === 0) return 0;
  if (oldestQueuedAt === null || oldestQueuedAt - apiNow > MOST_AHEAD_MS) return null;
  return Math.max(0, apiNow - oldestQueuedAt);
}
