import type { CancelTimer, Clock } from './clock.ts';

const STEPS = 5;

/**
 * Calls `run` once after `delayMs` in which this process ran. Of a time in which it got no processor, or the machine
 * slept, only a fifth of the delay counts: whoever waits for an answer then takes the one that came meanwhile.
 */
export function setAwakeTimer(clock: Pick<Clock, 'setTimer'>, delayMs: number, run: () => void): CancelTimer {
  let cancel: CancelTimer = () => {};
  const step = (left: number) => {
    cancel = clock.setTimer(delayMs / STEPS, () => (left === 1 ? run() : step(left - 1)));
  };
  step(STEPS);
  return () => cancel();
}
