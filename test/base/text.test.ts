import fc from 'fast-check';
import { expect, it } from 'vitest';
import { counted, ONLY_SHOWN, shownText } from '../../src/base/text.ts';

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
});

it('whatever comes in, what is shown is short, on one line and in one direction', () => {
  const strange = fc.constantFrom('\u202E', '\n', '\u0000', '\ud800', '\u2066', '🚀', 'a', ' ');
  fc.assert(
    fc.property(fc.array(fc.oneof(strange, fc.string({ unit: 'binary' })), { maxLength: 60 }), (parts) => {
      const shown = shownText(parts.join(''));
      expect(Array.from(shown).length).toBeLessThanOrEqual(128);
      expect(shown).not.toMatch(/[\p{Cc}\p{Zl}\p{Zp}\p{Bidi_Control}]/u);
      expect(shown.isWellFormed()).toBe(true);
      expect(shown === '' || ONLY_SHOWN.test(shown)).toBe(true);
    }),
  );
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
