import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { vectorOf } from '../../src/promql/evaluate.ts';
import { isUnchanged, readsOf } from '../../src/promql/is-unchanged.ts';
import { LabelSet } from '../../src/promql/store/label-set.ts';
import { SeriesStore } from '../../src/promql/store/series-store.ts';
import { selectorsIn } from '../../src/promql/syntax/expression.ts';
import { parseExpression } from '../../src/promql/syntax/parse-expression.ts';

const STEP = 30_000;
const FUNCTIONS = ['last_over_time', 'max_over_time', 'min_over_time', 'sum_over_time', 'avg_over_time'].concat([
  'count_over_time',
  'changes',
  'resets',
  'increase',
  'rate',
  'deriv',
]);
const EXPRESSIONS = [
  'one',
  'one offset 1m',
  'one offset 20s',
  'one{job="a"} > 2',
  'absent(one)',
  'max by (job) (one) unless on (job) other',
  'one - on (job) other',
  'one + time()',
  'clamp_min(vector(time()), 1) unless on () one',
  ...FUNCTIONS.flatMap((name) => [`${name}(one[2m])`, `${name}(one[45s])`, `${name}(one[1m] offset 50s)`]),
].map((text) => ({ text, expr: parseExpression(text) }));

/** What a moment brings: a number for some of the series of each family, or a scrape that fails. */
const value = fc.constantFrom(undefined, 0.1, 0.1, 0.1, 0.1, 3);
const scrape = fc.record({ one: fc.tuple(value, value), other: fc.tuple(value, value), failed: fc.boolean() });
/** Most moments are like the one before, or nothing would ever be still. */
type Scrape = typeof scrape extends fc.Arbitrary<infer T> ? T : never;
const scrapes = fc.array(fc.record({ scrape, holds: fc.integer({ min: 1, max: 12 }) }), { maxLength: 6 });

/**
 * An expression is evaluated at every moment or every fourth. A recorded series that it reads is perhaps written more rarely
 * than that, up to every five minutes, or at the same moment, but later.
 */
const order = fc.record({
  every: fc.constantFrom(1, 1, 4),
  writes: fc.constantFrom(1, 1, 1, 2, 4, 9, 10),
  isAhead: fc.boolean(),
});
type Order = typeof order extends fc.Arbitrary<infer T> ? T : never;

/** The moments of a gap have results, too, which are no longer those of the scrapes around it. */
const NONE = { one: [undefined, undefined], other: [undefined, undefined] } satisfies Partial<Scrape>;
const EVALUATED_IN_A_GAP: { scrape: Scrape; holds: number }[] = [
  { scrape: { ...NONE, one: [0.1, 0.1], failed: false }, holds: 1 },
  { scrape: { ...NONE, failed: true }, holds: 4 },
  { scrape: { ...NONE, one: [0.1, 0.1], failed: false }, holds: 1 },
];

function samplesOf(values: readonly (number | undefined)[]) {
  return values.flatMap((one, index) =>
    one === undefined ? [] : { labels: LabelSet.of({ job: 'ab'[index]! }), value: one },
  );
}

describe('what is said to be unchanged', () => {
  it.each(EXPRESSIONS)('has the result that it had: $text', ({ text, expr }) => {
    let said = 0;
    const check = (
      { every, writes, isAhead }: Order,
      runs: readonly { readonly scrape: Scrape; readonly holds: number }[],
    ) => {
      const store = new SeriesStore(selectorsIn(expr));
      let known: { readonly at: number; readonly result: unknown } | null = null;
      const moments = runs.flatMap(({ scrape, holds }) => Array.from({ length: holds }, () => scrape));
      for (const [moment, { one, other, failed }] of moments.entries()) {
        const at = moment * STEP;
        const write = () => {
          if (failed || moment % writes !== 0) return;
          store.replace('one', at, samplesOf(one));
          store.replace('other', at, samplesOf(other));
        };
        if (!isAhead) write();
        if (moment % every !== 0) {
          if (isAhead) write();
          continue;
        }
        const result = vectorOf(expr, { store, at });
        if (known !== null && isUnchanged(readsOf(expr), { store, before: known.at, at })) {
          said++;
          expect(result, `at ${moment}`).toEqual(known.result);
        }
        known = { at, result };
        if (isAhead) write();
        store.forget(at);
      }
    };
    fc.assert(fc.property(order, scrapes, check), {
      numRuns: 200,
      examples: [[{ every: 1, writes: 1, isAhead: false }, EVALUATED_IN_A_GAP]],
    });
    // Time never stands still.
    if (text.includes('time()')) expect(said).toBe(0);
    else expect(said).toBeGreaterThan(10);
  });
});
