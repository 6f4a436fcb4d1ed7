import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { seededRandom } from '../../src/base/random.ts';
import { Budget } from '../../src/client/budget.ts';
import { bucketShape } from '../../src/domain/request-budget.ts';
import { ManualClock } from '../support/manual-clock.ts';

function create(requestsPerMinute: number, random = () => 0.5) {
  const clock = new ManualClock();
  return { clock, budget: new Budget(requestsPerMinute, { clock, random }) };
}

/** Tokens that are there now. */
function drain(budget: Budget): number {
  let taken = 0;
  while (budget.tryTake()) taken++;
  return taken;
}

describe('the bucket', () => {
  it.each([
    [240, 8],
    [60, 2],
    [120, 4],
    [1200, 8],
    [4, 2],
    [3, 1],
    [1, 1],
  ])('of %d requests a minute has a burst of %d', (rpm, burst) => {
    expect(bucketShape(rpm).burst).toBe(burst);
  });

  it('starts with two tokens, or with one where two would be the whole minute', () => {
    expect(drain(create(240).budget)).toBe(2);
    expect(drain(create(2).budget)).toBe(1);
  });

  it('refills to its burst and not beyond', () => {
    const { clock, budget } = create(240);
    drain(budget);
    clock.advanceNow(3_600_000);
    expect(drain(budget)).toBe(8);
  });

  it('refills at (limit − burst) a minute', () => {
    const { clock, budget } = create(240);
    drain(budget);
    const msPerToken = 60_000 / 232;
    expect(budget.timeUntilNextMs()).toBeCloseTo(msPerToken, 3);
    clock.advanceNow(msPerToken - 1);
    expect(budget.tryTake()).toBe(false);
    clock.advanceNow(1);
    expect(budget.timeUntilNextMs()).toBe(0);
    expect(drain(budget)).toBe(1);
    expect(budget.availableAt()).toBeCloseTo(clock.monotonic() + msPerToken, 3);
  });

  it('tells when it is full and nobody waits', async () => {
    const { clock, budget } = create(240);
    clock.advanceNow(60_000);
    expect(budget.timeUntilFullMs()).toBe(0);
    drain(budget);
    const waiting = budget.take();
    // Eight tokens of the burst and the one that somebody waits for.
    expect(budget.timeUntilFullMs()).toBeCloseTo((9 * 60_000) / 232, 3);
    clock.advanceNow(60_000);
    await waiting;
    expect(budget.timeUntilFullMs()).toBeLessThan((8 * 60_000) / 232);
  });

  it('counts what it gave', async () => {
    const { clock, budget } = create(240);
    budget.tryTake();
    await budget.take();
    expect(budget.tryTake()).toBe(false);
    expect([budget.taken, budget.takenLastMinute]).toEqual([2, 2]);
    budget.giveBack();
    expect([budget.taken, budget.takenLastMinute]).toEqual([1, 1]);
    clock.advanceNow(61_000);
    expect([budget.taken, budget.takenLastMinute]).toEqual([1, 0]);
  });
});

describe('waiting', () => {
  it('is first come, first served, and nobody barges in', async () => {
    const { clock, budget } = create(60);
    drain(budget);
    const order: number[] = [];
    for (let at = 0; at < 3; at++) void budget.take().then(() => order.push(at));
    // The first token is there after 1034.48 ms, and the queue wakes at the next whole one.
    clock.advanceNow(1034.6);
    expect(budget.tryTake()).toBe(false);
    clock.advanceNow(165.4);
    await null;
    expect(order).toEqual([0]);
    // Two wait, and the asker would be the third.
    expect(budget.timeUntilNextMs()).toBeGreaterThan(2 * 1034);
    clock.advanceNow(2100);
    await null;
    expect(order).toEqual([0, 1, 2]);
    expect(clock.timers).toBe(0);
  });

  it('ends with the reason of the signal, and takes nothing', async () => {
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
  });
});

describe('a token that is given back', () => {
  it('is there for the next one, who wakes for it', async () => {
    const { clock, budget } = create(60);
    drain(budget);
    const next = budget.take();
    budget.giveBack();
    clock.advanceNow(1);
    await next;
    expect([budget.waiting, budget.taken]).toEqual([0, 2]);
  });

  it('fills no bucket beyond its burst', () => {
    const { clock, budget } = create(240);
    budget.tryTake();
    clock.advanceNow(60_000);
    budget.giveBack();
    expect(drain(budget)).toBe(8);
  });

  it('as the probe after a 429 lets another one be the probe at once', () => {
    const { clock, budget } = create(60);
    budget.penalize(5000);
    clock.advanceNow(6000);
    expect(budget.tryTake()).toBe(true);
    expect(budget.tryTake()).toBe(false);
    budget.giveBack();
    expect(budget.tryTake()).toBe(true);
  });
});

