import { expect, it } from 'vitest';
import { listQuestions } from '../../../src/client/answers/list-questions.ts';

it('two questions have the same name where query and metadata keys are the same, in whatever order they are asked', () => {
  const nameOf = listQuestions('anthropic');
  const team = ['team'];
  const asked = [
    ['?limit=10', undefined],
    ['?limit=10', team],
    ['?limit=10', ['team']],
    ['?limit=10', ['tier']],
    ['?limit=20', team],
    ['?limit=10', team],
    ['?limit=10', undefined],
  ] as const;
  const names = asked.map(([query, keys]) => nameOf(query, keys));
  expect(names.map((name) => names.indexOf(name))).toEqual([0, 1, 1, 3, 4, 1, 0]);
  expect(listQuestions('other')('?limit=10')).not.toBe(names[0]);
});
