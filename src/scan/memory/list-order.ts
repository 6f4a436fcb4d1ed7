import type { EpochMs } from '../../base/clock.ts';
import type { WorkItem } from '../../domain/work.ts';
import { codesOf, RowCodes } from './row-codes.ts';

/** The order in which the service lists items, as far as full scans have shown. */
export type ListOrder = 'unknown' | 'newest' | 'oldest' | 'none';

/** Finds out the order of a list from the `created_at` of consecutive pages. */
export class OrderCheck {
  #neverRises = true;
  #neverFalls = true;
  #last: EpochMs | null = null;
  /** The codes of the last page that showed rows beyond all pages before it. */
  #latest: Float64Array | null = null;
  /** The same, to be searched, once another page follows. */
  #previous: RowCodes | null = null;
  /**
   * The codes of the ids of the first and the last row of each page. A page whose rows were all read before, because they
   * have moved by more than a page, contains one of them: it is no shorter than the pages before it.
   */
  readonly #bounds = new Set<number>();
  readonly #begunAt: EpochMs;
  /** The date of the first row that has one. */
  #head: EpochMs | null = null;

  /** `begunAt` is the API's time when the first page was asked for, if the pages may be read over some time. */
  constructor(begunAt: EpochMs = Number.POSITIVE_INFINITY) {
    this.#begunAt = begunAt;
  }

  /** Tracks the order over one more page. Returns how many of its items no page before has shown. */
  follow(items: readonly WorkItem[]): number {
    if (!showsEachOnce(items)) return this.follow(eachOnce(items));
    this.#head ??= items.find(({ createdAt }) => createdAt !== null)?.createdAt ?? null;
    if (this.#latest !== null) this.#previous = new RowCodes(this.#latest, 'last');
    this.#latest = null;
    const codes = codesOf(items);
    const moved = this.#movedRows(codes);
    if (moved === 0 && this.#haveCome(items)) {
      this.#judge(items, { from: 0, to: items.length, last: null });
      return items.length;
    }
    // Rows that were read before and have moved are compared only with each other, whatever was read since.
    this.#judge(items, { from: 0, to: moved, last: null });
    this.#last = this.#judge(items, { from: moved, to: items.length, last: this.#last });
    if (codes.length > 0) this.#bounds.add(codes[0]!).add(codes.at(-1)!);
    if (moved === items.length) return 0;
    this.#latest = codes;
    const known = codes.subarray(0, moved).filter((code) => this.#previous!.has(code)).length;
    return items.length - known;
  }

  /**
   * Whether all rows of a page were added at the start of the list after the first page was read: if cursors count rows,
   * new rows push the others on and then stand where rows of the first page stood.
   */
  #haveCome(items: readonly WorkItem[]): boolean {
    const [head, begunAt] = [this.#head ?? 0, this.#begunAt];
    const isNew = ({ createdAt }: WorkItem) => createdAt !== null && createdAt >= head && createdAt >= begunAt;
    return this.#neverRises && this.#previous !== null && items.length > 0 && items.every(isNew);
  }

  /** How many rows at the start of a page were read before and have moved there: all, if they moved by more than a page. */
  #movedRows(codes: Float64Array): number {
    const previous = this.#previous;
    if (previous === null) return 0;
    const known = codes.findLastIndex((code) => previous.has(code));
    if (known >= 0) return known + 1;
    return codes.some((code) => this.#bounds.has(code)) ? codes.length : 0;
  }

  /** Compares each row with the one before it, the first with `last`. Returns the date of the last one. */
  #judge(items: readonly WorkItem[], { from, to, last }: { from: number; to: number; last: EpochMs | null }) {
    let before = last;
    for (let row = from; row < to; row++) {
      const { createdAt } = items[row]!;
      if (createdAt === null) continue;
      if (before !== null && createdAt > before) this.#neverRises = false;
      if (before !== null && createdAt < before) this.#neverFalls = false;
      before = createdAt;
    }
    return before;
  }

  keeps(order: 'newest' | 'oldest'): boolean {
    return order === 'newest' ? this.#neverRises : this.#neverFalls;
  }

  /** The order that a full scan has shown: docs/design/list-scan.md#learning-the-order. */
  shown({ pages, truncated }: { readonly pages: number; readonly truncated: boolean }): ListOrder {
    if (pages < 2) return 'unknown';
    // Without a single date there is no order to track.
    if (this.#last === null) return 'none';
    if (this.#neverRises) return 'newest';
    // Unless the end was reached, new items there cannot be found.
    return this.#neverFalls && !truncated ? 'oldest' : 'none';
  }
}

/** Pages of which it is known that no two rows show the same item: a page may come again. */
const EACH_ONCE = new WeakSet<readonly WorkItem[]>();

/**
 * Whether no two rows show the same item. An item has one date, so strictly rising or falling dates already prove it.
 */
function showsEachOnce(items: readonly WorkItem[]): boolean {
  let [rises, falls] = [true, true];
  for (let row = 1; row < items.length && (rises || falls); row++) {
    const change = dateOf(items[row]!) - dateOf(items[row - 1]!);
    rises &&= change > 0;
    falls &&= change < 0;
  }
  if (rises || falls || EACH_ONCE.has(items)) return true;
  if (eachOnce(items).length < items.length) return false;
  EACH_ONCE.add(items);
  return true;
}

function dateOf({ createdAt }: WorkItem): EpochMs {
  return createdAt ?? 0;
}

/** The first row of each item: a page may name one twice. */
function eachOnce(items: readonly WorkItem[]): readonly WorkItem[] {
  const ids = new Set<string>();
  return items.filter(({ id }) => ids.size < ids.add(id).size);
}
