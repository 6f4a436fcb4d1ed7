import { describe, expect, it } from 'vitest';
import type { WorkItem } from '../../src/domain/work.ts';
import { type ListOrder, OrderCheck } from '../../src/scan/list-order.ts';
import { buildItem } from '../support/states.ts';

/** An item with the id and the date of this number. */
function created(at: number): WorkItem {
  return buildItem(`work_${at}`, { createdAt: at }).item;
}

function orderOf(pages: readonly (readonly number[])[], begunAt?: number): { order: ListOrder; items: number } {
  const check = new OrderCheck(begunAt);
  const items = pages.map((page) => check.follow(page.map(created))).reduce((sum, fresh) => sum + fresh, 0);
  return { order: check.shown({ pages: pages.length, truncated: false }), items };
}

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

  it.each([
    {
      when: 'whole pages of rows that came since',
      pages: [[90, 80], [104, 103], [102, 101], [90, 80], [70]],
      order: 'newest',
      items: 7,
    },
    {
      when: 'such a page, and one that mixes them with the first',
      pages: [
        [90, 80],
        [103, 102],
        [101, 90],
        [80, 70],
      ],
      order: 'newest',
      items: 5,
    },
    {
      when: 'such a page that is in no order itself',
      pages: [[90, 80], [101, 102], [90, 80], [70]],
      order: 'none',
      items: 5,
    },
    {
      when: 'rows that are newer than the first and came before',
      pages: [[90, 80], [95, 94], [70]],
      order: 'none',
      items: 5,
    },
    {
      when: 'rows that came at the end',
      pages: [
        [70, 80],
        [90, 101],
        [102, 103],
      ],
      order: 'oldest',
      items: 6,
    },
    {
      when: 'such rows in no order',
      pages: [
        [70, 80],
        [102, 103],
        [100, 101],
      ],
      order: 'none',
      items: 6,
    },
    {
      when: 'rows that came since and have moved on',
      pages: [[110], [110], [108]],
      order: 'newest',
      items: 2,
    },
    {
      when: 'new rows that rise and are no newer than the first',
      pages: [[110, 108], [104, 103], [107, 106], [90]],
      order: 'none',
      items: 7,
    },
  ])('is $order when pages that are read over some time show $when', ({ pages, order, items }) => {
    expect(orderOf(pages, 100)).toEqual({ order, items });
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
