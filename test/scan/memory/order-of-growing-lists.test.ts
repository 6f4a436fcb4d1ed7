import { describe, expect, it } from 'vitest';
import { orderOf } from './order-of.ts';

describe('the order of a list that grows while it is read', () => {
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
});