describe('a 429', () => {
  it('stops everything for retry-after, then gives half', () => {
    const { clock, budget } = create(240);
    budget.penalize(30_000);
    expect(budget.timeUntilNextMs()).toBe(30_000);
    clock.advanceNow(29_999);
    expect(budget.tryTake()).toBe(false);
    clock.advanceNow(1);
    expect(budget.limitPerMinute).toBe(120);
    expect(budget.configuredPerMinute).toBe(240);
    expect(drain(budget)).toBe(1);
    budget.succeeded();
    expect(drain(budget)).toBe(3);
  });

  describe('is followed by one probe', () => {
    function probing() {
      const created = create(240);
      created.budget.penalize(30_000);
      created.clock.advanceNow(30_000);
      expect(drain(created.budget)).toBe(1);
      return created;
    }

    it('that keeps all others waiting until it is answered', async () => {
      const { clock, budget } = probing();
      let granted = false;
      void budget.take().then(() => {
        granted = true;
      });
      clock.advanceNow(9000);
      await null;
      expect([granted, budget.tryTake(), budget.isRateLimited, budget.pauseMs]).toEqual([false, false, true, 0]);
      budget.succeeded();
      clock.advanceNow(1);
      await null;
      expect([granted, budget.isRateLimited]).toEqual([true, false]);
      expect(drain(budget)).toBe(3);
    });

    it('and by another pause when it is refused, too', () => {
      const { clock, budget } = probing();
      budget.penalize(300_000);
      clock.advanceNow(299_999);
      expect(budget.tryTake()).toBe(false);
      clock.advanceNow(1);
      expect(drain(budget)).toBe(1);
    });

    it('and by all others when the network has lost it', () => {
      const { budget } = probing();
      budget.unanswered();
      expect(drain(budget)).toBe(3);
      expect(budget.isRateLimited).toBe(true);
    });

    it('and by another one when it was called off and nothing ever tells of it', () => {
      const { clock, budget } = probing();
      clock.advanceNow(10_000);
      expect(drain(budget)).toBe(1);
    });

    it('not by one whose answer was under way before the pause', () => {
      const { clock, budget } = create(240);
      budget.penalize(30_000);
      budget.succeeded();
      budget.unanswered();
      clock.advanceNow(30_000);
      expect(drain(budget)).toBe(1);
    });
  });

  it('is recovered from by 5 % of the configured rate each 10 s', () => {
    const { clock, budget } = create(200);
    budget.penalize(1000);
    clock.advanceNow(1000 + 9999);
    expect(budget.limitPerMinute).toBeCloseTo(100, 6);
    clock.advanceNow(1);
    expect(budget.limitPerMinute).toBeCloseTo(110, 6);
    clock.advanceNow(80_000);
    expect(budget.limitPerMinute).toBeCloseTo(190, 6);
    clock.advanceNow(100_000);
    expect(budget.limitPerMinute).toBe(200);
  });

  it.each<[what: string, retryAfterMs: number | null]>([
    ['without retry-after', null],
    ['with a retry-after that is already over', 0],
  ])('%s pauses for 5 s · 2ⁿ, at most 120 s, with full jitter', (_, retryAfterMs) => {
    const { clock, budget } = create(240, () => 1);
    const pauses = [];
    for (let at = 0; at < 7; at++) {
      budget.penalize(retryAfterMs);
      pauses.push(budget.timeUntilNextMs());
      clock.advanceNow(budget.timeUntilNextMs());
    }
    expect(pauses).toEqual([5000, 10_000, 20_000, 40_000, 80_000, 120_000, 120_000]);
    budget.succeeded();
    clock.advanceNow(600_000);
    budget.penalize(retryAfterMs);
    expect(budget.timeUntilNextMs()).toBe(5000);
    const { budget: lucky } = create(240, () => 0);
    lucky.penalize(retryAfterMs);
    expect(lucky.timeUntilNextMs()).toBe(0);
  });

  it('answered to several requests under way counts once, and the longest wait wins', () => {
    const { clock, budget } = create(240);
    budget.penalize(10_000);
    budget.penalize(20_000);
    budget.penalize(5000);
    budget.penalize(0);
    budget.penalize(null);
    expect(budget.timeUntilNextMs()).toBe(20_000);
    clock.advanceNow(20_000);
    expect(budget.limitPerMinute).toBe(120);
  });

  it('upon 429 leaves nobody asleep for longer than the recovery takes', async () => {
    const { clock, budget } = create(60, () => 0);
    for (let at = 0; at < 20; at++) budget.penalize(null);
    drain(budget);
    const waiting = budget.take();
    clock.advanceNow(50_000);
    await waiting;
    expect(budget.timeUntilNextMs()).toBeLessThanOrEqual(10_000);
  });

  it('keeps those who wait waiting', async () => {
    const { clock, budget } = create(240);
    drain(budget);
    let granted = false;
    void budget.take().then(() => {
      granted = true;
    });
    budget.penalize(30_000);
    clock.advanceNow(29_999);
    await null;
    expect(granted).toBe(false);
    clock.advanceNow(1000);
    await null;
    expect(granted).toBe(true);
  });
});

