import fc from 'fast-check';
import { expect, it } from 'vitest';
import { LabelSet } from '../../src/promql/label-set.ts';
import { Series } from '../../src/promql/series.ts';

const STEP = 30_000;

/** What happens to a series at one moment: it is written, left out, or ends. */
const moment = fc.oneof(
  { weight: 6, arbitrary: fc.record({ kind: fc.constant('sample' as const), value: fc.integer({ min: 0, max: 3 }) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('gap' as const), value: fc.constant(0) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('end' as const), value: fc.constant(0) }) },
);

it('has the last sample of a range where the range has it, whatever happened to the series', () => {
  fc.assert(
    fc.property(
      fc.array(moment, { minLength: 1, maxLength: 40 }),
      fc.integer({ min: -1, max: 42 * STEP }),
      fc.integer({ min: 0, max: 12 * STEP }),
      fc.integer({ min: 0, max: 40 }),
      (moments, from, length, forgotten) => {
        const series = new Series(LabelSet.of({ job: 'one' }));
        for (const [index, { kind, value }] of moments.entries()) {
          if (kind === 'sample') series.append(index * STEP, value);
          if (kind === 'end') series.end(index * STEP);
        }
        series.forget(forgotten * STEP);
        const last = series.range(from, from + length).values.at(-1) ?? Number.NaN;
        expect(series.lastIn(from, from + length)).toBe(last);
      },
    ),
    { numRuns: 2000 },
  );
});
