import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { namePattern, namePatternFault } from '../../src/base/name-pattern.ts';

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

  it('does as a regular expression does where both can', () => {
    const simple = fc
      .array(fc.constantFrom('*', '?', 'a', 'b', '/'), { maxLength: 8 })
      .filter((parts) => parts.filter((part) => part === '*').length <= 4);
    fc.assert(
      fc.property(simple, fc.stringMatching(/^[ab/]{0,8}$/), (parts, name) => {
        const expression = parts.join('').replaceAll('?', '[^]').replaceAll('*', '[^]*');
        expect(namePattern(parts.join(''))(name)).toBe(new RegExp(`^${expression}$`).test(name));
      }),
    );
  });
});

it('a name that nearly matches takes no time', () => {
  expect(namePattern('*a*a*a*b')('a'.repeat(128))).toBe(false);
  expect(namePattern('{a,b}'.repeat(50))('ab'.repeat(25))).toBe(true);
});

it.each([
  ['prod-*', null],
  ['{a,{b,c}d}e', null],
  ['{a}', null],
  ['[]x]', null],
  ['[a-]', null],
  ['\\[a', null],
  ['a]b}', null],
  ['[a', 'has a [ that no ] closes'],
  ['[]', 'has a [ that no ] closes'],
  ['{a', 'has a { that no } closes'],
  ['{a,{b,c}', 'has a { that no } closes'],
  ['a*b*c*d*e', null],
  ['a*b*c*d*e*', 'has more than 4 stars'],
  ['[z-a]', 'has the empty range z-a'],
  ['[a-\u001b]', 'has an empty range'],
  ['[\u202e-a]', 'has an empty range'],
])('%j: what is hardly meant', (pattern, what) => {
  expect(namePatternFault(pattern)?.what ?? null).toBe(what);
});
