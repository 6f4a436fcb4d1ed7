import { describe, expect, it } from 'vitest';
import { Drift } from '../../src/wire/drift.ts';
import { cursorParameter, type PageEnd, readPageEnd } from '../../src/wire/page-cursor.ts';
import { parseEnvironmentsPage } from '../../src/wire/parse-environments-page.ts';
import { parseWorkPage } from '../../src/wire/parse-work-page.ts';
import { PRESETS, PROVIDERS } from '../../src/wire/presets.ts';

const LAST = 'last' as const;
const BROKEN = 'broken' as const;
type Expected = typeof LAST | typeof BROKEN | readonly [parameter: string, value: string];

/** What the end of a page says, and what it means where ids lead on and where only cursors do. */
const SITUATIONS: readonly [end: Record<string, unknown>, withIds: Expected, cursorsOnly: Expected][] = [
  [{}, LAST, LAST],
  [{ next_page: null }, LAST, LAST],
  [{ next_page: '' }, LAST, LAST],
  [{ next_page: 'page_2' }, ['page', 'page_2'], ['page', 'page_2']],
  [{ next_page: null, has_more: false }, LAST, LAST],
  [{ next_page: null, has_more: null }, LAST, LAST],
  [{ has_more: false, last_id: 'work_1' }, LAST, LAST],
  [{ next_page: 'page_2', has_more: true, last_id: 'work_1' }, ['page', 'page_2'], ['page', 'page_2']],
  [{ next_page: 'page_2', has_more: false }, ['page', 'page_2'], ['page', 'page_2']],
  [{ has_more: true, last_id: 'work_1' }, ['after_id', 'work_1'], BROKEN],
  [{ next_page: null, has_more: true, last_id: 'work_1' }, ['after_id', 'work_1'], BROKEN],
  [{ has_more: true }, BROKEN, BROKEN],
  [{ next_page: null, has_more: true }, BROKEN, BROKEN],
  [{ next_page: '', has_more: true }, BROKEN, BROKEN],
  [{ next_page: null, has_more: true, last_id: null }, BROKEN, BROKEN],
  [{ next_page: null, has_more: true, last_id: '' }, BROKEN, BROKEN],
  [{ next_page: null, has_more: true, last_id: 7 }, BROKEN, BROKEN],
  [{ next_page: null, has_more: true, last_id: 'x'.repeat(5000) }, BROKEN, BROKEN],
  [{ next_page: null, has_more: 'true' }, BROKEN, BROKEN],
  [{ next_page: null, has_more: 1 }, BROKEN, BROKEN],
];

describe.each(PROVIDERS)('the end of a page of %s', (provider) => {
  const { paging } = PRESETS[provider];
  const drift = new Drift(() => {});
  const meaning = ({ nextPage, chainBroken }: PageEnd): Expected => {
    if (nextPage !== null) return cursorParameter(nextPage, paging);
    return chainBroken ? BROKEN : LAST;
  };

  it.each(SITUATIONS)('%j', (end, withIds, cursorsOnly) => {
    const expected = paging === 'cursor' ? cursorsOnly : withIds;
    expect(meaning(readPageEnd(end, paging))).toEqual(expected);
    expect(meaning(parseWorkPage({ data: [], ...end }, { paging: paging, drift, environmentId: 'env_1' }))).toEqual(
      expected,
    );
    expect(meaning(parseEnvironmentsPage({ data: [], ...end }, paging, drift))).toEqual(expected);
  });

  it.each([[2], [{}], [true], ['x'.repeat(5000)]])('with a next_page of %j is refused', (next) => {
    expect(() => readPageEnd({ next_page: next }, paging)).toThrow(/^next_page should be a cursor or null/);
  });
});
