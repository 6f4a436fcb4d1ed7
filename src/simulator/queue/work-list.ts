import { Rejection } from './rejection.ts';
import type { Switches } from './switches.ts';
import type { WorkRecord } from './work-record.ts';

export interface ListPage {
  readonly items: readonly WorkRecord[];
  /** Cursor of the page after this one; null after the last. */
  readonly nextPage: string | null;
  /** Whether there are more in the requested direction. */
  readonly hasMore: boolean;
}

export interface ListPageRequest {
  readonly limit: number;
  /** Cursor; null for the first page. */
  readonly page: string | null;
  /** The page ends before this item; it then says nothing about a next page. */
  readonly before?: WorkRecord | null;
}

const CURSOR_PREFIX = 'page_';

/**
 * All items of an environment in order of creation, and its pages.
 *
 * A cursor names the position of its page's last item, not a number of items to skip, so items that come or go during a
 * listing never cause others to be lost or repeated.
 */
export class WorkList {
  #bySeq: WorkRecord[] = [];

  /** In order of creation. */
  all(): readonly WorkRecord[] {
    return this.#bySeq;
  }

  /** Adds an item newer than all others. */
  append(work: WorkRecord): void {
    this.#bySeq.push(work);
  }

  /** Adds items older than all others, oldest first. */
  prepend(history: readonly WorkRecord[]): void {
    this.#bySeq = [...history, ...this.#bySeq];
  }

  remove(gone: ReadonlySet<WorkRecord>): void {
    this.#bySeq = this.#bySeq.filter((work) => !gone.has(work));
  }

  page(request: ListPageRequest, order: Switches['listOrder']): ListPage {
    const sorted = order === 'shuffled' ? this.#shuffled() : this.#bySeq;
    if (request.before) return pageBefore(sorted, request.before.seq, { limit: request.limit, order });
    const after = request.page === null ? null : decodeCursor(request.page, order);
    const items =
      order === 'newest'
        ? newestAfter(sorted, after, request.limit + 1)
        : oldestAfter(sorted, after, request.limit + 1, order);
    const more = items.length > request.limit;
    const shown = more ? items.slice(0, request.limit) : items;
    return { items: shown, nextPage: more ? encodeCursor(shown.at(-1)!.seq, order) : null, hasMore: more };
  }

  #shuffled(): WorkRecord[] {
    return this.#bySeq.toSorted((a, b) => positionOf(a.seq, 'shuffled') - positionOf(b.seq, 'shuffled'));
  }
}

/** The items immediately before a given one, in the list's order. */
function pageBefore(
  sorted: readonly WorkRecord[],
  before: number,
  { limit, order }: { readonly limit: number; readonly order: Switches['listOrder'] },
): ListPage {
  const index = firstAtLeast(sorted, positionOf(before, order), order);
  const earlier = order === 'newest' ? sorted.slice(index + 1).reverse() : sorted.slice(0, index);
  return { items: earlier.slice(-limit), nextPage: null, hasMore: earlier.length > limit };
}

function newestAfter(sorted: readonly WorkRecord[], after: number | null, count: number): WorkRecord[] {
  const end = after === null ? sorted.length : firstAtLeast(sorted, positionOf(after, 'newest'), 'newest');
  return sorted.slice(Math.max(0, end - count), end).reverse();
}

function oldestAfter(
  sorted: readonly WorkRecord[],
  after: number | null,
  count: number,
  order: Switches['listOrder'],
): WorkRecord[] {
  const start = after === null ? 0 : firstAtLeast(sorted, positionOf(after, order) + 0.5, order);
  return sorted.slice(start, start + count);
}

/** An item's position in the sorted list: its seq, or a scrambled one that matches no clock. */
function positionOf(seq: number, order: Switches['listOrder']): number {
  if (order !== 'shuffled') return seq;
  const mixed = Math.imul(seq ^ 0x5bd1e995, 0x9e3779b1);
  // Multiplication by an odd number is a bijection on 32 bits, so no two items share a position.
  return mixed >>> 0;
}

/** Index of the first item whose position is at least `position`: binary search. */
function firstAtLeast(sorted: readonly WorkRecord[], position: number, order: Switches['listOrder']): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (positionOf(sorted[middle]!.seq, order) < position) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** The cursor of the page after the item with this seq. */
export function encodeCursor(seq: number, order: Switches['listOrder']): string {
  return CURSOR_PREFIX + Buffer.from(`${order} ${seq}`).toString('base64url');
}

/** The seq that a cursor names. @throws Rejection 400 when the cursor is not one of this list. */
function decodeCursor(cursor: string, order: Switches['listOrder']): number {
  const [named, seq] = Buffer.from(cursor.replace(CURSOR_PREFIX, ''), 'base64url').toString().split(' ');
  const value = Number(seq);
  if (!cursor.startsWith(CURSOR_PREFIX) || named !== order || seq === undefined || !Number.isInteger(value)) {
    throw new Rejection(400, 'page: Invalid cursor');
  }
  return value;
}
