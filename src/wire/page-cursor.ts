import type { ProviderPreset } from './presets.ts';
import type { JsonObject } from './read-value.ts';
import { WireError } from './wire-error.ts';

/** Marks a cursor that is the id of a page's last item and goes into `after_id` instead of `page`. */
const AFTER_ID = 'after_id:';

/** Longer than any real cursor, and short enough that a request line with it is accepted everywhere. */
const LONGEST_CURSOR = 4096;

/** What a page says about the one after it. */
export interface PageEnd {
  /** The cursor of the page after this one; null when there is none, or none that can be asked for. */
  readonly nextPage: string | null;
  /** Only where it is so: the page says that more follow, and not how to ask for them. What was read is not all. */
  readonly chainBroken?: true;
}

const LAST: PageEnd = { nextPage: null };
const BROKEN: PageEnd = { nextPage: null, chainBroken: true };

/**
 * Whether and how the pages go on. A cursor wins over whatever `has_more` says.
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

/** The query parameter that asks for the page of a cursor of `readPageEnd`. */
export function cursorParameter(
  cursor: string,
  paging: ProviderPreset['paging'],
): readonly [name: string, value: string] {
  const isId = paging === 'cursor-or-last-id' && cursor.startsWith(AFTER_ID);
  return isId ? ['after_id', cursor.slice(AFTER_ID.length)] : ['page', cursor];
}
