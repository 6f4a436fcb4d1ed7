import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { AmbiguousMatchError } from '../../src/promql/binary.ts';
import { vectorOf } from '../../src/promql/evaluate.ts';
import { LabelSet } from '../../src/promql/store/label-set.ts';
import { SeriesStore } from '../../src/promql/store/series-store.ts';
import { selectorsIn } from '../../src/promql/syntax/expression.ts';
import { parseExpression } from '../../src/promql/syntax/parse-expression.ts';
import { LivePrometheus } from '../support/prometheus.ts';

const AT = 1_700_000_000;
const SERIES = [
  { id: 'env_1', key: 'old' },
  { id: 'api key, two words' },
  { key: 'other' },
] satisfies readonly Readonly<Record<string, string>>[];

function evaluated(text: string) {
  const expr = parseExpression(text);
  const store = new SeriesStore(selectorsIn(expr));
  store.replace(
    'some',
    AT * 1000,
    SERIES.map((labels, index) => ({ labels: LabelSet.of(labels), value: index + 1 })),
  );
  return vectorOf(expr, { store, at: AT * 1000 }).map(({ labels, value }) => ({ labels: labels.values, value }));
}

let prometheus: LivePrometheus;
beforeAll(async () => {
  const lines = SERIES.map((labels, index) => {
    const texts = Object.entries(labels).map(([name, value]) => `${name}=${JSON.stringify(value)}`);
    return `some{${texts.join(',')}} ${index + 1} ${AT}`;
  });
  const folder = mkdtempSync(join(tmpdir(), 'history-'));
  try {
    const history = join(folder, 'some.txt');
    writeFileSync(history, ['# TYPE some gauge', ...lines, '# EOF', ''].join('\n'));
    prometheus = await LivePrometheus.start({ history });
  } finally {
    rmSync(folder, { recursive: true });
  }
});
afterAll(async () => prometheus?.[Symbol.asyncDispose]());

it.each([
  'label_replace(some, "key", "$1", "id", "(.+)")',
  'label_replace(some, "key", "api_key", "id", ".+")',
  'label_replace(some, "key", "none", "id", "")',
  'label_replace(some, "key", "$1", "id", "env_(.*)")',
  'label_replace(some, "key", "$1", "id", "nv")',
  'label_replace(some, "key", "x-$1-$2", "id", "(e|a)(.)")',
  'label_replace(some, "key", "$2", "id", "(e)(.).*|(a).*")',
  'label_replace(some, "key", "", "key", "old")',
  `label_replace(some, 'key', '"$1"', 'id', "(env|api).*")`,
  'label_replace(some > 1, "new", "$1", "key", "(.*)")',
  'label_replace(last_over_time(some[1m]), "new", "$1", "id", "(.+)")',
])('gives what Prometheus gives: %s', async (text) => {
  const expected = (await prometheus.query(text, AT)).map(({ labels: { __name__, ...labels }, value }) => ({
    labels,
    value,
  }));
  const sorted = (samples: typeof expected) => samples.toSorted((one, other) => one.value - other.value);
  expect(expected.length).toBeGreaterThan(0);
  expect(sorted(evaluated(text))).toEqual(sorted(expected));
});

it('fails where Prometheus fails: two series would have the same labels', async () => {
  const text = 'label_replace(max by (id) (some), "id", "same", "id", ".*")';
  await expect(prometheus.query(text, AT)).rejects.toThrow(/same labelset/);
  expect(() => evaluated(text)).toThrow(AmbiguousMatchError);
});

it.each(['some + "text"', 'label_replace(some, "key", some, "id", ".*")'])('%s cannot be evaluated', (text) => {
  expect(() => evaluated(text)).toThrow(TypeError);
});
