import { expect, it } from 'vitest';
import { counted, isNamePattern, namePattern, ONLY_SHOWN, shownText } from '../../src/base/text.ts';

it.each([
  ['prod', 'prod'],
  ['  two\r\nlines\t', 'two lines'],
  ['\u001b[31mred\u0007', '[31mred'],
  ['safe\u202Egnp.exe', 'safe gnp.exe'],
  ['a\u2066b\u2069c\u200Ed\u061Ce', 'a b c d e'],
  ['a\u2028b\u2029c', 'a b c'],
  ['a\u200Bb\uFEFFc', 'a b c'],
  ['tag\u{E0041}\u{E007F}', 'tag'],
  ['família 👩‍👩‍👧 東京 مرحبا', 'família 👩‍👩‍👧 東京 مرحبا'],
  ['\ud800', '\ufffd'],
  ['x'.repeat(1_000_000), 'x'.repeat(128)],
  ['🚀'.repeat(200), '🚀'.repeat(128)],
])('%j is shown as %j', (text, shown) => {
  expect(shownText(text)).toBe(shown);
  expect(ONLY_SHOWN.test(shown)).toBe(true);
});

it.each([
  [0, '0 environments'],
  [1, '1 environment'],
  [2, '2 environments'],
  [0.5, '0.5 environments'],
])('%d is %s', (count, words) => {
  expect(counted(count)).toBe(words);
});

it('takes the words of another noun, with what depends on its number', () => {
  const words = ['key is', 'keys are'] as const;
  expect([0, 1, 2].map((count) => counted(count, words))).toEqual(['0 keys are', '1 key is', '2 keys are']);
});

it.each([
  ['*', ['', 'prod', 'team/a/prod', '.hidden/.x', 'a\nb', '🚀'], []],
  ['team*prod', ['teamprod', 'team/a/prod', 'team prod'], ['team/a/prod2', 'xteamprod']],
  ['team?a', ['team/a', 'team.a', 'team🚀a'], ['teama', 'team//a']],
  ['a**b', ['ab', 'a/x/b'], ['a']],
  ['prod.(eu)+|^$', ['prod.(eu)+|^$'], ['prod.eu', 'prod']],
  ['!prod', ['!prod'], ['prod', 'test']],
  ['Prod', ['Prod'], ['prod']],
  ['*a*a*a*b', ['aaab'], ['a'.repeat(128)]],
])('%j matches whole names', (pattern, matching, others) => {
  const matches = namePattern(pattern);
  expect([...matching, ...others].filter(matches)).toEqual(matching);
});

it.each(['[a-c]', 'a]', '{a,b}', 'a}', '\\a', 'a*b*c*d*e*'])('%j is no pattern', (pattern) => {
  expect(isNamePattern(pattern)).toBe(false);
  // Whoever matches with it all the same gets an answer.
  expect(namePattern(pattern)(pattern)).toBe(true);
});
