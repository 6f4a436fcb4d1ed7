import { expect, it } from 'vitest';
import { counted } from '../../src/base/counted.ts';

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
