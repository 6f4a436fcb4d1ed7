import { expect, it } from 'vitest';
import { setAwakeTimer } from '../../src/base/awake-timer.ts';
import { ManualClock } from '../support/manual-clock.ts';

/** A clock whose process may stand still: what fell due meanwhile runs afterwards, and sets its timers from then on. */
function watch() {
  const due: (() => void)[] = [];
  const clock = new ManualClock();
  const setTimer: ManualClock['setTimer'] = (delayMs, run) => clock.setTimer(delayMs, () => due.push(run));
  let runs = 0;
  const cancel = setAwakeTimer({ setTimer }, 500, () => runs++);
  const run = () => {
    for (const one of due.splice(0)) one();
  };
  return {
    awake(ms: number) {
      for (let passed = 0; passed < ms; passed++) {
        clock.advanceNow(1);
        run();
      }
    },
    asleep(ms: number) {
      clock.advanceNow(ms);
      run();
    },
    cancel,
    runs: () => runs,
    timers: () => clock.timers,
  };
}

it('a timer for time awake calls once, after its delay', () => {
  const timer = watch();
  timer.awake(499);
  expect(timer.runs()).toBe(0);
  timer.awake(1);
  timer.awake(10_000);
  expect(timer.runs()).toBe(1);
});

it.each([1, 99, 150, 399])(
  'a process that stands still after %d ms gets another chance to see the answer',
  (before) => {
    const timer = watch();
    timer.awake(before);
    timer.asleep(60_000);
    expect(timer.runs()).toBe(0);
    timer.awake(500);
    expect(timer.runs()).toBe(1);
  },
);

it.each([0, 250])('cancelled after %d ms, it leaves no timer', (after) => {
  const timer = watch();
  timer.awake(after);
  timer.cancel();
  timer.awake(1000);
  expect({ runs: timer.runs(), timers: timer.timers() }).toEqual({ runs: 0, timers: 0 });
});
