import type { ProviderPreset } from './presets.ts';
import type { JsonObject } from './read-value.ts';
import { WireError } from './wire-error.ts';

/** Marks a cursor that is the id of a page's last item and goes into `after_id` instead of `page`. */
const AFTER_ID = 'after_id:';

/** Longer than any real cursor, and short enough that a request line with it is accepted everywhere. */
const LONGEST_CURSOR = 4096;

/**
 * The cursor of the page after this one, or null after the last.
 *
 * @throws WireError when the body says that there is a next page, and not how to ask for it
 */
export function readNextPage(body: JsonObject, paging: ProviderPreset['paging']): string | null {
  const { next_page: next, has_more: hasMore, last_id: lastId } = body;
  if (next !== null && next !== undefined && next !== '') {
    if (typeof next === 'string' && next.length <= LONGEST_CURSOR) return next;
    throw new WireError('next_page', 'a cursor or null', next);
  }
  if (paging === 'cursor' || hasMore !== true) return null;
  if (typeof lastId !== 'string' || lastId === '' || lastId.length > LONGEST_CURSOR) {
    throw new WireError('last_id', 'an id, because has_more is true', lastId);
  }
  return AFTER_ID + lastId;
}

/** The query parameter that asks for the page of a cursor of `readNextPage`. */
export function cursorParameter(
  cursor: string,
  paging: ProviderPreset['paging'],
): readonly [name: string, value: string] {
  const isId = paging === 'cursor-or-last-id' && cursor.startsWith(AFTER_ID);
  return isId ? ['after_id', cursor.slice(AFTER_ID.length)] : ['page', cursor];
}