describe('a reload', () => {
  it('changes the limit, and neither gives tokens nor ends a pause', () => {
    const { clock, budget } = create(60);
    drain(budget);
    budget.setLimit(600);
    expect(budget.tryTake()).toBe(false);
    clock.advanceNow(200);
    expect(budget.tryTake()).toBe(true);
    budget.penalize(10_000);
    budget.setLimit(1200);
    expect(budget.timeUntilNextMs()).toBe(10_000);
  });

  it('to a lower limit cuts what had gathered', () => {
    const { clock, budget } = create(240);
    clock.advanceNow(60_000);
    budget.setLimit(60);
    expect(drain(budget)).toBe(2);
  });
});

describe('under random calls', () => {
  const limit = fc.oneof(fc.integer({ min: 1, max: 30 }), fc.integer({ min: 1, max: 600 }));
  type Told = 'none' | 'ok' | number | null;
  const answer: fc.Arbitrary<Told> = fc.oneof<fc.MaybeWeightedArbitrary<Told>[]>(
    { weight: 8, arbitrary: fc.constant('none' as const) },
    { weight: 1, arbitrary: fc.constant('ok' as const) },
    { weight: 1, arbitrary: fc.option(fc.integer({ min: 0, max: 60_000 })) },
  );
  const tell = (budget: Budget, what: Told) => {
    if (what === 'ok') budget.succeeded();
    else if (what !== 'none') budget.penalize(what);
  };

  it('grants at most the limit in any 60 s', () => {
    // Idle, then greedy: everything is taken as soon as it is there, in steps too small to lose a token.
    const phase = fc.record({
      idleMs: fc.integer({ min: 0, max: 90_000 }),
      greedySteps: fc.nat({ max: 1500 }),
      answer,
    });
    fc.assert(
      fc.property(limit, fc.integer(), fc.array(phase, { maxLength: 6 }), (rpm, seed, phases) => {
        const { clock, budget } = create(rpm, seededRandom(seed));
        const grants: number[] = [];
        for (const { idleMs, greedySteps, answer } of phases) {
          clock.advanceNow(idleMs);
          tell(budget, answer);
          for (let at = 0; at < greedySteps; at++) {
            while (budget.tryTake()) grants.push(clock.monotonic());
            clock.advanceNow(73);
          }
        }
        for (let last = rpm; last < grants.length; last++) {
          // One more than the limit, from the first to the last of them: that must have taken more than a minute.
          expect(grants[last]! - grants[last - rpm]!).toBeGreaterThanOrEqual(60_000 - 0.001);
        }
      }),
      { numRuns: 100 },
    );
  });

  it('serves everybody, in the order of asking', async () => {
    const step = fc.record({
      ms: fc.integer({ min: 0, max: 20_000 }),
      takes: fc.nat({ max: 10 }),
      tries: fc.nat({ max: 3 }),
      abort: fc.option(fc.nat()),
      answer,
    });
    await fc.assert(
      fc.asyncProperty(limit, fc.integer(), fc.array(step, { maxLength: 30 }), async (rpm, seed, steps) => {
        const { clock, budget } = create(rpm, seededRandom(seed));
        const waiting = new Map<number, AbortController>();
        const served: number[] = [];
        const aborted = new Set<number>();
        let tickets = 0;
        const take = () => {
          const ticket = tickets++;
          const controller = new AbortController();
          waiting.set(ticket, controller);
          const done = (list: { push(ticket: number): unknown }) => {
            waiting.delete(ticket);
            list.push(ticket);
          };
          budget.take(controller.signal).then(
            () => done(served),
            () => done({ push: (one) => aborted.add(one) }),
          );
        };
        for (const one of steps) {
          for (let at = 0; at < one.takes; at++) take();
          for (let at = 0; at < one.tries; at++) budget.tryTake();
          if (one.abort !== null) [...waiting.values()][one.abort % Math.max(waiting.size, 1)]?.abort();
          tell(budget, one.answer);
          clock.advanceNow(one.ms);
          await null;
        }
        // Longer than any pause, recovery and queue here can take.
        clock.advanceNow(1_000_000 + waiting.size * 120_000);
        await null;
        const expected = Array.from({ length: tickets }, (_, ticket) => ticket).filter((one) => !aborted.has(one));
        expect(served).toEqual(expected);
      }),
      { numRuns: 60 },
    );
  });
});
