import fc from 'fast-check';
import { expect, it } from 'vitest';
import { RANGE_FUNCTIONS } from '../../../src/promql/range-functions.ts';
import { LabelSet } from '../../../src/promql/store/label-set.ts';
import { SampleTimes } from '../../../src/promql/store/sample-times.ts';
import { LOOKBACK_MS, Series } from '../../../src/promql/store/series.ts';
import { SeriesStore } from '../../../src/promql/store/series-store.ts';
import { selectorsIn } from '../../../src/promql/syntax/expression.ts';
import { parseExpression } from '../../../src/promql/syntax/parse-expression.ts';

const STEP = 30_000;

interface Sample {
  readonly at: number;
  readonly value: number;
}

/** What happens to a series at one moment: it is written, left out, or ends. */
const moment = fc.oneof(
  { weight: 6, arbitrary: fc.record({ kind: fc.constant('sample' as const), value: fc.constantFrom(0, 0.1, 0.7, 3) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('gap' as const), value: fc.constant(0) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('end' as const), value: fc.constant(0) }) },
);

/** Adds up from the first number on. */
const sum = (values: readonly number[]) => values.slice(1).reduce((one, other) => one + other, values[0] ?? Number.NaN);
const pairs = (values: readonly number[]) => values.slice(1).map((value, index) => [values[index]!, value] as const);
const orNone = (values: readonly number[], result: number) => (values.length === 0 ? Number.NaN : result);

/** What Prometheus computes from a list of samples, spelled out. */
const REFERENCE: Readonly<Record<string, (samples: readonly Sample[], from: number, to: number) => number>> = {
  last_over_time: (samples) => samples.at(-1)?.value ?? Number.NaN,
  max_over_time: (samples) => orNone(valuesOf(samples), Math.max(...valuesOf(samples))),
  min_over_time: (samples) => orNone(valuesOf(samples), Math.min(...valuesOf(samples))),
  sum_over_time: (samples) => sum(valuesOf(samples)),
  avg_over_time: (samples) => sum(valuesOf(samples)) / samples.length,
  count_over_time: (samples) => orNone(valuesOf(samples), samples.length),
  changes: (samples) => orNone(valuesOf(samples), pairs(valuesOf(samples)).filter(([one, two]) => one !== two).length),
  resets: (samples) => orNone(valuesOf(samples), pairs(valuesOf(samples)).filter(([one, two]) => two < one).length),
  increase,
  rate: (samples, from, to) => increase(samples, from, to) / ((to - from) / 1000),
  deriv: (samples) => {
    const values = valuesOf(samples);
    if (values.length < 2) return Number.NaN;
    if (new Set(values).size === 1) return 0;
    const seconds = samples.map(({ at }) => (at - samples[0]!.at) / 1000);
    const total = (of: (index: number) => number) => seconds.reduce((sofar, _, index) => sofar + of(index), 0);
    const [x, y] = [total((index) => seconds[index]!), total((index) => values[index]!)];
    const [xy, xx] = [total((index) => seconds[index]! * values[index]!), total((index) => seconds[index]! ** 2)];
    return (xy - (x * y) / values.length) / (xx - (x * x) / values.length);
  },
};

function valuesOf(samples: readonly Sample[]): readonly number[] {
  return samples.map(({ value }) => value);
}

function increase(samples: readonly Sample[], from: number, to: number): number {
  if (samples.length < 2) return Number.NaN;
  const [first, last] = [samples[0]!, samples.at(-1)!];
  const drops = pairs(valuesOf(samples)).filter(([one, two]) => two < one);
  const risen = drops.reduce((sofar, [before]) => sofar + before, last.value - first.value);
  const sampled = last.at - first.at;
  const step = sampled / (samples.length - 1);
  const reach = (gap: number) => (gap >= step * 1.1 ? step / 2 : gap);
  const toZero = risen > 0 ? sampled * (first.value / risen) : Number.POSITIVE_INFINITY;
  return risen * ((sampled + Math.min(reach(first.at - from), toZero) + reach(to - last.at)) / sampled);
}

