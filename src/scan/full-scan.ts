import { hash } from 'node:crypto';
import type { EpochMs } from '../base/clock.ts';
import type { WorkPage } from '../client/work-api.ts';

/** In which order the service lists items, by their creation. */
export type ListOrder = 'newest' | 'oldest' | 'none';

/** Stamps of neighbours may differ by this much in either direction: rows may be sorted by another stamp, or by their ids. */
const SLACK_MS = 1000;

export interface ScanStart {
  /** Monotonic. */
  readonly startedAt: number;
  /** The number of the read in which it began. */
  readonly startedInRead: number;
  /** How many rows had been left out for want of room. */
  readonly leftOutBefore: number;
  /** Something waits for its result: it goes as far as it may with each read. */
  readonly isUrgent: boolean;
}

/** A full scan under way: from the first page to the last, over several reads and over failures. */
export class FullScan {
  readonly start: ScanStart;
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
  #rises = false;
  #falls = false;

  constructor(start: ScanStart) {
    this.start = start;
  }

  /** The order that its pages have shown: of each page by itself, because rows move between two requests. */
  get order(): ListOrder {
    if (this.#rises === this.#falls) return 'none';
    return this.#falls ? 'newest' : 'oldest';
  }

  /** The next page was read. False: the scan goes on with the page of `cursor`. */
  endsWith({ items, nextPage, chainBroken }: WorkPage, mostPages: number): boolean {
    this.pages++;
    this.items += items.length;
    this.failures = 0;
    let [earliest, latest]: [EpochMs, EpochMs] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
    for (const { createdAt } of items) {
      if (createdAt === null) continue;
      if (createdAt > earliest + SLACK_MS) this.#rises = true;
      if (createdAt < latest - SLACK_MS) this.#falls = true;
      earliest = Math.min(earliest, createdAt);
      latest = Math.max(latest, createdAt);
    }
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
