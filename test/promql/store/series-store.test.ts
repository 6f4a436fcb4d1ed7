import { expect, it } from 'vitest';
import { LabelSet } from '../../../src/promql/store/label-set.ts';
import { SeriesStore } from '../../../src/promql/store/series-store.ts';
import { selectorsIn } from '../../../src/promql/syntax/expression.ts';
import { parseExpression } from '../../../src/promql/syntax/parse-expression.ts';

const MINUTE = 60_000;
const LABELS = ['', 'one', 'two', 'three'].flatMap((environment_id) =>
  ['stats', 'list'].map((operation) => LabelSet.of({ environment_id, operation, job: 'exporter' })),
);
const SELECTORS = [
  'up',
  'up{environment_id="one"}',
  'up{environment_id="one",operation="list"}',
  'up{operation="list",environment_id="two",job="exporter"}',
  'up{environment_id="nobody"}',
  'up{environment_id=""}',
  'up{environment_id!="one"}',
  'up{environment_id=~"one|two"}',
  'up{environment_id!~"t.*",operation="stats"}',
  'up{environment_id="one",environment_id!="one"}',
].map((text) => ({ text, selector: selectorsIn(parseExpression(text))[0]! }));

/** What a store without any index would find. */
function fitting(labels: readonly LabelSet[], { matchers }: (typeof SELECTORS)[number]['selector']): LabelSet[] {
  return labels.filter((one) => matchers.every(({ label, matches }) => matches(one.get(label))));
}

it.each(SELECTORS)('finds exactly the series that fit, as they come and go: $text', ({ selector }) => {
  const store = new SeriesStore([...SELECTORS.map((one) => one.selector)]);
  const found = () => store.select(selector).map(({ labels }) => labels);
  const samplesOf = (labels: readonly LabelSet[]) => labels.map((one) => ({ labels: one, value: 1 }));
  expect(found()).toEqual([]);
  store.replace('up', 0, samplesOf(LABELS.slice(0, 5)));
  expect(found()).toEqual(fitting(LABELS.slice(0, 5), selector));
  store.replace('up', MINUTE, samplesOf(LABELS));
  expect(found()).toEqual(fitting(LABELS, selector));
  const left = LABELS.filter((_, index) => index % 3 !== 0);
  for (const minute of [10, 20]) store.replace('up', minute * MINUTE, samplesOf(left));
  store.forget(20 * MINUTE);
  expect(found()).toEqual(fitting(left, selector));
});

it('finds series again that were forgotten while nothing was written, and ends those that do not come', () => {
  const { selector } = SELECTORS[0]!;
  const store = new SeriesStore([selector]);
  const shown = (at: number) =>
    store.select(selector).flatMap((one) => (Number.isNaN(one.valueAt(at)) ? [] : one.labels));
  const write = (at: number, labels: readonly LabelSet[]) =>
    store.replace(
      'up',
      at,
      labels.map((one) => ({ labels: one, value: 1 })),
    );
  const moments = [LABELS, LABELS, LABELS.slice(0, 4), LABELS.slice(2), [], LABELS.toReversed(), LABELS];
  for (const [index, labels] of moments.entries()) {
    // Longer than anything is kept.
    const at = index * 30 * MINUTE;
    write(at, labels);
    expect(new Set(shown(at))).toEqual(new Set(labels));
    write(at + MINUTE, labels);
    expect(new Set(shown(at + MINUTE))).toEqual(new Set(labels));
    store.forget(at + 20 * MINUTE);
    expect(store.size.series).toBe(0);
  }
});

it('has the value of each moment, though a sample may be the very object of another moment', () => {
  const { selector } = SELECTORS[0]!;
  const store = new SeriesStore([selector]);
  const [one, two] = [LABELS[0]!, LABELS[1]!];
  const [low, high, other] = [
    { labels: one, value: 1 },
    { labels: one, value: 2 },
    { labels: two, value: 3 },
  ];
  const changes = [[low], [high], [low], [low, other], [other], [low], [other, low], [other, low], [], [other, low]];
  // Longer than a value holds that is not written again.
  const moments = [...changes, ...Array.from({ length: 10 }, () => [other, low])];
  for (const [moment, samples] of moments.entries()) {
    const at = moment * MINUTE;
    store.replace('up', at, samples);
    for (const { labels } of [low, other]) {
      const value = samples.find((sample) => sample.labels === labels)?.value ?? Number.NaN;
      const series = store.select(selector).find((known) => known.labels === labels);
      expect(series?.valueAt(at) ?? Number.NaN, `${labels.get('operation')} at ${moment}`).toBe(value);
    }
  }
});

it.each([
  ['one after the other', { atOnce: 1, rounds: 3000, left: 1001 }],
  ['a thousand and a half at a time', { atOnce: 1500, rounds: 4, left: 3000 }],
  ['none, in an outage of all', { atOnce: 2500, rounds: 1, left: 2500 }],
])('of environments that came and went, the last are kept: %s', (_, { atOnce, rounds, left }) => {
  const { selector } = SELECTORS[0]!;
  const longest = selectorsIn(parseExpression('max_over_time(up[1d])'))[0]!;
  const store = new SeriesStore([selector, longest]);
  const labelsOf = (n: number) => LabelSet.of({ environment_id: `env_${n}` });
  for (let round = 0; round < rounds; round++) {
    const at = round * 1000;
    const samples = Array.from({ length: atOnce }, (__, n) => ({ labels: labelsOf(round * atOnce + n), value: 1 }));
    store.replace('up', at, samples);
    store.forget(at);
  }
  if (rounds === 1) store.replace('up', 1000, []);
  store.forget(rounds * 1000);
  const kept = store.select(longest).map(({ labels }) => labels.get('environment_id'));
  const last = rounds * atOnce;
  expect(new Set(kept)).toEqual(new Set(Array.from({ length: left }, (__, n) => `env_${last - left + n}`)));
});
