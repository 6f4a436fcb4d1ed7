import { expect, it } from 'vitest';
import { TokenWait } from '../../../src/poller/schedule/token-wait.ts';
import { ManualClock } from '../../support/manual-clock.ts';

const GATHER_MS = 250;

/** What happens to a wait: it begins with a budget in which the next token is that far away, or it ends. */
type Step = readonly [at: number, next: number | 'ends'];

/** When it looked for a token, and how many timers the clock was asked for. */
async function play(steps: readonly Step[]) {
  const clock = new ManualClock();
  const looked: number[] = [];
  let timers = 0;
  const wait = new TokenWait({
    clock: {
      now: () => clock.now(),
      monotonic: () => clock.monotonic(),
      setTimer(delayMs, run) {
        timers++;
        return clock.setTimer(delayMs, run);
      },
    },
    tryAgain: () => looked.push(clock.monotonic()),
    granted: () => {},
  });
  for (const [at, next] of steps) {
    await clock.advance(at - clock.monotonic());
    if (next === 'ends') wait.end();
    else wait.begin(budgetWith(next), GATHER_MS);
  }
  await clock.advance(10_000);
  return { looked, timers };
}

function budgetWith(timeUntilNextMs: number) {
  return {
    waiting: 0,
    take: () => new Promise<void>(() => {}),
    timeUntilNextMs: () => timeUntilNextMs,
    timeUntilFullMs: () => 60_000,
  };
}

it.each<[string, readonly Step[], number[], number]>([
  ['once, where it begins again and again', [0, 100, 200].map((at) => [at, 1000 - at]), [1000], 1],
  ['not before jobs had time to gather', [[0, 1]], [GATHER_MS], 1],
  ['at the first time, where each beginning is for a later one', [0, 100, 200].map((at) => [at, 1]), [GATHER_MS], 1],
  ['earlier, where another budget has a token earlier', [[0, 9000], [100, 400]], [500], 2], // biome-ignore format: a row
  ['early, where a pause has come: it then begins again', [[0, 400], [100, 9000]], [400], 1], // biome-ignore format: a row
  ['not, once it has ended', [[0, 400], [100, 'ends']], [], 1], // biome-ignore format: a row
  ['after an end, when it is told again', [[0, 400], [100, 'ends'], [200, 400]], [600], 2], // biome-ignore format: a row
  ['again, where it begins after it has looked', [[0, 400], [500, 400]], [400, 900], 2], // biome-ignore format: a row
])('a wait for a token looks %s', async (_, steps, looked, timers) => {
  expect(await play(steps)).toEqual({ looked, timers });
});
