import {
  CLOSE_ARRAY,
  CLOSE_OBJECT,
  COLON,
  COMMA,
  endOfString,
  endOfValue,
  hasEscape,
  MOST_LEVELS,
  OPEN_ARRAY,
  OPEN_OBJECT,
  skipSpace,
} from './json-bytes.ts';

/** Where the items of a page stand in its bytes. */
export interface PageSpans {
  /** After the `[` of the items, and at its `]`. */
  readonly opened: number;
  readonly closed: number;
  /** Start and end of each item, one after the other. */
  readonly items: readonly number[];
}

/** What the previous page tells about a page. */
export interface KnownPage {
  /** The end of the item that begins at `start` if it is known; 0 if it has to be looked for. */
  readonly endOf: (start: number) => number;
  /** The number of items to allocate memory for; there may be more. */
  readonly likelyItems: number;
}

const NOTHING_KNOWN: KnownPage = { endOf: () => 0, likelyItems: 0 };

/**
 * Finds the items of a page without parsing it: the objects in its array `data`. Null for anything unusual, valid or
 * not, which is left to a parser.
 *
 * What it finds is JSON if and only if each item is, and the page without its items.
 */
export function pageSpans(page: Buffer, known = NOTHING_KNOWN): PageSpans | null {
  let found: PageSpans | null = null;
  let at = skipSpace(page, 0);
  if (page[at] !== OPEN_OBJECT) return null;
  do {
    const key = skipSpace(page, at + 1);
    const keyEnd = endOfString(page, key);
    // The key may be `data`, spelled with an escape.
    if (keyEnd === 0 || hasEscape(page, key, keyEnd)) return null;
    at = skipSpace(page, keyEnd);
    if (page[at] !== COLON) return null;
    at = skipSpace(page, at + 1);
    if (page.toString('latin1', key, keyEnd) === '"data"') {
      // `JSON.parse` would take the last of two arrays.
      if (found !== null) return null;
      found = itemsAt(page, at, known);
      if (found === null) return null;
      at = found.closed + 1;
    } else {
      at = endOfValue(page, at, MOST_LEVELS);
      if (at === 0) return null;
    }
    at = skipSpace(page, at);
  } while (page[at] === COMMA);
  return page[at] === CLOSE_OBJECT ? found : null;
}

function itemsAt(page: Buffer, array: number, { endOf, likelyItems }: KnownPage): PageSpans | null {
  if (page[array] !== OPEN_ARRAY) return null;
  const opened = array + 1;
  let at = skipSpace(page, opened);
  if (page[at] === CLOSE_ARRAY) return { opened, closed: at, items: [] };
  // Allocated at once: a growing array is copied again and again.
  const items = new Array<number>(2 * likelyItems);
  let length = 0;
  for (;;) {
    if (page[at] !== OPEN_OBJECT) return null;
    const end = endOf(at) || endOfValue(page, at, MOST_LEVELS);
    if (end === 0) return null;
    items[length++] = at;
    items[length++] = end;
    at = skipSpace(page, end);
    if (page[at] === CLOSE_ARRAY) {
      items.length = length;
      return { opened, closed: at, items };
    }
    if (page[at] !== COMMA) return null;
    at = skipSpace(page, at + 1);
  }
}
