import { describe, expect, it } from 'vitest';
import { AmbiguousMatchError } from '../../src/promql/binary.ts';
import { evaluate } from '../../src/promql/evaluate.ts';
import { LabelSet } from '../../src/promql/store/label-set.ts';
import { SeriesStore } from '../../src/promql/store/series-store.ts';
import { selectorsIn } from '../../src/promql/syntax/expression.ts';
import { parseExpression } from '../../src/promql/syntax/parse-expression.ts';

/** Two series of each: those of `one` differ in a label that those of `other` have, too. */
function evaluated(text: string) {
  const expr = parseExpression(text);
  const store = new SeriesStore(selectorsIn(expr));
  for (const [name, factor] of [
    ['one', 1],
    ['other', 10],
  ] as const) {
    const samples = ['a', 'b'].map((side, index) => {
      return { labels: LabelSet.of({ job: 'j', side }), value: factor * (index + 1) };
    });
    store.replace(name, 0, samples);
  }
  return evaluate(expr, { store, at: 0 });
}

describe('an operation whose sides do not match one to one', () => {
  it.each([
    ['several on the right', 'max by (job) (one) + on (job) other'],
    ['several on the left', 'one + on (job) max by (job) (other)'],
    ['several on both sides', 'one > on (job) other'],
    ['several on the side that is to have one', 'one * on (job) group_left () other'],
    ['the same, the other way round', 'one * on (job) group_right () other'],
  ])('fails, as in Prometheus: %s', (_, text) => {
    expect(() => evaluated(text)).toThrow(AmbiguousMatchError);
  });

  it.each([
    ['one to one', 'one + on (job, side) other', [11, 22]],
    ['by all labels', 'one + other', [11, 22]],
    ['many to one', 'one * on (job) group_left () max by (job) (other)', [20, 40]],
    ['one to many', 'max by (job) (one) * on (job) group_right () other', [20, 40]],
    ['a filter that leaves one of several', 'one > on (job) (max by (job) (other) / 15)', [2]],
  ])('gives each its value where they do: %s', (_, text, values) => {
    const result = evaluated(text);
    expect(typeof result === 'number' ? result : result.map(({ value }) => value)).toEqual(values);
  });
});

describe('what an expression looks back at', () => {
  it('is kept until it is older than the offset of a selector reaches', () => {
    const expr = parseExpression('one offset 1h');
    const store = new SeriesStore(selectorsIn(expr));
    const labels = LabelSet.of({ job: 'j' });
    for (let at = 0; at <= 7_200_000; at += 60_000) {
      store.replace('one', at, [{ labels, value: at / 60_000 }]);
      store.forget(at);
      const result = evaluate(expr, { store, at });
      expect(result).toEqual(at < 3_600_000 ? [] : [{ labels, value: at / 60_000 - 60 }]);
    }
  });
});
