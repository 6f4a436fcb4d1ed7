import { expect, it } from 'vitest';
import { holdsSecret } from '../../src/wire/parse-work-item.ts';

it.each([
  ['a text', { secret: 'token' }, true],
  ['an empty text', { secret: '' }, true],
  ['anything else', { secret: 7 }, true],
  ['an unknown value', { id: 'work_1', secret: undefined }, true],
  ['null, as in a list', { id: 'work_1', secret: null }, false],
  ['no such field', { id: 'work_1' }, false],
  ['no object: null', null, false],
  ['no object: a text', 'secret', false],
  ['no object: nothing', undefined, false],
])('a row holds a secret or not: %s', (_what, row, holds) => {
  expect(holdsSecret(row)).toBe(holds);
});