it.each(Object.keys(RANGE_FUNCTIONS))(
  '%s is that of the samples in the range, whatever happened to the series',
  (name) => {
    fc.assert(
      fc.property(
        fc.array(moment, { minLength: 1, maxLength: 40 }),
        fc.integer({ min: -1, max: 42 * STEP }),
        fc.integer({ min: 0, max: 12 * STEP }),
        fc.integer({ min: 0, max: 40 }),
        (moments, from, length, forgotten) => {
          const series = new Series(LabelSet.of({ job: 'one' }));
          const samples: Sample[] = [];
          for (const [index, { kind, value }] of moments.entries()) {
            if (kind === 'sample') series.append(index * STEP, value);
            if (kind === 'sample') samples.push({ at: index * STEP, value });
            if (kind === 'end') series.end(index * STEP);
          }
          // A run that reaches beyond this moment is kept whole, so only ranges after it are asked for.
          series.forget(forgotten * STEP);
          const edges = {
            from: Math.max(from, forgotten * STEP - 1),
            to: Math.max(from, forgotten * STEP - 1) + length,
          };
          const inRange = samples.filter(({ at }) => at > edges.from && at <= edges.to);
          expect(RANGE_FUNCTIONS[name]!(series, edges)).toBe(REFERENCE[name]!(inRange, edges.from, edges.to));
        },
      ),
      { numRuns: 500 },
    );
  },
);

/** A value of each of two series at one moment, if it is there then; or nothing at all is written. */
const both = fc.oneof(
  { weight: 8, arbitrary: fc.tuple(...[0, 1].map(() => fc.constantFrom(undefined, 0.1, 0.1, 0.7, 3, 3))) },
  { weight: 1, arbitrary: fc.constant(null) },
);

it.each([...Object.keys(RANGE_FUNCTIONS), 'valueAt'])(
  '%s is that of the samples also for series that are written together, each now and then',
  (name) => {
    const selector = selectorsIn(parseExpression('one[6m]'))[0]!;
    const check = (moments: readonly (readonly (number | undefined)[] | null)[], part: number, length: number) => {
      const store = new SeriesStore([selector]);
      const samples: Sample[][] = [[], []];
      for (const [moment, values] of moments.entries()) {
        const at = moment * STEP;
        if (values === null) continue;
        const present = values.flatMap((value, index) =>
          value === undefined ? [] : { labels: LabelSet.of({ job: 'ab'[index]! }), value },
        );
        store.replace('one', at, present);
        store.forget(at);
        for (const [index, value] of values.entries()) if (value !== undefined) samples[index]!.push({ at, value });
      }
      // What is older than the range of the selector may be forgotten.
      const oldest = (moments.length - 1) * STEP - 6 * 60_000;
      const from = Math.max(oldest, Math.floor(part * (moments.length + 1) * STEP) - 1);
      const edges = { from, to: from + length };
      for (const series of store.select(selector)) {
        const index = 'ab'.indexOf(series.labels.get('job'));
        const own = samples[index]!;
        if (name === 'valueAt') {
          const last = own.findLast(({ at }) => at <= edges.to);
          const hasGap =
            last !== undefined &&
            moments.some((values, moment) => {
              const at = moment * STEP;
              return values !== null && values[index] === undefined && at > last.at && at <= edges.to;
            });
          const isKnown = last !== undefined && last.at > edges.to - LOOKBACK_MS && !hasGap;
          expect(series.valueAt(edges.to)).toBe(isKnown ? last.value : Number.NaN);
        } else {
          const inRange = own.filter(({ at }) => at > edges.from && at <= edges.to);
          expect(RANGE_FUNCTIONS[name]!(series, edges)).toBe(REFERENCE[name]!(inRange, edges.from, edges.to));
        }
      }
    };
    const lists = fc.array(both, { minLength: 1, maxLength: 40 });
    const part = fc.integer({ min: 0, max: 1000 }).map((thousandths) => thousandths / 1000);
    fc.assert(fc.property(lists, part, fc.integer({ min: 0, max: 12 * STEP }), check), { numRuns: 500 });
  },
);

it('series that begin together, maybe with one value, go on each by itself', () => {
  const values = fc.tuple(...[0, 1, 2].map(() => fc.constantFrom(0, -0, 1)));
  const paths = fc.array(values, { minLength: 1, maxLength: 90 });
  fc.assert(
    fc.property(paths, fc.nat(60), (path, forgotten) => {
      const moments = new SampleTimes();
      const together = [0, 1, 2].map(() => new Series(LabelSet.of({}), moments));
      const alone = [0, 1, 2].map(() => new Series(LabelSet.of({})));
      const all = [...together, ...alone];
      for (const [index, values] of path.entries()) {
        for (const [which, series] of all.entries()) series.append(index * STEP, values[which % 3]!);
        for (const series of all) series.forget((index - forgotten) * STEP);
        for (let back = 0; back <= Math.min(index, LOOKBACK_MS / STEP); back++) {
          const valuesAt = (series: Series) => series.valueAt((index - back) * STEP);
          expect(together.map(valuesAt)).toEqual(alone.map(valuesAt));
        }
      }
    }),
    { numRuns: 50 },
  );
});
