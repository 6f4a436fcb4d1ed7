import type { CancelTimer, Clock } from './clock.ts';

/**
 * Calls `run` once when the monotonic clock next reaches a multiple of the interval. So all work that is done every ten or
 * thirty seconds is done at the same moments: waking up an idle process costs more than most of that work.
 */
export function setAlignedTimer(
  clock: Pick<Clock, 'monotonic' | 'setTimer'>,
  intervalMs: number,
  run: () => void,
): CancelTimer {
  return clock.setTimer(intervalMs - (clock.monotonic() % intervalMs), run);
}
