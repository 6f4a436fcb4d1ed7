import fc from 'fast-check';
import { expect, it } from 'vitest';
import { SampleTimes } from '../../../src/promql/store/sample-times.ts';

const STEP = 30_000;
const FORGOTTEN = Number.NEGATIVE_INFINITY;

it.each<readonly [string, readonly number[], number]>([
  ['none', [], 0],
  ['one', [0], 3],
  ['regular ones', [0, 1, 2, 3, 4, 5, 6, 7], 3],
  ['regular ones after a start at any time', [2.5, 3.5, 4.5, 5.5], 3],
  ['one that is missed', [0, 1, 2, 4, 5, 6], 6],
  ['a machine that slept', [0, 1, 2, 100, 101, 102, 103], 6],
  ['another step', [0, 1, 2, 12, 22, 32], 6],
])('keeps few numbers of moments: %s', (_name, times, size) => {
  const moments = new SampleTimes();
  for (const time of times) moments.add(time * STEP);
  expect(moments.size).toBe(size);
});

it('knows the time of each moment and the last up to any time, as a list of them would, whatever was missed', () => {
  const gaps = fc.array(fc.constantFrom(1, 1, 1, 1, 2, 7), { minLength: 1, maxLength: 30 });
  fc.assert(
    fc.property(gaps, fc.integer({ min: -1, max: 70 * STEP }), (steps, at) => {
      const moments = new SampleTimes();
      const times = steps.map((_, index) => steps.slice(0, index).reduce((sum, step) => sum + step, 0) * STEP);
      // A second series that is written at the same moment gets the same index.
      for (const [index, time] of times.entries())
        for (let series = 0; series < 2; series++) expect(moments.add(time)).toBe(index);
      expect(times.map((_, index) => moments.timeOf(index))).toEqual(times);
      expect(moments.lastIndexUpTo(at)).toBe(times.findLastIndex((time) => time <= at));
      for (const [index, time] of times.entries()) {
        const { step, end } = moments.spanAround(index);
        expect(times.slice(index, end + 1)).toEqual(times.slice(index, end + 1).map((_, nth) => time + nth * step));
      }
    }),
  );
});

it('forgets what is old, a span of equal steps at a time, and never all', () => {
  const moments = new SampleTimes();
  for (const time of [0, 1, 2, 10, 11, 12, 50]) moments.add(time);
  moments.forget(2);
  expect([moments.timeOf(0), moments.lastIndexUpTo(0)]).toEqual([0, 0]);
  moments.forget(3);
  expect([0, 2, 3, 6].map((index) => moments.timeOf(index))).toEqual([FORGOTTEN, FORGOTTEN, 10, 50]);
  expect(moments.lastIndexUpTo(2)).toBe(2);
  moments.forget(1000);
  expect([5, 6].map((index) => moments.timeOf(index))).toEqual([FORGOTTEN, 50]);
  expect(moments.add(1000)).toBe(7);
});
