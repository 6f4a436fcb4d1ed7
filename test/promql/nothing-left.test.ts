import { expect, it } from 'vitest';
import { evaluate } from '../../src/promql/evaluate.ts';
import { LabelSet } from '../../src/promql/store/label-set.ts';
import { SeriesStore } from '../../src/promql/store/series-store.ts';
import { type SelectExpr, selectorsIn } from '../../src/promql/syntax/expression.ts';
import { parseExpression } from '../../src/promql/syntax/parse-expression.ts';

/** Remembers which metrics it was asked for. */
class WatchedStore extends SeriesStore {
  readonly asked: string[] = [];

  override select(selector: SelectExpr) {
    this.asked.push(selector.name);
    return super.select(selector);
  }
}

const LABELS = LabelSet.of({ job: 'one' });

function evaluated(text: string) {
  const expr = parseExpression(text);
  const store = new WatchedStore(selectorsIn(expr));
  store.replace('some', 0, [{ labels: LABELS, value: 2 }]);
  return { result: evaluate(expr, { store, at: 0 }), asked: store.asked };
}

it.each([
  'none and on (job) some',
  'none unless on (job) some',
  'none > on (job) some',
  'none * on (job) group_left () some',
  'none + on (job) some',
  '(some > 3) and on (job) max by (job) (some)',
])('does not look at the right side where the left one has nothing: %s', (text) => {
  const { result, asked } = evaluated(text);
  expect(result).toEqual([]);
  expect(asked).toHaveLength(1);
});

it.each([
  ['none or on (job) some', 2],
  ['some unless on (job) none', 2],
  ['some and on (job) some', 2],
  ['0 * some', 0],
])('looks at both sides where both count: %s', (text, value) => {
  expect(evaluated(text).result).toEqual([{ labels: LABELS, value }]);
});
