import { hash } from 'node:crypto';
import type { EpochMs } from '../base/clock.ts';
import type { WorkPage } from '../client/work-api.ts';

/** A full scan under way: from the first page to the last, over several reads and over failures. */
export class FullScan {
  /** Monotonic. */
  readonly startedAt: number;
  /** The number of the read in which it began. */
  readonly startedInRead: number;
  /** Something waits for its result: it goes as far as it may with each read. */
  readonly isUrgent: boolean;
  /** Of the page to read next; in the end, of the last page. */
  cursor: string | null = null;
  pages = 0;
  /** Items on these pages. */
  items = 0;
  /** Failures of the next page in a row. */
  failures = 0;
  /** It has ended, but not at the end of the list. */
  truncated = false;
  /** A page led back to an earlier one, or said that more follow but not how to ask for them. */
  chainBroken = false;
  readonly #cursors = new Set<string>();
  /** The latest creation on the first page and on the last one so far. */
  #onFirst: EpochMs = 0;
  #onLast: EpochMs = 0;

  constructor(startedAt: number, startedInRead: number, isUrgent: boolean) {
    this.startedAt = startedAt;
    this.startedInRead = startedInRead;
    this.isUrgent = isUrgent;
  }

  /** Where the list has its newest items. */
  get order(): 'newest' | 'oldest' {
    return this.#onFirst >= this.#onLast ? 'newest' : 'oldest';
  }

  /** The next page was read. False: the scan goes on with the page of `cursor`. */
  endsWith({ items, nextPage, chainBroken }: WorkPage, mostPages: number): boolean {
    this.#onLast = items.reduce((latest, { createdAt }) => Math.max(latest, createdAt ?? 0), 0);
    if (this.pages++ === 0) this.#onFirst = this.#onLast;
    this.items += items.length;
    this.failures = 0;
    // Cursors may be as long as the service likes.
    const code = nextPage === null ? null : hash('sha1', nextPage, 'base64');
    this.chainBroken = chainBroken === true || (code !== null && this.#cursors.has(code));
    this.truncated = this.chainBroken || (nextPage !== null && this.pages >= mostPages);
    if (code === null || this.truncated) return true;
    this.#cursors.add(code);
    this.cursor = nextPage;
    return false;
  }
}
