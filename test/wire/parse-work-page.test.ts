import { beforeEach, describe, expect, it } from 'vitest';
import { Drift } from '../../src/wire/drift.ts';
import { cursorParameter } from '../../src/wire/page-cursor.ts';
import { parseSingleItem, parseWorkPage } from '../../src/wire/parse-work-page.ts';
import { placeOf, WORK } from './bodies.ts';

let seen: string[];
let drift: Drift;
beforeEach(() => {
  seen = [];
  drift = new Drift((kind) => seen.push(kind));
});

describe('items of another environment', () => {
  const context = { paging: 'cursor', drift: undefined as never, environmentId: 'env_1' } as const;
  const foreign = { ...WORK, id: 'sesn_x', environment_id: 'env_2' };

  it('are left out, and are drift', () => {
    const page = parseWorkPage({ data: [WORK, foreign, foreign], next_page: null }, { ...context, drift });
    expect(page.items.map(({ id }) => id)).toEqual(['sesn_1']);
    expect(seen).toEqual(['field', 'field']);
  });

  it('alone on a page are an answer to something else', () => {
    expect(placeOf(() => parseWorkPage({ data: [foreign] }, { ...context, drift }))).toBe('data');
    expect(placeOf(() => parseSingleItem(foreign, { ...context, drift }))).toBe('');
  });

  it('are not looked for where the service does not say', () => {
    const { environment_id: _, ...silent } = WORK;
    for (const row of [silent, { ...silent, environment_id: null }]) {
      expect(parseWorkPage({ data: [row] }, { ...context, drift }).items).toHaveLength(1);
      expect(parseSingleItem(row, { ...context, drift }).id).toBe('sesn_1');
    }
    expect(seen).toEqual([]);
  });
});

describe('parseWorkPage', () => {
  it('keeps the order, and the cursor even of an empty page', () => {
    const page = parseWorkPage(
      { data: [WORK, { ...WORK, id: 'sesn_2' }], next_page: null },
      { paging: 'cursor', drift, environmentId: 'env_1' },
    );
    expect(page.items.map(({ id }) => id)).toEqual(['sesn_1', 'sesn_2']);
    expect(page.nextPage).toBeNull();
    expect(
      parseWorkPage({ data: [], next_page: 'page_2' }, { paging: 'cursor', drift, environmentId: 'env_1' }),
    ).toEqual({
      items: [],
      nextPage: 'page_2',
    });
  });

  it('of a provider without last_id takes a cursor that looks like one as it is', () => {
    expect(cursorParameter('after_id:x', 'cursor')).toEqual(['page', 'after_id:x']);
  });

  it.each([
    ['', null],
    ['data', {}],
    ['data', { data: {} }],
    ['data[1]', { data: [WORK, null] }],
    ['data[1].created_at', { data: [WORK, { ...WORK, created_at: 'x' }] }],
    ['next_page', { data: [], next_page: 2 }],
    ['next_page', { data: [], next_page: 'x'.repeat(5000) }],
  ])('complains about %j', (place, body) => {
    expect(placeOf(() => parseWorkPage(body, { paging: 'cursor-or-last-id', drift, environmentId: 'env_1' }))).toBe(
      place,
    );
  });
});
