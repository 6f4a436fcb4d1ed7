import { expect, it } from 'vitest';
import {
  type CompactExpr,
  compactOf,
  expressionFrom,
  placeholder,
  shapeOf,
} from '../../../src/promql/syntax/compact-expression.ts';
import type { Expr } from '../../../src/promql/syntax/expression.ts';
import { parseExpression } from '../../../src/promql/syntax/parse-expression.ts';

/** What of an expression can be compared: all but the functions of its matchers. */
const plain = (expr: Expr) => JSON.parse(JSON.stringify(expr, (_, one) => (one === Infinity ? 'infinite' : one)));

/** As a file gives it back. */
const kept = (expr: Expr) => JSON.parse(JSON.stringify(compactOf(expr))) as CompactExpr;

it.each([
  '1',
  '-0.5',
  'Inf',
  'time() - a',
  `a{b='c', d!='e', f=~'g|h', i!~'k.*'}`,
  'a[5m] offset 1h',
  `rate(a{b='c'}[2m5s])`,
  'sum by (b, a) (c)',
  'topk(3, a)',
  'a and on (b) c or d unless e',
  'a > bool 3',
  'a * on (b) group_left () c',
  'a * on (b) group_right () c',
])('is the same when it comes back: %s', (text) => {
  const expr = parseExpression(text);
  const back = expressionFrom(kept(expr), []);
  expect(plain(back)).toEqual(plain(expr));
  // The same names are the same list: results are cached by it.
  if (expr.kind === 'aggregate' && back.kind === 'aggregate') expect(back.by).toBe(expr.by);
  if (expr.kind === 'binary' && back.kind === 'binary') expect(back.on).toBe(expr.on);
});

it.each<[operator: string, fits: readonly string[], not: readonly string[]]>([
  ['=', ['a|b'], ['a', 'b', '']],
  ['!=', ['a', 'b', ''], ['a|b']],
  ['=~', ['a', 'b'], ['a|b', 'ab', '']],
  ['!~', ['a|b', 'ab', ''], ['a', 'b']],
])('gets a value of its shape for a matcher with %s', (operator, fits, not) => {
  const compact = kept(parseExpression(`x{other="${'\\u00001'}",one${operator}"${'\\u00000'}"}`));
  const [other, one] = matchersOf(expressionFrom(compact, ['a|b', 'second']));
  expect(other).toMatchObject({ label: 'other', equals: 'second' });
  expect(one!.equals).toBe(operator === '=' ? 'a|b' : null);
  for (const value of fits) expect(one!.matches(value), value).toBe(true);
  for (const value of not) expect(one!.matches(value), value).toBe(false);
});

function matchersOf(expr: Expr) {
  if (expr.kind !== 'select') throw new TypeError(expr.kind);
  return expr.matchers;
}

it('has placeholders that a text can hold', () => {
  const [matcher] = matchersOf(parseExpression(`x{one=${JSON.stringify(placeholder(12))}}`));
  expect(matcher!.value).toBe(placeholder(12));
});

it.each<[text: string, shape: string, values: readonly string[]]>([
  ['a', 'a', []],
  ['a{b="c"} > on (d) e{f=~"g|h"}', 'a{b=""} > on (d) e{f=~""}', ['c', 'g|h']],
  [`a{b='c', d="e"}`, `a{b='c', d=""}`, ['e']],
  ['a{b="", c="d\\"}{\\\\"}', 'a{b="", c=""}', ['', 'd"}{\\']],
])('the shape of %s is without its values', (text, shape, values) => {
  expect(shapeOf(text)).toEqual({ shape, values });
});
