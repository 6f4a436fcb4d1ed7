import { expect, it } from 'vitest';
import { WakeTimer } from '../../../src/poller/schedule/wake-timer.ts';
import { ManualClock } from '../../support/manual-clock.ts';

/** What it was told when, and when it called; and how many timers the clock was asked for. */
async function play(told: readonly (readonly [at: number, wakeAt: number])[]) {
  const clock = new ManualClock();
  const called: number[] = [];
  let timers = 0;
  const counting = {
    monotonic: () => clock.monotonic(),
    setTimer(delayMs: number, run: () => void) {
      timers++;
      return clock.setTimer(delayMs, run);
    },
  };
  const timer = new WakeTimer(counting, () => called.push(clock.monotonic()));
  for (const [at, wakeAt] of told) {
    await clock.advance(at - clock.monotonic());
    timer.wakeAt(wakeAt);
  }
  await clock.advance(10_000);
  return { called, timers };
}

const NEVER = Number.POSITIVE_INFINITY;

it.each<[string, Parameters<typeof play>[0], number[], number]>([
  ['once, for a time that it is told again and again', [0, 100, 200, 300].map((at) => [at, 500]), [500], 1],
  ['earlier, when it is told so', [[0, 500], [100, 200]], [200], 2], // biome-ignore format: a row
  ['later, when it is told so', [[0, 500], [100, 900]], [900], 2], // biome-ignore format: a row
  ['never, when it is told so', [[0, 500], [100, NEVER]], [], 1], // biome-ignore format: a row
  ['again, for the same time told after it', [[0, 500], [600, 500]], [500, 600], 2], // biome-ignore format: a row
  ['at once, for a time that has passed', [[100, 50]], [100], 1],
])('a wake timer calls %s', async (_, told, called, timers) => {
  expect(await play(told)).toEqual({ called, timers });
});
