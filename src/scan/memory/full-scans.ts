import type { EpochMs } from '../../base/clock.ts';
import { OrderCheck } from './list-order.ts';
import { type ListPart, ListParts } from './list-parts.ts';
import { TailPages } from './tail-pages.ts';

/** A list this short is read whole each time. */
export const WHOLE_PAGES = 3;
/** After this many consecutive failures of one page the full scan restarts. */
const MOST_FAILURES = 3;
/**
 * A list has an end that cannot be read if so many new cursors were rejected since a full scan last ended, or so many
 * full scans that had to go through in one scan were cut off.
 */
const MOST_REJECTIONS = 6;

/** A full scan that has begun and not ended; it continues where it stopped, over scans and failures. */
export interface FullScanProgress {
  readonly number: number;
  /** API time, and monotonic milliseconds, when it began. */
  readonly startedAt: EpochMs;
  readonly startedMonotonic: number;
  /** Cursor of the page to read next. */
  readonly page: string | null;
  readonly pages: number;
  readonly items: number;
  /** Of the pages so far. */
  readonly cursors: Set<string>;
  readonly order: OrderCheck;
  /** The last pages, for a list that grows at its end. */
  readonly tail: TailPages;
  readonly parts: ListParts;
  /** Consecutive failures of the page to read next. */
  readonly failures: number;
  /** Something waits for its result: it continues as soon as it may, not with the next regular scan. */
  readonly urgent: boolean;
}

export interface FinishedFullScan {
  readonly startedMonotonic: number;
  readonly endedMonotonic: number;
  /** Own clock. */
  readonly endedAt: EpochMs;
  readonly pages: number;
  readonly items: number;
  /** Which part of the list it read when. */
  readonly parts: readonly ListPart[];
  readonly truncated: boolean;
  /** Truncated because the chain of pages leads back, or nowhere, before the end of the list. */
  readonly chainBroken: boolean;
}

/** The full scan under way, the last one, and what full scans have taught about themselves. */
export class FullScans {
  #current: FullScanProgress | null = null;
  #last: FinishedFullScan | null = null;
  #begun = 0;
  #reachedEnd = 0;
  #requests = 0;
  #cursorsExpire = false;
  /** Of cursors that were as good as new, since a full scan last ended. */
  #rejections = 0;
  #proofDue = false;

  get current(): FullScanProgress | null {
    return this.#current;
  }

  get last(): FinishedFullScan | null {
    return this.#last;
  }

  /** Number of the full scan that began last. */
  get number(): number {
    return this.#begun;
  }

  /** How many full scans have read the list to its end. */
  get reachedEnd(): number {
    return this.#reachedEnd;
  }

  /** Requests since the start that took a permit, and the single reads that followed from full scans. */
  get requests(): number {
    return this.#requests;
  }

  /**
   * Cursors of a full scan were rejected when the next scan continued it: full scans now go through in one scan, as far
   * as permits last.
   */
  get cursorsExpire(): boolean {
    return this.#cursorsExpire;
  }

  /** The next full scan must begin at once: something has to be proved. */
  get proofDue(): boolean {
    return this.#proofDue;
  }

  begin(start: Pick<FullScanProgress, 'startedAt' | 'startedMonotonic' | 'urgent'>): FullScanProgress {
    this.#current = {
      ...start,
      number: ++this.#begun,
      page: null,
      pages: 0,
      items: 0,
      cursors: new Set(),
      order: new OrderCheck(start.startedAt),
      tail: new TailPages(),
      parts: new ListParts(this.#last?.parts ?? []),
      failures: 0,
    };
    return this.#current;
  }

  /** A page with `items` new items was read. */
  tookPage(items: number): FullScanProgress {
    return this.#progress((current) => ({
      ...current,
      pages: current.pages + 1,
      items: current.items + items,
      failures: 0,
    }));
  }

  goOnAt(page: string): void {
    this.#progress((current) => ({ ...current, page })).cursors.add(page);
  }

  /** The page to read next could not be read. */
  failed(): void {
    const { failures } = this.#progress((current) => ({ ...current, failures: current.failures + 1 }));
    if (failures >= MOST_FAILURES) this.abandon();
  }

  abandon(): void {
    this.#current = null;
  }

  /** A cursor that is as good as new was rejected: what lies behind it cannot be read now. */
  cursorRejected(): void {
    this.#rejections++;
    if (this.#last !== null && this.#rejections >= MOST_REJECTIONS)
      this.#last = { ...this.#last, truncated: true, chainBroken: true };
  }

  end(finished: FinishedFullScan): void {
    this.abandon();
    this.#rejections = 0;
    this.#proofDue = false;
    this.#last = finished;
    if (!finished.truncated) this.#reachedEnd++;
  }

  countRequest(): void {
    this.#requests++;
  }

  /** A cursor of an earlier scan was rejected. Where full scans go through in one scan, that one did not end in it. */
  cursorExpired(): void {
    if (this.#cursorsExpire) this.cursorRejected();
    this.#cursorsExpire = true;
  }

  wantProof(): void {
    this.#proofDue = true;
  }

  #progress(next: (current: FullScanProgress) => FullScanProgress): FullScanProgress {
    if (this.#current === null) throw new TypeError('no full scan is under way');
    this.#current = next(this.#current);
    return this.#current;
  }
}

/** A full scan that was cut short is not short: what lies behind the cut must be read separately. */
export function isShort({ pages, truncated }: FinishedFullScan): boolean {
  return pages <= WHOLE_PAGES && !truncated;
}
