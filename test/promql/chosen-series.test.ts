import { expect, it } from 'vitest';
import { vectorOf } from '../../src/promql/evaluate.ts';
import { LabelSet } from '../../src/promql/store/label-set.ts';
import { SeriesStore } from '../../src/promql/store/series-store.ts';
import { selectorsIn } from '../../src/promql/syntax/expression.ts';
import { parseExpression } from '../../src/promql/syntax/parse-expression.ts';

const RULE = `wanted{kind="a"} or wanted{kind!~"b|c", extra=""}`;

/** A store for the rule, with one value for each of these label sets. */
function storeOf(...series: readonly Readonly<Record<string, string>>[]) {
  const store = new SeriesStore(selectorsIn(parseExpression(RULE)));
  const write = (at: number, all: readonly Readonly<Record<string, string>>[]) =>
    store.replace(
      'wanted',
      at,
      all.map((values, value) => ({ labels: LabelSet.of(values), value })),
    );
  write(0, series);
  const ask = (text: string, at = 0) =>
    vectorOf(parseExpression(text), { store, at }).map(({ labels }) => labels.values);
  return { store, write, ask };
}

const [A1, A2, B, D, EXTRA] = [
  { kind: 'a', id: '1' },
  { kind: 'a', id: '2' },
  { kind: 'b', id: '1' },
  { kind: 'd', id: '2' },
  { kind: 'd', id: '3', extra: 'x' },
];

it('keeps what a selector of a rule chooses, and nothing else', () => {
  const { store, ask } = storeOf(A1, B, D, EXTRA);
  expect(ask('wanted')).toEqual([A1, D]);
  expect(store.seriesForAppend('wanted', LabelSet.of(EXTRA))).toBeNull();
  expect(store.seriesForAppend('unheard', LabelSet.of(A1))).toBeNull();
  expect([A1, B, D, EXTRA].map((values) => store.wants('wanted', LabelSet.of(values)))).toEqual([
    true,
    false,
    true,
    false,
  ]);
});

it.each<[string, readonly Readonly<Record<string, string>>[]]>([
  ['wanted', [A1, A2, D]],
  ['wanted{id="2"}', [A2, D]],
  ['wanted{id="2",kind="a"}', [A2]],
  ['wanted{kind="a",id=~"2|3"}', [A2]],
  ['wanted{id="9"}', []],
  ['wanted{extra=""}', [A1, A2, D]],
  ['wanted{id!="1"}', [A2, D]],
])('answers %s in the order in which the series came', (text, chosen) => {
  expect(storeOf(A1, B, A2, D).ask(text)).toEqual(chosen);
});

it('answers with series that came, and without those that it forgot, since the last question', () => {
  const { store, write, ask } = storeOf(A1);
  expect(ask('wanted{id="2"}')).toEqual([]);
  write(1000, [A1, A2]);
  expect([ask('wanted{id="2"}', 1000), ask('wanted{kind="a"}', 1000), ask(RULE, 1000)]).toEqual([
    [A2],
    [A1, A2],
    [A1, A2],
  ]);
  write(2000, [A2]);
  write(3000, [A2]);
  store.forget(2000 + 300_000);
  expect(store.size.series).toBe(2);
  store.forget(2001 + 300_000);
  expect(store.size.series).toBe(1);
  write(400_000, [D, A2]);
  expect([ask('wanted', 400_000), ask('wanted{id="1"}', 400_000)]).toEqual([[A2, D], []]);
});

it('gives each selector of a rule its own, whether they differ by label, operator, value or number of matchers', () => {
  const [AA, AB, BA] = [
    { kind: 'a', id: 'a' },
    { kind: 'a', id: 'b' },
    { kind: 'b', id: 'a' },
  ];
  const cases = [
    ['wanted{kind="a"}', [AA, AB]],
    ['wanted{id="a"}', [AA, BA]],
    ['wanted{kind!="a"}', [BA]],
    ['wanted{kind="b"}', [BA]],
    ['wanted{kind="a",id="a"}', [AA]],
    ['wanted', [AA, AB, BA]],
  ] as const;
  const rules = cases.map(([text]) => parseExpression(text));
  const store = new SeriesStore(rules.flatMap(selectorsIn));
  const samples = [AA, AB, BA].map((values) => ({ labels: LabelSet.of(values), value: 1 }));
  store.replace('wanted', 0, samples);
  const answers = rules.map((rule) => vectorOf(rule, { store, at: 0 }).map(({ labels }) => labels.values));
  expect(answers).toEqual(cases.map(([, chosen]) => chosen));
});
