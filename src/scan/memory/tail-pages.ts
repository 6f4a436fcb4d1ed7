import type { EpochMs } from '../../base/clock.ts';
import type { WorkPage } from '../../client/work-api.ts';
import { LATE_COMMIT_MS } from './high-water-mark.ts';
import { codesOf, RowCodes } from './row-codes.ts';

/**
 * No more pages and rows are kept, but always two pages: a list without dates would be kept whole. An hour's work of most
 * fleets fits; a list to which more is added within a minute is read anew to its end instead.
 */
const MOST_PAGES = 100;
const MOST_ROWS = 20_000;

export interface TailPage {
  readonly cursor: string | null;
  readonly firstCreatedAt: EpochMs | null;
  readonly rows: RowCodes;
}

/** The last pages of a list that grows at its end: those on which new items can appear, and one before them. */
export class TailPages {
  #pages: TailPage[] = [];

  /** The next page in order was read. `metUntil` is H. */
  add({ cursor, items }: Pick<WorkPage, 'items'> & { readonly cursor: string | null }, metUntil: EpochMs): void {
    // An empty page could not be recognized later.
    if (items.length === 0) return;
    // The first rows, because the page is recognized by the row that it begins with later.
    const page = { cursor, firstCreatedAt: items[0]!.createdAt, rows: new RowCodes(codesOf(items), 'first') };
    this.#pages = [...this.#pages.filter((known) => known.cursor !== cursor), page];
    this.prune(metUntil);
  }

  /** Forgets pages that are not needed once everything created up to `metUntil` was met. */
  prune(metUntil: EpochMs): void {
    // If cursors count items, removals at the start of the list shift all others forward: so the page before is kept, too.
    this.#pages = this.#pages.slice(Math.max(0, this.#startAt(metUntil) - 1)).slice(-MOST_PAGES);
    let rows = this.#pages.reduce((sum, page) => sum + page.rows.size, 0);
    while (rows > MOST_ROWS && this.#pages.length > 2) rows -= this.#pages.shift()!.rows.size;
  }

  /**
   * The last page whose first item is too old for a late commit to precede it, otherwise the first page; and the page
   * before it.
   */
  start(metUntil: EpochMs): { readonly page: TailPage | undefined; readonly before: TailPage | undefined } {
    const at = this.#startAt(metUntil);
    return { page: this.#pages[at], before: this.#pages[at - 1] };
  }

  /** Takes over what a full scan found at the end. */
  replace(found: TailPages): void {
    this.#pages = found.#pages;
  }

  forget(): void {
    this.#pages = [];
  }

  #startAt(metUntil: EpochMs): number {
    const largest = Math.max(...this.#pages.map(({ rows }) => rows.size));
    // Of a page with few items, all would soon have moved away.
    const isStart = (page: TailPage) => beginsEarly(page.firstCreatedAt, metUntil) && 2 * page.rows.size >= largest;
    return Math.max(0, this.#pages.findLastIndex(isStart));
  }
}

/** Whether no item that scans have not met can precede an item created at that time. */
export function beginsEarly(firstCreatedAt: EpochMs | null, metUntil: EpochMs): boolean {
  return firstCreatedAt !== null && firstCreatedAt <= metUntil - LATE_COMMIT_MS;
}
