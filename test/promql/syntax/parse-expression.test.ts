import { expect, it } from 'vitest';
import { parseExpression } from '../../../src/promql/syntax/parse-expression.ts';

it.each([
  'a * ignoring (b) c',
  'a * on (b) group_left (d) c',
  'a * on (b) group_right (d) c',
  'a % c',
  'sum without (b) (a)',
  'quantile(0.5, a)',
])('reads no expression that it would evaluate wrongly: %s', (text) => {
  expect(() => parseExpression(text)).toThrow(/cannot be evaluated/);
});

it.each(['a * on (b) group_left () c', 'a * on (b) group_right () c', 'sum by (b) (a)'])('reads %s', (text) => {
  expect(() => parseExpression(text)).not.toThrow();
});

it.each([
  ['at the beginning', '# why\na and b'],
  ['behind a parenthesis', 'a and (# why\nb)'],
  ['between operands', 'a # why (not\nand # so\nb'],
])('skips a comment %s', (_where, text) => {
  expect(parseExpression(text)).toEqual(parseExpression('a and b'));
});

it('skips a comment among arguments and in an aggregation', () => {
  expect(parseExpression('max by (x) (# why\nclamp_min(# why\na, # why\n1))')).toEqual(
    parseExpression('max by (x) (clamp_min(a, 1))'),
  );
});
