import type { EpochMs } from '../../base/clock.ts';
import { REMEMBERED_PAGES } from '../../client/answers/answer-memory.ts';
import type { OrderCheck } from './list-order.ts';
import type { ListPart, ListParts } from './list-parts.ts';
import type { TailPages } from './tail-pages.ts';

/** A list of up to this many pages is read whole each time: the answers for all of them are remembered. */
export const WHOLE_PAGES = REMEMBERED_PAGES;

/** A full scan that has begun and not ended; it continues where it stopped, over scans and failures. */
export interface FullScanProgress {
  /** How many full scans of the list had begun, this one included. */
  readonly number: number;
  /** API time, and monotonic milliseconds, when it began. */
  readonly startedAt: EpochMs;
  readonly startedMonotonic: number;
  /** Number of the scan in which it began. */
  readonly startedInScan: number;
  /** Cursor of the page to read next. */
  readonly nextCursor: string | null;
  /** Pages, and items on them, so far. */
  readonly pages: number;
  readonly items: number;
  /** The codes of the cursors of the pages so far. */
  readonly cursors: Set<number>;
  readonly order: OrderCheck;
  /** The last pages, for a list that grows at its end. */
  readonly tail: TailPages;
  readonly parts: ListParts;
  /** Rows that had been left out for want of room when it began. */
  readonly leftOutBefore: number;
  /** Consecutive failures of the page to read next. */
  readonly failures: number;
  /** Something waits for its result: it continues as soon as it may, not with the next regular scan. */
  readonly urgent: boolean;
}

export interface FinishedFullScan {
  readonly startedMonotonic: number;
  readonly startedInScan: number;
  readonly endedMonotonic: number;
  /** Own clock. */
  readonly endedAt: EpochMs;
  readonly pages: number;
  readonly items: number;
  /** The parts in which it read the list, with the time of each. */
  readonly parts: readonly ListPart[];
  readonly truncated: boolean;
  /** Some rows were left out because there was no room for their items. */
  readonly roomless: boolean;
  /** Truncated because the chain of pages leads back, or nowhere, before the end of the list. */
  readonly chainBroken: boolean;
}

/** Whether the list is short. After a truncated full scan it never is: what lies behind the cut must be read separately. */
export function isShort({ pages, truncated }: FinishedFullScan): boolean {
  return pages <= WHOLE_PAGES && !truncated;
}
