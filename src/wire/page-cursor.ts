import type { ProviderPreset } from './presets.ts';
import type { JsonObject } from './read-value.ts';
import { WireError } from './wire-error.ts';

/** Marks a cursor that is the id of a page's last item; it is sent as `after_id` instead of `page`. */
const AFTER_ID = 'after_id:';

/** Longer than any real cursor, yet short enough that every server accepts a request line that contains it. */
const LONGEST_CURSOR = 4096;

/** What a page says about the next one. */
export interface PageEnd {
  /** The cursor of the next page; null when there is none, or none that can be asked for. */
  readonly nextPage: string | null;
  /** Only set if the page says that more follow, but not how to ask for them. Then the list was not read to its end. */
  readonly chainBroken?: true;
}

const LAST: PageEnd = { nextPage: null };
const BROKEN: PageEnd = { nextPage: null, chainBroken: true };

/**
 * Whether the list goes on, and how to ask for the next page. A cursor wins, whatever `has_more` says.
 *
 * @throws WireError for a `next_page` that is neither text nor null
 */
export function readPageEnd(body: JsonObject, paging: ProviderPreset['paging']): PageEnd {
  const { next_page: next, has_more: hasMore, last_id: lastId } = body;
  if (next !== null && next !== undefined && next !== '') {
    if (typeof next === 'string' && next.length <= LONGEST_CURSOR) return { nextPage: next };
    throw new WireError('next_page', 'a cursor or null', next);
  }
  if (hasMore === undefined || hasMore === null || hasMore === false) return LAST;
  const isId = typeof lastId === 'string' && lastId !== '' && lastId.length <= LONGEST_CURSOR;
  return paging === 'cursor-or-last-id' && isId ? { nextPage: AFTER_ID + lastId } : BROKEN;
}

/** The query parameter for a cursor of `readPageEnd`. */
export function cursorParameter(
  cursor: string,
  paging: ProviderPreset['paging'],
): readonly [name: string, value: string] {
  const isId = paging === 'cursor-or-last-id' && cursor.startsWith(AFTER_ID);
  return isId ? ['after_id', cursor.slice(AFTER_ID.length)] : ['page', cursor];
}
