import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isNamePattern, namePattern } from '../../src/base/name-pattern.ts';

it.each([
  ['*', ['', 'prod', 'team/a/prod', '.hidden/.x', './a', '..', '/', 'a\nb', '🚀'], []],
  ['team*prod', ['teamprod', 'team/a/prod', 'team prod'], ['team/a/prod2', 'xteamprod']],
  ['team?a', ['team/a', 'team.a', 'team🚀a'], ['teama', 'team//a']],
  ['*/prod', ['a/prod', 'a/b/prod', '/prod'], ['prod', 'a/prod/']],
  ['{team,ops}/*', ['team/a/b', 'ops/'], ['other/a', 'team']],
  ['{a,{b,c}d}e', ['ae', 'bde', 'cde'], ['be', 'abde']],
  ['x{,y}', ['x', 'xy'], ['xyy']],
  ['env_[0-9a]', ['env_1', 'env_a'], ['env_b', 'env_12']],
  ['[!a]*', ['b/c', '/'], ['abc', '']],
  ['[^a]', ['b'], ['a']],
  ['[]x]', [']', 'x'], ['y']],
  ['[a-]', ['a', '-'], ['b']],
  ['a\\*', ['a*'], ['ab', 'a\\b']],
  ['prod (eu)', ['prod (eu)'], ['prod eu']],
  ['prod+eu|us', ['prod+eu|us'], ['prod+eu', 'proddeu']],
  ['!prod', ['!prod'], ['prod', 'test']],
  ['a**b', ['ab', 'a/x/b'], ['a']],
  ['', [''], ['a']],
  ['{a', [], ['{a', 'a']],
  ['a}', ['a}'], ['a']],
  ['a,b', ['a,b'], ['a', 'b']],
  ['Prod', ['Prod'], ['prod']],
])('%j', (pattern, matching, others) => {
  const matches = namePattern(pattern);
  expect(matching.filter((name) => !matches(name))).toEqual([]);
  expect(others.filter(matches)).toEqual([]);
});

describe('any pattern', () => {
  const piece = fc.constantFrom('*', '?', '[', ']', '{', '}', ',', '!', '-', '\\', 'a', 'b', '/', '.', '🚀');
  const text = fc.array(piece, { maxLength: 20 }).map((pieces) => pieces.join(''));

  it('any pattern can be read, and says of any name whether it matches', () => {
    fc.assert(fc.property(text, text, (pattern, name) => typeof namePattern(pattern)(name) === 'boolean'));
  });

  it('with a backslash before each character matches just itself', () => {
    fc.assert(
      fc.property(text, text, (literal, name) => {
        const escaped = Array.from(literal, (character) => `\\${character}`).join('');
        expect(namePattern(escaped)(literal)).toBe(true);
        expect(namePattern(escaped)(name)).toBe(name === literal);
      }),
    );
  });
});

it('a name that nearly matches takes no time', () => {
  expect(namePattern('*a*a*a*b')('a'.repeat(128))).toBe(false);
  expect(namePattern('{a,b}'.repeat(50))('ab'.repeat(25))).toBe(true);
});

it.each(['prod-*', '{a,{b,c}d}e', '{a}', '[]x]', '[a-]', '\\[a', 'a]b}', 'a*b*c*d*e'])('%j is a pattern', (pattern) => {
  expect(isNamePattern(pattern)).toBe(true);
});

it.each(['[a', '[]', '{a', '{a,{b,c}', 'a*b*c*d*e*', '[z-a]', '[\u202e-a]'])('%j is none', (pattern) => {
  expect(isNamePattern(pattern)).toBe(false);
});
