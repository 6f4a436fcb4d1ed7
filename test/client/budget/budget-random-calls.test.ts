import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { seededRandom } from '../../../src/base/random.ts';
import type { Budget } from '../../../src/client/budget/budget.ts';
import { create } from './budgets.ts';

describe('under random calls', () => {
  const limit = fc.oneof(...[30, 600, 6000].map((max) => fc.integer({ min: 1, max })));
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

  it('lets at most the limit be sent in any 60 s, however long requests wait for a slot', () => {
    // Of what is granted, so many at most wait until the phase ends; the rest is sent at once.
    const phase = fc.record({ steps: fc.nat({ max: 1500 }), slotsShort: fc.nat({ max: 12 }), answer });
    fc.assert(
      fc.property(limit, fc.integer(), fc.array(phase, { maxLength: 6 }), (rpm, seed, phases) => {
        const { clock, budget } = create(rpm, seededRandom(seed));
        const sent: number[] = [];
        let waiting = 0;
        for (const { steps, slotsShort, answer } of [...phases, { steps: 0, slotsShort: 0, answer: 'none' as const }]) {
          for (; waiting > 0; waiting--) {
            budget.release();
            sent.push(clock.monotonic());
          }
          tell(budget, answer);
          for (let at = 0; at < steps; at++) {
            while (budget.tryTake()) {
              if (waiting >= slotsShort) sent.push(clock.monotonic());
              else {
                budget.hold();
                waiting++;
              }
            }
            clock.advanceNow(73);
          }
        }
        for (let last = rpm; last < sent.length; last++) {
          expect(sent[last]! - sent[last - rpm]!).toBeGreaterThanOrEqual(60_000 - 0.001);
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
