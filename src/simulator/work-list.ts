import { Rejection } from './rejection.ts';
import type { Switches } from './switches.ts';
import type { WorkRecord } from './work.ts';

export interface ListPage {
  readonly items: readonly WorkRecord[];
  /** Cursor of the page after this one; null after the last. */
  readonly nextPage: string | null;
}

export interface ListPageRequest {
  readonly limit: number;
  /** Cursor; null for the first page. */
  readonly page: string | null;
}

type Order = Switches['listOrder'];

const CURSOR_PREFIX = 'page_';

/**
 * A page of all items, which come in order of creation. A cursor names the position of its page's last item, not a
 * number of items to skip, so items that come or go during a listing never cause others to be lost or repeated.
 *
 * @throws Rejection 400 when the cursor is not one of this list
 */
export function pageOf(items: readonly WorkRecord[], { limit, page }: ListPageRequest, order: Order): ListPage {
  const ordered =
    order === 'newest'
      ? items.toReversed()
      : order === 'oldest'
        ? items
        : items.toSorted((one, other) => positionOf(one.seq, order) - positionOf(other.seq, order));
  const firstFrom = (position: number) => {
    const index = ordered.findIndex(({ seq }) => positionOf(seq, order) >= position);
    return index === -1 ? ordered.length : index;
  };
  const start = page === null ? 0 : firstFrom(positionOf(decodeCursor(page, order), order) + 0.5);
  const shown = ordered.slice(start, start + limit);
  const hasMore = start + limit < ordered.length;
  return { items: shown, nextPage: hasMore ? encodeCursor(shown.at(-1)!.seq, order) : null };
}

/** An item's position in the list: by its seq, or a scrambled one that matches no clock. */
function positionOf(seq: number, order: Order): number {
  if (order === 'oldest') return seq;
  if (order === 'newest') return -seq;
  // Multiplication by an odd number is a bijection on 32 bits, so no two items share a position.
  return Math.imul(seq ^ 0x5bd1e995, 0x9e3779b1) >>> 0;
}

/** The cursor of the page after the item with this seq. */
export function encodeCursor(seq: number, order: Order): string {
  return CURSOR_PREFIX + Buffer.from(`${order} ${seq}`).toString('base64url');
}

function decodeCursor(cursor: string, order: Order): number {
  const [named, seq] = Buffer.from(cursor.replace(CURSOR_PREFIX, ''), 'base64url').toString().split(' ');
  const value = Number(seq);
  if (!cursor.startsWith(CURSOR_PREFIX) || named !== order || seq === undefined || !Number.isInteger(value)) {
    throw new Rejection(400, 'page: Invalid cursor');
  }
  return value;
}
