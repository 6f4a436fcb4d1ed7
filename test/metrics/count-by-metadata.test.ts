import { expect, it } from 'vitest';
import { countByMetadata } from '../../src/metrics/count-by-metadata.ts';
import { buildItem, buildItems } from '../support/states.ts';

function counts(values: readonly (string | null)[], maxValues: number): string[] {
  const live = values.map((value, index) =>
    buildItem(`w${index}`, value === null ? {} : { metadata: { team: value } }),
  );
  return countByMetadata(buildItems(live), { keys: ['team'], maxValues })
    .filter(({ state }) => state === 'queued')
    .map(({ value, count }) => `${value} ${count}`);
}

it('counts each value and leaves out items without the key', () => {
  expect(counts(['b', 'a', 'b', null], 5)).toEqual(['b 2', 'a 1']);
});

it('keeps the most frequent values and adds up the rest', () => {
  expect(counts(['a', 'b', 'b', 'c', 'd', 'd'], 2)).toEqual(['b 2', 'd 2', 'other 2']);
  expect(counts(['a', 'b'], 0)).toEqual(['other 2']);
});

it('adds a value that is really called other to the rest, instead of writing a series twice', () => {
  expect(counts(['other', 'other', 'a', 'b'], 1)).toEqual(['other 4']);
});

it('counts values together that are the same in UTF-8', () => {
  expect(counts(['\ud800', '\ud801'], 5)).toEqual(['\ufffd 2']);
});

it('counts a key once that is configured twice, and one that every object answers to not at all', () => {
  const items = buildItems([buildItem('a', { metadata: { team: 'x' } })]);
  const keys = ['team', 'team', 'constructor'];
  expect(countByMetadata(items, { keys, maxValues: 5 }).filter(({ count }) => count > 0)).toEqual([
    { state: 'queued', key: 'team', value: 'x', count: 1 },
  ]);
});
