import fc from 'fast-check';
import { expect, it } from 'vitest';
import { intersection, movedOn, rangeLater, type SkewRange } from '../../src/client/skew-interval.ts';

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

it('the overlap that is moved on from answer to answer stays that of the intervals, however many have come and left', () => {
  const any = fc.record({
    low: fc.double({ min: -40, max: 40, noNaN: true }),
    width: fc.double({ min: 60, max: 90, noNaN: true }),
    passedMs: fc.double({ min: 0, max: 2000, noNaN: true }),
  });
  fc.assert(
    fc.property(fc.array(any, { minLength: 20, maxLength: 200 }), fc.integer({ min: 1, max: 8 }), (all, most) => {
      let intervals: Parameters<typeof intersection>[0] = [];
      let range: SkewRange = null;
      let now = 1e6 / 3;
      for (const [order, { low, width, passedMs }] of all.entries()) {
        now += passedMs;
        const left = intervals.at(-most);
        const before = range === null ? intersection(intervals, now) : rangeLater(range, passedMs);
        intervals = [...intervals, { low, high: low + width, at: now, order }].slice(-most);
        range = movedOn(before, { left, intervals }, now);
        const whole = intersection(intervals, now);
        expect(range === null).toBe(whole === null);
        expect(range?.low ?? 0).toBeCloseTo(whole?.low ?? 0, 6);
        expect(range?.high ?? 0).toBeCloseTo(whole?.high ?? 0, 6);
      }
    }),
  );
});
