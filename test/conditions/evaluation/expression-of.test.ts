import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { shippedRules } from '../../../src/conditions/evaluation/compile-rules.ts';
import { expressionOf } from '../../../src/conditions/evaluation/expression-of.ts';
import { affectedQuery } from '../../../src/conditions/texts/affected-query.ts';
import { queryPatterns } from '../../../src/conditions/texts/query-patterns.ts';
import { parseTemplate } from '../../../src/conditions/texts/text-template.ts';
import type { Expr } from '../../../src/promql/syntax/expression.ts';
import { parseExpression } from '../../../src/promql/syntax/parse-expression.ts';
import { isAlert } from '../../../src/rules/parts/rule.ts';

const plain = (expr: Expr) => JSON.parse(JSON.stringify(expr, (_, one) => (one === Infinity ? 'infinite' : one)));
const rules = await shippedRules();

it.each(rules.map(({ rule, expr }) => ({ name: isAlert(rule) ? rule.alert : rule.record, text: rule.expr, expr })))(
  '$name has the expression that its text says',
  ({ text, expr }) => {
    expect(plain(expr)).toEqual(plain(parseExpression(text)));
  },
);

/** Each once, however many texts have it. */
const patterns = new Set(
  rules.flatMap(({ rule }) =>
    isAlert(rule)
      ? Object.values(rule.annotations).flatMap((text) =>
          [...text.matchAll(/printf `([^`]*)`[^`{}|]*\| query\b/g)].map(([, pattern]) => pattern!),
        )
      : [],
  ),
);

it.each([...patterns])('a text of a rule can ask %s, with whatever values', (pattern) => {
  for (const value of ['one', '', 'a "quoted" \\ one\n', '}) or vector(1)']) {
    const text = pattern.replaceAll('%q', () => JSON.stringify(value));
    expect(plain(expressionOf(text))).toEqual(plain(parseExpression(text)));
  }
});

it.each(rules.flatMap(({ rule }) => (isAlert(rule) ? (affectedQuery(rule, {}) ?? []) : [])))(
  'a condition can ask %s',
  (text) => {
    expect(plain(expressionOf(text))).toEqual(plain(parseExpression(text)));
  },
);

it('no other expression is known', () => {
  expect(() => expressionOf('vector(2)')).toThrow('an expression that no shipped rule has: vector(2)');
});

it.each([
  ['{{ `up` | query | first | value }}', 'a text of a rule asks something'],
  ['{{ if (printf $one | query) }}{{ end }}', 'a text of a rule asks something'],
])('no text of a rule may ask %s, which nobody knows before', (text, message) => {
  expect(() => queryPatterns(parseTemplate(text))).toThrow(message);
});

it('finds what a text asks in every block of it', () => {
  const asks = (name: string) => `(printf \`${name}\` $labels.job | query)`;
  const text = `{{ with ${asks('a')} }}{{ if gt ${asks('b')} 1 }}{{ else if ${asks('c')} }}{{ else }}{{ range $i, $one := ${asks('d')} }}{{ end }}{{ end }}{{ end }}`;
  expect(queryPatterns(parseTemplate(text))).toEqual(['a', 'b', 'c', 'd']);
});

it('has one line for each shape, so that a change of one rule is a change of one line', () => {
  const lines = readFileSync(
    join(import.meta.dirname, '../../../src/conditions/evaluation/parsed-expressions.json'),
    'utf8',
  )
    .split('\n')
    .slice(1, -2);
  expect(lines.length).toBe(Object.keys(JSON.parse(`{${lines.join('')}}`)).length);
});
