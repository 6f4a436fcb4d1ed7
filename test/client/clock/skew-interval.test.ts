import fc from 'fast-check';
import { expect, it } from 'vitest';
import {
  type Bounds,
  boundsAfter,
  boundsOf,
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

it('what bounds intervals that come and leave is where all of them overlap, to the last bit, then and later', () => {
  const any = fc.record({
    low: fc.oneof(fc.integer({ min: -40, max: 40 }), fc.double({ min: -40, max: 40, noNaN: true })),
    width: fc.double({ min: 0, max: 90, noNaN: true }),
    passedMs: fc.double({ min: 0, max: 2000, noNaN: true }),
  });
  fc.assert(
    fc.property(fc.array(any, { maxLength: 100 }), fc.integer({ min: 1, max: 8 }), (all, most) => {
      let intervals: readonly SkewInterval[] = [];
      let bounds: Bounds | null = null;
      let now = 1e6 / 3;
      expect(rangeOf(boundsOf(intervals, now), now)).toBeNull();
      for (const [order, { low, width, passedMs }] of all.entries()) {
        now += passedMs;
        const removed = intervals.at(-most);
        intervals = [...intervals, { low, high: low + width, at: now, order }].slice(-most);
        bounds = boundsAfter(bounds, { removed, intervals }, now);
        for (const at of [now, now + 12_345.6]) {
          expect(rangeOf(bounds, at)).toEqual(overlapOf(intervals, at));
          expect(rangeOf(boundsOf(intervals, at), at)).toEqual(overlapOf(intervals, at));
        }
      }
    }),
  );
});
