import { expect, it } from 'vitest';
import { listRequestNames } from '../../../src/client/answers/list-request-names.ts';

it('two questions have the same name where query and metadata keys are the same, in whatever order they are asked', () => {
  const nameOf = listRequestNames('anthropic');
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
  expect(listRequestNames('other')('?limit=10')).not.toBe(names[0]);
});
