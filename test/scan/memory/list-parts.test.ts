import { describe, expect, it } from 'vitest';
import { isPageDue, type ListPart, ListParts } from '../../../src/scan/memory/list-parts.ts';
import { buildItem } from '../../support/states.ts';

/** Seconds between scans, until a page is too old, and pages of a scan's share. */
const [EVERY, WITHIN, SHARE] = [30, 300, 10];

/** The parts ahead: pages, and seconds since they were read. */
type Ahead = ReadonlyArray<readonly [pages: number, age: number]>;

function isDue(ahead: Ahead, { read = 0, most = SHARE }: { read?: number; most?: number } = {}): boolean {
  const parts = ahead.map(([pages, age]): ListPart => ({ pages, readAt: -age, end: null }));
  return isPageDue(parts, { now: 0, withinMs: WITHIN, intervalMs: EVERY, mostPages: most, readPages: read });
}

const DUE: ReadonlyArray<{ when: string; ahead: Ahead; read?: number; due: boolean }> = [
  { when: 'a scan half an interval late still reads it in time', ahead: [[1, 255]], due: false },
  { when: 'a scan half an interval late reads it too late', ahead: [[1, 256]], due: true },
  { when: 'it begins more pages than two scans may read', ahead: [[21, 225]], due: true },
  { when: 'it begins as many pages as two scans may read', ahead: [[20, 225]], due: false },
  {
    when: 'too many pages stand before a later part',
    ahead: [
      [5, 200],
      [26, 195],
    ],
    due: true,
  },
  {
    when: 'few enough stand before a later part',
    ahead: [
      [5, 200],
      [25, 195],
    ],
    due: false,
  },
  { when: 'it has got too old', ahead: [[4, 301]], due: true },
  { when: 'the scan has read its share and the next one reads it too late', read: SHARE, ahead: [[4, 256]], due: true },
  { when: 'the scan has read its share and more pages follow', read: SHARE, ahead: [[40, 225]], due: false },
  { when: 'the scan has read its share and it has got too old', read: SHARE, ahead: [[4, 301]], due: false },
  { when: 'nothing is ahead', ahead: [], due: false },
  { when: 'nothing is ahead and the scan has read its share', read: SHARE, ahead: [], due: false },
];

describe('the next page of a full scan', () => {
  it.each(DUE)('is due: $due, when $when', ({ ahead, read = 0, due }) => {
    expect(isDue(ahead, { read })).toBe(due);
  });

  it('is due for its own sake alone if a scan may read any number of pages', () => {
    const most = Number.POSITIVE_INFINITY;
    expect(isDue([[1000, 255]], { most })).toBe(false);
    expect(isDue([[1000, 256]], { most })).toBe(true);
  });
});

/** Reads pages as "90 80 @3": rows whose ids begin with their date, `-` one without, and when the page was asked for. */
function read(parts: ListParts, pages: string, order: 'newest' | 'oldest' = 'newest'): ListParts {
  for (const page of pages.split('/')) {
    const [rows, askedAt] = page.split('@');
    const items = [...rows!.matchAll(/\S+/g)].map(([id]) => {
      return buildItem(id, { createdAt: id.startsWith('-') ? null : Number.parseInt(id, 10) }).item;
    });
    parts.add({ items, askedAt: Number(askedAt) }, { order, togetherMs: 3 });
  }
  return parts;
}

/** "2 pages to 60 @0" for each part. */
function partsOf(parts: readonly ListPart[]): string[] {
  return parts.map(({ pages, readAt, end }) => `${pages} to ${end?.id ?? 'nowhere'} @${readAt}`);
}

describe('the parts of a list', () => {
  it('are pages that one full scan asked for at about the same time', () => {
    const parts = read(new ListParts([]), '90 80 @0 / 70 60 @3 / 50 40 @4 / 30 @30');
    expect(partsOf(parts.read)).toEqual(['2 to 60 @0', '1 to 40 @4', '1 to 30 @30']);
  });

  it('hold pages without a date together with those around them, and count them as old as the first', () => {
    const parts = read(new ListParts([]), '-a @0 / 90 -b @30 / @60 / -c @90 / 20 @120');
    expect(partsOf(parts.read)).toEqual(['4 to 90 @0', '1 to 20 @120']);
  });
});

const BEFORE = {
  newest: read(new ListParts([]), '90 80 @0 / 70 60b @1 / 60a 40 @30 / 30 20 @60').read,
  oldest: read(new ListParts([]), '20 30 @0 / 40 60a @1 / 60b 70 @30 / 80 90 @60', 'oldest').read,
};

describe('what a full scan has still to read of the parts of the last one', () => {
  it.each([
    { when: 'nothing has changed', pages: '90 80 @100 / 70 60b @101', left: ['1 to 40 @30', '1 to 20 @60'] },
    { when: 'a page of a part was read', pages: '90 80 @100', left: ['1 to 60b @0', '1 to 40 @30', '1 to 20 @60'] },
    {
      when: 'new items came',
      pages: '99 98 @100 / 90 80 @101 / 70 65 @102',
      left: ['1 to 60b @0', '1 to 40 @30', '1 to 20 @60'],
    },
    { when: 'its last row stands further up', pages: '70 60b @100', left: ['1 to 40 @30', '1 to 20 @60'] },
    {
      when: 'its last row stands in the middle of a page',
      pages: '60b 60a @100',
      left: ['1 to 40 @30', '1 to 20 @60'],
    },
    {
      when: 'its last row has left',
      pages: '90 80 @100 / 70 60a @101',
      left: ['1 to 60b @0', '1 to 40 @30', '1 to 20 @60'],
    },
    {
      when: 'its last row has left, and those of its date',
      pages: '90 80 @100 / 70 50 @101',
      left: ['1 to 40 @30', '1 to 20 @60'],
    },
    { when: 'a part has left with all its rows', pages: '90 80 @100 / 35 30 @101', left: ['1 to 20 @60'] },
    {
      when: 'the end of the list has moved',
      pages: '90 60b @100 / 60a 40 @101 / 30 20 @102 / 10 5 @103',
      left: ['1 to 20 @60'],
    },
    {
      when: 'a page has no date',
      pages: '90 80 @100 / -a @101 / 70 65 @102',
      left: ['1 to 60b @0', '1 to 40 @30', '1 to 20 @60'],
    },
    {
      when: 'the order is the other one',
      order: 'oldest' as const,
      pages: '20 30 @100',
      left: ['1 to 60a @0', '1 to 70 @30', '1 to 90 @60'],
    },
    {
      when: 'rows have left in the other order',
      order: 'oldest' as const,
      pages: '30 65 @100',
      left: ['1 to 70 @30', '1 to 90 @60'],
    },
    {
      when: 'items came in the other order',
      order: 'oldest' as const,
      pages: '60b 70 @100 / 80 90 @101 / 91 @102',
      left: ['1 to 90 @60'],
    },
  ])('is known when $when', ({ order = 'newest' as const, pages, left }) => {
    const parts = read(new ListParts(BEFORE[order]), pages, order);
    // Behind it stands what this full scan has read itself: the next one reads it again.
    expect(partsOf(parts.ahead)).toEqual([...left, ...partsOf(parts.read)]);
  });
});
