import { expect, it } from 'vitest';
import { countByMetadata } from '../../../src/metrics/measures/count-by-metadata.ts';
import { buildItem, buildItems, NOW } from '../../support/states.ts';

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
  expect(counts(['other', 'other', 'a', 'b'], 1)).toEqual(['a 1', 'other 3']);
  expect(counts(['other', 'a'], 1)).toEqual(['a 1', 'other 1']);
});

it('counts values together that are the same in UTF-8', () => {
  expect(counts(['\ud800', '\ud801'], 5)).toEqual(['\ufffd 2']);
});

it('cuts long values, and counts those together that are the same then', () => {
  const long = '\u{1f600}'.repeat(128);
  expect(counts([`${long}a`, `${long}b`, long], 5)).toEqual([`${long} 3`]);
  expect(counts(['x'.repeat(5000)], 5)).toEqual([`${'x'.repeat(128)} 1`]);
});

it('shows a value at 0 that has a place, and never more values than the configuration now allows', () => {
  const places = new Map([
    [
      'team',
      new Map([
        ['a', NOW],
        ['b', NOW],
        ['other', NOW],
      ]),
    ],
  ]);
  const items = buildItems([buildItem('w', { metadata: { team: 'b' } })], { shownMetadata: places });
  const shown = (maxValues: number) =>
    countByMetadata(items, { keys: ['team'], maxValues })
      .filter(({ state }) => state === 'queued')
      .map(({ value, count }) => `${value} ${count}`);
  expect(shown(2)).toEqual(['b 1', 'a 0', 'other 0']);
  expect(shown(1)).toEqual(['b 1', 'other 0']);
});

it('counts a key once that is configured twice, and one that every object answers to not at all', () => {
  const items = buildItems([buildItem('a', { metadata: { team: 'x' } })]);
  const keys = ['team', 'team', 'constructor'];
  expect(countByMetadata(items, { keys, maxValues: 5 }).filter(({ count }) => count > 0)).toEqual([
    { state: 'queued', key: 'team', value: 'x', count: 1 },
  ]);
});
