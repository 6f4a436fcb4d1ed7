import type { EpochMs } from '../../base/clock.ts';
import type { WorkPage } from '../../client/work-api.ts';
import { historyFrom } from '../../lifecycle/ledger.ts';

/** Remembered pages per list: as many as the most pages of a list that every scan reads whole. */
const MOST = 3;

/** What the rows of one page say, whatever their heartbeats are. */
export interface RowFacts {
  readonly ids: readonly string[];
  /** 0 if no row has a date. */
  readonly newestCreatedAt: EpochMs;
  /** No item stands in two rows. */
  readonly showsEachOnce: boolean;
  /** The rows that are not stopped. */
  readonly live: readonly number[];
  /** W from which on all of the others are history. */
  readonly historyFrom: EpochMs;
}

/** A page that came again with the same rows. */
export class SeenPage {
  readonly facts: RowFacts;
  /** How many items had become tracked when all rows were last looked at; -1: never. */
  #additions = -1;

  constructor(facts: RowFacts) {
    this.facts = facts;
  }

  /** All rows were looked at, and no stopped item of the page is tracked. */
  wasLookedAt(additions: number): void {
    this.#additions = additions;
  }

  /** Whether only the live rows can say anything: the others are history, as they were when all were looked at. */
  isHistoryStill(settledUntil: EpochMs, additions: number): boolean {
    return additions === this.#additions && settledUntil >= this.facts.historyFrom && this.facts.showsEachOnce;
  }
}

interface Remembered {
  readonly cursor: string | null;
  readonly sameRows: object;
  /** Null until it comes again: the rows of a busy list hardly ever do. */
  seen: SeenPage | null;
}

/**
 * The rows of the pages of one list that came again and again. Most rows of most lists are history, and never change.
 */
export class SeenRows {
  #pages: readonly Remembered[] = [];

  /** What is known of the rows of a page; null if they are not known to have come before. */
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
    this.#pages = [...others, { cursor, sameRows, seen: null }].slice(-MOST);
    return null;
  }
}

function factsOf(items: WorkPage['items'], startedAtIsEnqueueStamp: boolean): RowFacts {
  const ids = items.map(({ id }) => id);
  const newestCreatedAt = items.reduce((newest, { createdAt }) => Math.max(newest, createdAt ?? 0), 0);
  return {
    ids,
    newestCreatedAt,
    showsEachOnce: new Set(ids).size === ids.length,
    live: items.flatMap(({ state }, row) => (state === 'stopped' ? [] : row)),
    historyFrom: items.reduce((from, item) => {
      return item.state === 'stopped' ? Math.max(from, historyFrom(item, startedAtIsEnqueueStamp)) : from;
    }, 0),
  };
}
