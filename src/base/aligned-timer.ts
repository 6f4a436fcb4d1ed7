import type { CancelTimer, Clock } from './clock.ts';

/**
 * Calls `run` once when the monotonic clock is next at a multiple of the interval. So all that looks at something every
 * ten or thirty seconds does it in the same moments: in an idle process, being woken up costs more than most looks.
 */
export function setAlignedTimer(
  clock: Pick<Clock, 'monotonic' | 'setTimer'>,
  intervalMs: number,
  run: () => void,
): CancelTimer {
  return clock.setTimer(intervalMs - (clock.monotonic() % intervalMs), run);
}
