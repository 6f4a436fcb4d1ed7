import { hash } from 'node:crypto';
import type { EpochMs } from '../base/clock.ts';
import type { WorkPage } from '../client/work-api.ts';
import type { WorkItem } from '../domain/work.ts';

/** In which order the service lists items, by their creation. */
export type ListOrder = 'newest' | 'oldest' | 'none';

/** Stamps of neighbours may differ by this much in either direction: rows may be sorted by another stamp, or by their ids. */
const SLACK_MS = 1000;
/** The pages at the end of a list that are remembered. */
const TAIL_PAGES = 10;

/** A page at the end of a list. */
export interface TailPage {
  readonly cursor: string | null;
  /** When its first item was created. */
  readonly firstAt: EpochMs | null;
}

/** The last pages of a list, one more included: those where new items appear if they come last. */
export function withTailPage(tail: readonly TailPage[], cursor: string | null, { items }: WorkPage): TailPage[] {
  if (items.length === 0) return [...tail];
  const others = tail.filter((page) => page.cursor !== cursor);
  return [...others, { cursor, firstAt: items[0]!.createdAt }].slice(-TAIL_PAGES);
}

/** How a full scan has ended. */
export interface ScanEnd {
  /** It did not reach the end of the list. */
  readonly truncated: boolean;
  /** Because a page led back to an earlier one, or said that more follow but not how to ask for them. */
  readonly chainBroken: boolean;
}

export interface ScanStart {
  /** How many had begun, this one included. */
  readonly number: number;
  /** Monotonic, and the API's time. */
  readonly startedAt: number;
  readonly startedAtApi: EpochMs;
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
  /** Of the page to read next. */
  cursor: string | null = null;
  pages = 0;
  /** Items on these pages. */
  items = 0;
  /** Failures of the next page in a row. */
  failures = 0;
  tail: TailPage[] = [];
  readonly #cursors = new Set<string>();
  #previous: ReadonlySet<string> = new Set();
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

  /** Whether pages contradict each other about the order. */
  get isUnordered(): boolean {
    return this.#rises && this.#falls;
  }

  /** The next page was read. Null: it goes on with the page of `cursor`. */
  add(page: WorkPage, mostPages: number): ScanEnd | null {
    const { items, nextPage } = page;
    const ids = new Set(items.map(({ id }) => id));
    // What has moved on since the last page is no further item.
    for (const id of ids) if (!this.#previous.has(id)) this.items++;
    this.#previous = ids;
    this.#judgeOrder(items);
    this.tail = withTailPage(this.tail, this.cursor, page);
    this.pages++;
    this.failures = 0;
    if (nextPage === null) {
      const chainBroken = page.chainBroken === true;
      return { truncated: chainBroken, chainBroken };
    }
    // Cursors may be as long as the service likes.
    const code = hash('sha1', nextPage, 'base64');
    if (this.#cursors.has(code)) return { truncated: true, chainBroken: true };
    if (this.pages >= mostPages) return { truncated: true, chainBroken: false };
    this.#cursors.add(code);
    this.cursor = nextPage;
    return null;
  }

  #judgeOrder(items: readonly WorkItem[]): void {
    let [earliest, latest] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
    for (const { createdAt } of items) {
      if (createdAt === null) continue;
      if (createdAt > earliest + SLACK_MS) this.#rises = true;
      if (createdAt < latest - SLACK_MS) this.#falls = true;
      earliest = Math.min(earliest, createdAt);
      latest = Math.max(latest, createdAt);
    }
  }
}
