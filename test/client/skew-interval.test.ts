import fc from 'fast-check';
import { expect, it } from 'vitest';
import { intersection, movedOn } from '../../src/client/skew-interval.ts';

it('the overlap moves on with the intervals as if all were looked at, to the last bit', () => {
  const any = fc.record({ low: fc.integer({ min: -40, max: 40 }), width: fc.double({ min: 0, max: 90, noNaN: true }) });
  fc.assert(
    fc.property(fc.array(any, { maxLength: 40 }), fc.integer({ min: 1, max: 8 }), (all, most) => {
      let intervals: Parameters<typeof intersection>[0] = [];
      for (const [order, { low, width }] of all.entries()) {
        const now = 1000 + order * 137.7;
        const range = intersection(intervals, now);
        const left = intervals.at(-most);
        intervals = [
          ...intervals.slice(intervals.length >= most ? 1 : 0),
          { low, high: low + width, at: now - 3, order },
        ];
        expect(movedOn(range, { left, intervals }, now)).toEqual(intersection(intervals, now));
      }
    }),
  );
});
