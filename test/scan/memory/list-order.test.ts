import { describe, expect, it } from 'vitest';
import { OrderCheck } from '../../../src/scan/memory/list-order.ts';
import { buildItem } from '../../support/states.ts';
import { orderOf } from './order-of.ts';

/** Pages of a list whose cursors count rows, while new items come before them. */
const MOVED: readonly [string, readonly (readonly number[])[], number][] = [
  ['not at all', [[90, 80, 70], [60, 50, 40], [30]], 7],
  ['by less than a page', [[90, 80, 70], [80, 70, 60], [50]], 5],
  [
    'by a page',
    [
      [90, 80, 70],
      [90, 80, 70],
      [60, 50],
    ],
    5,
  ],
  ['by more than a page', [[90, 80, 70], [60, 50, 40], [80, 70, 60], [50, 40, 30], [20]], 8],
  [
    'by more than a page, and again',
    [
      [90, 80, 70],
      [60, 50, 40],
      [80, 70, 60],
      [70, 60, 50],
      [40, 30, 20],
    ],
    8,
  ],
  ['by several pages', [[90, 80, 70], [60, 50, 40], [30, 20, 15], [90, 80, 70], [60, 50, 40], [30, 20, 15], [10]], 10],
  ['beside a row that became visible late', [[90, 80, 70], [75, 70, 60], [50]], 6],
  [
    'by more than a page, with such a row among them',
    [[90, 80, 70], [60, 50, 40], [80, 75, 70], [60, 50, 40], [30]],
    7,
  ],
];

describe('the order of a list', () => {
  it.each(MOVED)('is newest first when rows have moved on %s between two pages', (_, pages, items) => {
    expect(orderOf(pages)).toEqual({ order: 'newest', items });
  });

  it.each(MOVED)('is oldest first when rows have moved on %s between two pages', (_, pages, items) => {
    const upwards = pages.map((page) => page.map((at) => 1000 - at));
    expect(orderOf(upwards)).toEqual({ order: 'oldest', items });
  });

  it.each<[string, readonly (readonly number[])[]]>([
    ['rows that rise and fall', [[90, 70, 80], [60]]],
    [
      'pages that are sorted by themselves only',
      [
        [90, 50, 20],
        [80, 40, 10],
        [70, 30],
      ],
    ],
    [
      'a row behind the rows that moved',
      [
        [90, 80, 70],
        [80, 70, 95],
      ],
    ],
    [
      'rows that moved and are out of order',
      [
        [90, 80, 70],
        [60, 50, 40],
        [80, 90, 70],
      ],
    ],
    [
      'a row out of order after a page of rows that moved',
      [[90, 80, 70], [60, 50, 40], [90, 80, 70], [60, 50, 40], [45]],
    ],
  ])('is none with %s', (_, pages) => {
    expect(orderOf(pages).order).toBe('none');
  });

  it('is not broken by a page that names an item twice, and counts the item once', () => {
    expect(orderOf([[90, 80, 90], [70]])).toEqual({ order: 'newest', items: 3 });
    expect(orderOf([[90, 80, 80, 70], [60]])).toEqual({ order: 'newest', items: 4 });
    expect(orderOf([[70, 80, 80], [90]])).toEqual({ order: 'oldest', items: 3 });
  });

  it('counts rows once that have moved on from a page with more rows than were asked for', () => {
    const down = (from: number, to: number) => Array.from({ length: from - to }, (_, row) => from - row);
    expect(orderOf([down(5000, 3500), down(3510, 3400)])).toEqual({ order: 'newest', items: 1600 });
  });

  it.each([
    ['first', [null, 80, 70]],
    ['last', [90, 80, null]],
    ['only', [null]],
  ])('counts an item once that a page names twice where the %s row has no date', (_, dates) => {
    const page = dates.map((createdAt, row) => buildItem(`work_${row}`, { createdAt }).item);
    expect(new OrderCheck().follow([...page, page[0]!])).toBe(page.length);
    expect(new OrderCheck().follow([page.at(-1)!, ...page])).toBe(page.length);
  });
});
