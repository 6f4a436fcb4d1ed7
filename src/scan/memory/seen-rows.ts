import type { EpochMs } from '../../base/clock.ts';
import { REMEMBERED_PAGES } from '../../client/answers/answer-memory.ts';
import type { WorkPage } from '../../client/work-api.ts';
import type { WorkItem } from '../../domain/work.ts';
import { lastTransition } from '../../lifecycle/ledger.ts';

/** The lowest W at which a stopped item is history. */
export function historyFrom(item: WorkItem, startedAtIsEnqueueStamp: boolean): EpochMs {
  return lastTransition({ ...item, enqueuedAt: startedAtIsEnqueueStamp ? item.startedAt : null });
}

/** What the rows of one page say apart from their heartbeats. */
export interface RowFacts {
  /** 0 if no row has a date. */
  readonly newestCreatedAt: EpochMs;
  /** No item stands in two rows. */
  readonly showsEachOnce: boolean;
  /** The rows that are not stopped. */
  readonly live: readonly number[];
  /** The lowest watermark W at which all the other rows are history. */
  readonly historyFrom: EpochMs;
}

/** A page that came again with the same rows. */
export class SeenPage {
  readonly facts: RowFacts;
  /** `TrackedItems.additions` when all rows were last looked at; -1 before. */
  #additions = -1;

  constructor(facts: RowFacts) {
    this.facts = facts;
  }

  /** All rows have been looked at. `additions` is that of `TrackedItems` now: no stopped item of the page is tracked. */
  markLookedAt(additions: number): void {
    this.#additions = additions;
  }

  /** Whether the rows that are not live are still history, as when all were looked at, and need no second look. */
  isHistoryStill(settledUntil: EpochMs, additions: number): boolean {
    return additions === this.#additions && settledUntil >= this.facts.historyFrom && this.facts.showsEachOnce;
  }
}

interface Remembered {
  readonly cursor: string | null;
  readonly sameRows: object;
  /** Null until the page comes again with the same rows, which hardly ever happens in a busy list. */
  seen: SeenPage | null;
}

/**
 * Knows which pages of a list have come again with the same rows. Most rows of most lists are history and never change,
 * so a scan need not look at them again.
 */
export class SeenRows {
  #pages: readonly Remembered[] = [];

  /**
   * Remembers the page and returns what is known of its rows; null if the last answer for this cursor had other rows.
   *
   * @param cursor of the page; null for the first
   */
  of(
    { items, sameRows }: Pick<WorkPage, 'items' | 'sameRows'>,
    cursor: string | null,
    startedAtIsEnqueueStamp: boolean,
  ): SeenPage | null {
    if (sameRows === undefined) return null;
    const known = this.#pages.find((page) => page.cursor === cursor);
    if (known?.sameRows === sameRows) {
      known.seen ??= new SeenPage(factsOf(items, startedAtIsEnqueueStamp));
      return known.seen;
    }
    const others = this.#pages.filter((page) => page !== known);
    this.#pages = [...others, { cursor, sameRows, seen: null }].slice(-REMEMBERED_PAGES);
    return null;
  }
}

function factsOf(items: WorkPage['items'], startedAtIsEnqueueStamp: boolean): RowFacts {
  const newestCreatedAt = items.reduce((newest, { createdAt }) => Math.max(newest, createdAt ?? 0), 0);
  return {
    newestCreatedAt,
    showsEachOnce: new Set(items.map(({ id }) => id)).size === items.length,
    live: items.flatMap(({ state }, row) => (state === 'stopped' ? [] : row)),
    historyFrom: items.reduce((from, item) => {
      return item.state === 'stopped' ? Math.max(from, historyFrom(item, startedAtIsEnqueueStamp)) : from;
    }, 0),
  };
}
