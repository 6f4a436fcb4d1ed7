import fc from 'fast-check';
import { expect, it } from 'vitest';
import {
  type Limits,
  limitsAfter,
  limitsOf,
  rangeOf,
  type SkewInterval,
} from '../../../src/client/clock/skew-interval.ts';

/** Looks at every interval. */
function overlapOf(intervals: readonly SkewInterval[], now: number) {
  const drift = ({ at }: SkewInterval) => 100e-6 * Math.max(0, now - at);
  const low = Math.max(...intervals.map((one) => one.low - drift(one)));
  const high = Math.min(...intervals.map((one) => one.high + drift(one)));
  return intervals.length === 0 || low > high ? null : { low, high };
}

it('what limits intervals that come and leave is where all of them overlap, to the last bit, then and later', () => {
  const any = fc.record({
    low: fc.oneof(fc.integer({ min: -40, max: 40 }), fc.double({ min: -40, max: 40, noNaN: true })),
    width: fc.double({ min: 0, max: 90, noNaN: true }),
    passedMs: fc.double({ min: 0, max: 2000, noNaN: true }),
  });
  fc.assert(
    fc.property(fc.array(any, { maxLength: 100 }), fc.integer({ min: 1, max: 8 }), (all, most) => {
      let intervals: readonly SkewInterval[] = [];
      let limits: Limits | null = null;
      let now = 1e6 / 3;
      expect(rangeOf(limitsOf(intervals, now), now)).toBeNull();
      for (const [order, { low, width, passedMs }] of all.entries()) {
        now += passedMs;
        const left = intervals.at(-most);
        intervals = [...intervals, { low, high: low + width, at: now, order }].slice(-most);
        limits = limitsAfter(limits, { left, intervals }, now);
        for (const at of [now, now + 12_345.6]) {
          expect(rangeOf(limits, at)).toEqual(overlapOf(intervals, at));
          expect(rangeOf(limitsOf(intervals, at), at)).toEqual(overlapOf(intervals, at));
        }
      }
    }),
  );
});
