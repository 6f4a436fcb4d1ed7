import fc from 'fast-check';
import { expect, it } from 'vitest';
import { holdsAny } from '../../../src/config/file/holds-any.ts';

it.each([1, 3])('finds what a search for each word of at least %d characters finds', (shortest) => {
  const short = fc.string({ unit: fc.constantFrom('a', 'b', 'ü'), minLength: 1, maxLength: 6 });
  const texts = fc.string({ unit: fc.constantFrom('a', 'b', 'ü'), maxLength: 12 });
  fc.assert(
    fc.property(fc.array(short, { maxLength: 30 }), fc.array(texts), (words, all) => {
      const holds = holdsAny(words, { shortest });
      for (const text of all)
        expect(holds(text)).toBe(words.some((word) => word.length >= shortest && text.includes(word)));
    }),
  );
});

it('does not search in texts that are shorter than every word', () => {
  const asked: string[] = [];
  const words = Array.from({ length: 50 }, (_, index) => `word-${index}-${'x'.repeat(20)}`);
  const holds = holdsAny(words, { shortest: 1 });
  const text = Object.assign(Object.create(null), {
    length: 20,
    includes: (word: string) => asked.push(word) < 0,
    slice: (from: number) => `${asked.push(`slice ${from}`)}`,
  }) as string;
  expect(holds(text)).toBe(false);
  expect(asked).toEqual([]);
  expect(holds(`a ${words[7]} b`)).toBe(true);
});
