import type { CancelTimer, Clock } from './clock.ts';

const STEPS = 5;

/**
 * Calls `run` once after this process has run for `delayMs`. A time in which the process or the machine was paused
 * counts as at most a fifth of the delay, so that an answer that arrived meanwhile can still be taken.
 */
export function setAwakeTimer(clock: Pick<Clock, 'setTimer'>, delayMs: number, run: () => void): CancelTimer {
  let cancel: CancelTimer = () => {};
  const step = (left: number) => {
    cancel = clock.setTimer(delayMs / STEPS, () => (left === 1 ? run() : step(left - 1)));
  };
  step(STEPS);
  return () => cancel();
}
