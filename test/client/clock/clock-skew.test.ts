import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { withClockSample } from '../../../src/client/clock/clock-skew.ts';
import { measuredSkewMs, NO_SKEW } from '../../../src/client/clock/skew-estimate.ts';
import { exchange, own, START, series, take } from './clock-exchanges.ts';

const HOUR = 3_600_000;

describe('the clock skew', () => {
  it.each([0, 3000, -3000, 90_000, -350])('of %i ms is found to within a few hundredths of a second', (skewMs) => {
    const estimate = take(NO_SKEW, ...series(skewMs, { count: 64 }));
    expect(Math.abs(measuredSkewMs(estimate, own(64 * 1137))! - skewMs)).toBeLessThan(60);
  });

  it('always contains the truth, whatever the network does', () => {
    const anyExchange = fc.record({
      afterMs: fc.integer({ min: 1, max: 30_000 }),
      outMs: fc.integer({ min: 1, max: 2400 }),
      backMs: fc.integer({ min: 1, max: 2400 }),
    });
    fc.assert(
      fc.property(fc.integer({ min: -5000, max: 5000 }), fc.array(anyExchange, { minLength: 1 }), (skewMs, all) => {
        let at = 0;
        let estimate = NO_SKEW;
        for (const { afterMs, outMs, backMs } of all) {
          at += afterMs + outMs + backMs;
          estimate = take(estimate, { at, skewMs, outMs, backMs });
        }
        const measured = measuredSkewMs(estimate, own(at));
        expect(measured).not.toBeNull();
        // At most half a second plus half of the slowest exchange.
        expect(Math.abs(measured! - skewMs)).toBeLessThanOrEqual(500 + 2400);
        expect(estimate.contradicting).toEqual([]);
      }),
    );
  });

  it('corrects by nothing while the clocks may well agree', () => {
    const estimate = take(NO_SKEW, { at: 0, skewMs: 300 });
    expect([measuredSkewMs(estimate, own(40)) !== null, estimate.correctionMs]).toEqual([true, 0]);
    expect(take(NO_SKEW, ...series(3000)).correctionMs).toBeCloseTo(3000, -2);
  });

  it('is unknown after ten minutes without a sample; the correction stays', () => {
    const estimate = take(NO_SKEW, ...series(3000));
    const end = 39 * 1137 + 40;
    expect(measuredSkewMs(estimate, own(end + 599_000))).not.toBeNull();
    expect(measuredSkewMs(estimate, own(end + 601_000))).toBeNull();
    expect(estimate.correctionMs).toBeCloseTo(3000, -2);
    expect(measuredSkewMs(NO_SKEW, own(0))).toBeNull();
  });

  it('ignores a sample that contradicts the others, and follows three that agree', () => {
    const before = take(NO_SKEW, ...series(0));
    const lone = take(before, { at: 50_000, skewMs: 8000 });
    expect(measuredSkewMs(lone, own(50_000))).toBeCloseTo(measuredSkewMs(before, own(50_000))!, 0);
    const stepped = take(lone, { at: 51_000, skewMs: 8000 }, { at: 52_000, skewMs: 8000 });
    expect(Math.abs(measuredSkewMs(stepped, own(52_000))! - 8000)).toBeLessThan(600);
  });

  it('is not moved by contradicting samples that do not agree among themselves', () => {
    const before = take(NO_SKEW, ...series(0));
    const wild = take(before, ...[5000, 9000, 15_000].map((skewMs, n) => ({ at: 50_000 + n * 1000, skewMs })));
    expect(Math.abs(measuredSkewMs(wild, own(53_000))!)).toBeLessThan(100);
  });

  it('forgets everything when somebody sets the own clock', () => {
    const before = take(NO_SKEW, ...series(0));
    const after = { wall: START + 60_000 + 4000, monotonic: 60_000 };
    expect(measuredSkewMs(before, after)).toBeNull();
    // The API is now behind by as much as the own clock was put forward.
    const sample = exchange({ at: 60_000, skewMs: 0, wallJumpMs: 4000 });
    const estimate = withClockSample(before, sample.sample, sample.now);
    expect(estimate.intervals).toHaveLength(1);
    expect(Math.abs(measuredSkewMs(estimate, sample.now)! + 4000)).toBeLessThan(600);
  });

  it.each([
    [500, 41],
    [501, 1],
  ])(
    'stays known while the own clock is corrected by little: by %i ms, of 41 samples %i are left',
    (wallJumpMs, left) => {
      const before = take(NO_SKEW, ...series(0));
      expect(take(before, { at: 60_000, skewMs: 0, wallJumpMs }).intervals).toHaveLength(left);
    },
  );

  it.each([
    ['set', 0, -HOUR],
    // Then the API's clock went on while the monotonic one stood still.
    ['asleep', HOUR, 0],
  ])('is known again with the first answer after the own clock was %s for an hour', (_, apiWentOnMs, truth) => {
    const jumped = { at: 60_000, skewMs: apiWentOnMs, wallJumpMs: HOUR };
    const estimate = take(take(NO_SKEW, ...series(0)), jumped);
    expect(estimate.intervals).toHaveLength(1);
    expect(Math.abs(estimate.correctionMs - truth)).toBeLessThan(600);
  });

  it.each([
    ['a right answer', 0, 1],
    ['a wrong one', 86_400_000, 0],
  ])('is known again at once when the own clock is set twice with %s in between', (_, wrongBy, heard) => {
    const once = take(NO_SKEW, ...series(0), { at: 60_000, skewMs: wrongBy, wallJumpMs: HOUR });
    expect(once.intervals).toHaveLength(heard);
    const twice = take(once, { at: 61_000, skewMs: 0, wallJumpMs: 2 * HOUR });
    expect(twice.intervals).toHaveLength(1);
    expect(Math.abs(twice.correctionMs + 2 * HOUR)).toBeLessThan(600);
  });

  it('is not held against a later answer for longer than ten minutes', () => {
    const estimate = take(NO_SKEW, ...series(0), { at: 40 * 1137 + 600_000, skewMs: 3000 });
    expect(estimate.intervals).toHaveLength(1);
    expect(Math.abs(estimate.correctionMs - 3000)).toBeLessThan(600);
  });

  it('is not told by an answer that was overtaken by two seconds', () => {
    const slow = take(NO_SKEW, { at: 0, skewMs: 0, outMs: 4000, backMs: 100 });
    const second = take(slow, { at: 0, skewMs: 0, outMs: 2000 });
    expect(second.intervals).toHaveLength(2);
    const third = take(second, { at: 0, skewMs: 0, outMs: 1000 });
    expect(third.intervals).toEqual(second.intervals);
    expect(third.contradicting).toEqual([]);
  });

  it.each([
    ['an answer that took five seconds', { outMs: 4000, backMs: 1000 }],
    ['a date more than two seconds behind the last', { skewMs: -3000 }],
  ])('leaves out %s', (_, change) => {
    const before = take(NO_SKEW, { at: 0, skewMs: 0 });
    const after = take(before, { at: 500, skewMs: 0, ...change });
    expect(after.intervals).toEqual(before.intervals);
  });

  it('an estimate of the clock skew keeps 64 samples at the most', () => {
    expect(take(NO_SKEW, ...series(0, { count: 200 })).intervals).toHaveLength(64);
  });
});
