import { expect, it } from 'vitest';
import { idsOf } from '../../src/scan/ids-of.ts';
import { buildItem } from '../support/states.ts';

const item = (id: string) => buildItem(id).item;
const LAST = item('z');
const BEFORE = [item('a'), item('b'), LAST];

it.each<[what: string, ids: string, same: boolean]>([
  ['the same ones', 'ab', true],
  ['another first', 'xb', false],
  ['two exchanged', 'ba', false],
  ['one twice', 'aa', false],
  ['one twice, and so the last', 'az', false],
  ['one more', 'xab', false],
  ['the same ones, and then another', 'abzq', false],
  ['one less', 'b', false],
  ['none but the last', '', false],
])('the ids of a page are those of its items, collected once for the same ones: %s', (_, ids, same) => {
  const before = idsOf(BEFORE);
  const page = [...[...ids].map(item), LAST];
  const found = idsOf(page);
  expect([...found]).toEqual([...new Set(page.map(({ id }) => id))]);
  expect(found === before).toBe(same);
});

it('a page without items has no ids', () => {
  expect([...idsOf([])]).toEqual([]);
});
