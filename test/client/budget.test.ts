import { describe, expect, it } from 'vitest';
import { type Random, seededRandom } from '../../src/base/clock.ts';
import { Budget } from '../../src/client/budget.ts';
import { ManualClock } from '../support/manual-clock.ts';

const MINUTE = 60_000;

function create(perMinute: number, random: Random = () => 0.5) {
  const clock = new ManualClock();
  return { clock, budget: new Budget(perMinute, { clock, random }) };
}

/** Takes all that there is. */
function drain(budget: Budget): number {
  let taken = 0;
  while (budget.tryTake()) taken++;
  return taken;
}

describe('the bucket', () => {
  it.each([
    [240, 8],
    [60, 2],
    [1200, 20],
    [4, 2],
    [3, 1],
    [1, 1],
  ])('of %d requests a minute starts with at most two tokens and holds %d', (perMinute, burst) => {
    const { clock, budget } = create(perMinute);
    expect(drain(budget)).toBe(Math.min(2, burst));
    clock.advanceNow(60 * MINUTE);
    expect(drain(budget)).toBe(burst);
  });

  it('tells which part of the last minute is unused, nothing in a pause', () => {
    const { clock, budget } = create(240);
    expect(budget.spare).toBe(1);
    clock.advanceNow(MINUTE);
    drain(budget);
    expect(budget.spare).toBe(1 - 8 / 240);
    for (let step = 0; step < 300; step++) {
      clock.advanceNow(200);
      drain(budget);
    }
    expect(budget.spare).toBeLessThan(0.05);
    clock.advanceNow(MINUTE);
    expect(budget.spare).toBe(1);
    budget.answered({ retryAfterMs: 1000 });
    expect(budget.spare).toBe(0);
  });

  it('keeps what was taken, and a pause, when a reload sets another limit', () => {
    const { clock, budget } = create(240);
    clock.advanceNow(MINUTE);
    drain(budget);
    budget.setLimit(1200);
    expect([budget.tryTake(), budget.perMinute, budget.taken]).toEqual([false, 1200, 8]);
    budget.answered({ retryAfterMs: 10_000 });
    budget.setLimit(60);
    expect(budget.pauseMs).toBe(10_000);
  });
});

it('who waits and gives up gets the reason of the signal, and takes nothing', async () => {
  const { clock, budget } = create(60);
  drain(budget);
  const controller = new AbortController();
  const first = budget.take(controller.signal);
  const second = budget.take();
  controller.abort(new Error('stopping'));
  await expect(first).rejects.toThrow('stopping');
  await expect(budget.take(controller.signal)).rejects.toThrow('stopping');
  clock.advanceNow(1100);
  await second;
  expect(budget.taken).toBe(3);
  budget.turn(() => expect.unreachable())();
  clock.advanceNow(MINUTE);
  expect(clock.timers).toBe(0);
});

describe('a 429', () => {
  it('stops everything for retry-after, lets one request through, then half of the rate, which recovers', () => {
    const { clock, budget } = create(240);
    clock.advanceNow(MINUTE);
    budget.answered({ retryAfterMs: 30_000 });
    clock.advanceNow(29_999);
    expect([budget.tryTake(), budget.pauseMs]).toEqual([false, 1]);
    clock.advanceNow(1);
    expect([drain(budget), budget.allowedPerMinute, budget.perMinute, budget.limited]).toEqual([1, 120, 240, 1]);
    clock.advanceNow(3000);
    expect(drain(budget)).toBe(Math.floor((3 * 116) / 60));
    const allowed = [6999, 1, 80_000, 100_000].map((ms) => {
      clock.advanceNow(ms);
      return Math.round(budget.allowedPerMinute);
    });
    expect(allowed).toEqual([120, 132, 228, 240]);
  });

  it.each([null, 0])('with %s for a wait pauses for 5 s · 2ⁿ, at most 120 s, with full jitter', (retryAfterMs) => {
    const { clock, budget } = create(240, () => 1);
    const pauses = Array.from({ length: 7 }, () => {
      budget.answered({ retryAfterMs });
      const { pauseMs } = budget;
      clock.advanceNow(pauseMs);
      return pauseMs;
    });
    expect(pauses).toEqual([5000, 10_000, 20_000, 40_000, 80_000, 120_000, 120_000]);
    budget.answered(null);
    budget.answered({ retryAfterMs });
    expect(budget.pauseMs).toBe(5000);
  });

  it('to several requests under way counts once, the longest wait wins, and the first other answer after it ends it', () => {
    const { clock, budget } = create(240);
    for (const retryAfterMs of [10_000, 20_000, 5000, 0, null]) budget.answered({ retryAfterMs });
    expect(budget.pauseMs).toBe(20_000);
    budget.answered(null);
    clock.advanceNow(20_000);
    expect([budget.allowedPerMinute, budget.isRateLimited]).toEqual([120, true]);
    budget.answered(null);
    expect(budget.isRateLimited).toBe(false);
  });
});

it.each([1, 2, 3, 4, 7, 30, 60, 240, 480, 1000, 1200])(
  'of %d a minute: in no 60 s are there more, whatever 3,000 random steps ask and answer, and all are served in their order',
  async (perMinute) => {
    const draw = seededRandom(perMinute);
    const { clock, budget } = create(perMinute, draw);
    const sent: number[] = [];
    const [asked, served]: [number[], number[]] = [[], []];
    const waiting = new Map<number, AbortController>();
    for (let step = 0; step < 3000; step++) {
      const kind = draw();
      if (kind < 0.3) {
        const controller = new AbortController();
        waiting.set(step, controller);
        asked.push(step);
        const taken = () => {
          waiting.delete(step);
          served.push(step);
          sent.push(clock.monotonic());
        };
        budget.take(controller.signal).then(taken, () => asked.splice(asked.indexOf(step), 1));
      } else if (kind < 0.5) {
        while (budget.tryTake()) sent.push(clock.monotonic());
      } else if (kind < 0.6) {
        budget.turn(() => {
          while (budget.tryTake()) sent.push(clock.monotonic());
        });
      } else if (kind < 0.63) {
        const one = [...waiting][Math.floor(draw() * waiting.size)];
        if (one !== undefined) {
          waiting.delete(one[0]);
          one[1].abort();
        }
      } else if (kind < 0.66) budget.answered({ retryAfterMs: draw() < 0.5 ? null : draw() * 20_000 });
      else if (kind < 0.75) budget.answered(null);
      else await clock.advance((draw() ** 4 * 90_000 * 60) / perMinute);
    }
    await clock.advance(1000 * MINUTE + (waiting.size / perMinute) * 3 * MINUTE);
    for (let last = perMinute; last < sent.length; last++)
      expect(sent[last]! - sent[last - perMinute]!).toBeGreaterThanOrEqual(MINUTE - 0.01);
    expect(sent.length).toBeGreaterThan(1000);
    expect(served).toEqual(asked);
    expect(clock.timers).toBe(0);
  },
);
