import { codeOf } from './code-of.ts';
import type { FinishedFullScan, FullScanProgress } from './full-scan.ts';
import { OrderCheck } from './list-order.ts';
import { ListParts } from './list-parts.ts';
import { TailPages } from './tail-pages.ts';

/** After this many consecutive failures of one page the full scan restarts. */
const MOST_FAILURES = 3;

/**
 * If this many new cursors were rejected since a full scan last ended, or this many full scans that had to go through in one
 * scan were cut off, the list counts as one whose end cannot be read.
 */
const MOST_REJECTIONS = 6;

/** The full scan under way, the last one, and what full scans have taught about themselves. */
export class FullScans {
  #current: FullScanProgress | null = null;
  #last: FinishedFullScan | null = null;
  #begun = 0;
  #reachedEnd = 0;
  #requests = 0;
  #cursorsExpire = false;
  /** How many new cursors were rejected since a full scan last ended. */
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

  /** A full scan has missed live items. The next one must begin at once and prove whether they are gone. */
  get proofDue(): boolean {
    return this.#proofDue;
  }

  /** Begins a full scan, in place of one that may be under way. */
  begin(
    start: Pick<FullScanProgress, 'startedAt' | 'startedMonotonic' | 'startedInScan' | 'urgent' | 'leftOutBefore'>,
  ): FullScanProgress {
    this.#current = {
      ...start,
      number: ++this.#begun,
      nextCursor: null,
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
  pageRead(items: number): FullScanProgress {
    return this.#progress((current) => ({
      ...current,
      pages: current.pages + 1,
      items: current.items + items,
      failures: 0,
    }));
  }

  /** The full scan goes on with the page of this cursor. */
  continueAt(cursor: string): void {
    this.#progress((current) => ({ ...current, nextCursor: cursor })).cursors.add(codeOf(cursor));
  }

  /** The page to read next could not be read. */
  failed(): void {
    const { failures } = this.#progress((current) => ({ ...current, failures: current.failures + 1 }));
    if (failures >= MOST_FAILURES) this.abandon();
  }

  /** What the full scan under way has read counts for nothing: the next one begins at the first page. */
  abandon(): void {
    this.#current = null;
  }

  /** A cursor from this scan was rejected: what lies behind it cannot be read now. */
  cursorRejected(): void {
    this.#rejections++;
    if (this.#last !== null && this.#rejections >= MOST_REJECTIONS)
      this.#last = { ...this.#last, truncated: true, chainBroken: true };
  }

  /** The full scan under way has ended. */
  end(finished: FinishedFullScan): void {
    this.abandon();
    this.#rejections = 0;
    this.#proofDue = false;
    this.#last = finished;
    if (!finished.truncated) this.#reachedEnd++;
  }

  /** Counts one request towards `requests`. */
  countRequest(): void {
    this.#requests++;
  }

  /** A cursor of an earlier scan was rejected. Where full scans go through in one scan, that one did not end in it. */
  cursorExpired(): void {
    if (this.#cursorsExpire) this.cursorRejected();
    this.#cursorsExpire = true;
  }

  /** The full scan that has ended missed live items: another one must prove whether they are gone. */
  requestProof(): void {
    this.#proofDue = true;
  }

  #progress(next: (current: FullScanProgress) => FullScanProgress): FullScanProgress {
    if (this.#current === null) throw new TypeError('no full scan is under way');
    this.#current = next(this.#current);
    return this.#current;
  }
}
