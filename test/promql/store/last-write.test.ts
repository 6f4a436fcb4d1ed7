import fc from 'fast-check';
import { expect, it } from 'vitest';
import { LabelSet } from '../../../src/promql/store/label-set.ts';
import { LastWrite, type SampleColumns } from '../../../src/promql/store/last-write.ts';
import { Series } from '../../../src/promql/store/series.ts';
import { SeriesStore } from '../../../src/promql/store/series-store.ts';
import { selectorsIn } from '../../../src/promql/syntax/expression.ts';
import { parseExpression } from '../../../src/promql/syntax/parse-expression.ts';

const STEP = 30_000;
const SELECTORS = ['up{job="mine"}', 'last_over_time(up{job="mine"}[70s])'].flatMap((text) =>
  selectorsIn(parseExpression(text)),
);
const labelsOf = (host: string) => LabelSet.of({ job: host === 'unwanted' ? 'other' : 'mine', host });
/** A part of a scrape each, which has the same lines in all its variants, in another order or with one less. */
const PARTS = [['a', null, 'b', 'c'], ['d'], ['unwanted', 'e'], []];

const variant = (part: readonly (string | null)[]) =>
  fc
    .tuple(
      fc.shuffledSubarray([...part], { minLength: Math.max(0, part.length - 1) }),
      fc.constantFrom(0, 1, Number.NaN),
    )
    .map(([hosts, value]): SampleColumns => {
      return { labels: hosts.map((host) => (host === null ? null : labelsOf(host))), values: hosts.map(() => value) };
    });
/** Few variants, so that many are those of the moment before, where they were or elsewhere. */
const moments = fc
  .tuple(...PARTS.map((part) => fc.array(variant(part), { minLength: 1, maxLength: 2 })))
  .chain((variants) => {
    const moment = fc
      .tuple(...variants.map((some) => fc.constantFrom(...some)))
      .chain((columns) => fc.oneof(fc.constant(columns), fc.shuffledSubarray(columns)));
    return fc.array(fc.record({ columns: moment, holds: fc.integer({ min: 1, max: 4 }) }), { maxLength: 8 });
  });

/** What a store knows after each moment. */
function knownOf(runs: readonly { columns: readonly SampleColumns[]; holds: number }[], isShared: boolean) {
  const store = new SeriesStore(SELECTORS);
  const known: unknown[] = [];
  const copies = (columns: readonly SampleColumns[]) => columns.map((one) => ({ ...one }));
  let at = 0;
  for (const { columns, holds } of runs) {
    for (let turn = 0; turn < holds; turn++, at += STEP) {
      store.replaceColumns('up', at, isShared ? [...columns] : copies(columns));
      const series = store.select(SELECTORS[0]!);
      known.push(
        series.map((one) => [one.labels.get('host'), one.valueAt(at), one.lastValueIn(at - 70_000, at), one.size]),
      );
      known.push(
        SELECTORS.map((one) =>
          store.isUnchanged(one, one.rangeMs === null ? null : 'changes', { before: at - STEP, at }),
        ),
      );
      // Few moments are kept, so that series are forgotten and come back.
      store.forget(at + STEP);
    }
  }
  return known;
}

it('knows of a moment that has columns of the one before what it knows of one with the same samples in new ones', () => {
  fc.assert(
    fc.property(moments, (runs) => void expect(knownOf(runs, true)).toEqual(knownOf(runs, false))),
    { numRuns: 400 },
  );
});

it('looks only at the columns that are not those of the moment before', () => {
  const present = new LastWrite();
  const written: string[] = [];
  const writer = {
    getOrCreate: (labels: LabelSet) => series.find((one) => one.labels === labels) ?? null,
    append: (one: Series, value: number) => void written.push(`${one.labels.get('host')} ${value}`),
  };
  const series = ['a', 'b', 'c'].map((host) => new Series(labelsOf(host)));
  const [a, b, c] = ['a', 'b', 'c'].map((host) => ({ labels: [labelsOf(host)], values: [1] }));
  const again = { ...b!, values: [2] };
  const moments = [
    [a!, b!, c!],
    [a!, b!, c!],
    [a!, again, c!],
    [a!, again],
    [again, a!],
  ];
  const looked = moments.map((columns) => {
    const others = present.write(columns, writer);
    return [written.splice(0), others && [...others].map(({ labels }) => labels.get('host'))];
  });
  expect(looked).toEqual([
    [
      ['a 1', 'b 1', 'c 1'],
      ['a', 'b', 'c'],
    ],
    [[], null],
    [['b 2'], null],
    [[], ['a', 'b']],
    [
      ['b 2', 'a 1'],
      ['b', 'a'],
    ],
  ]);
});
