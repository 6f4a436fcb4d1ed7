import type { EpochMs } from '../base/clock.ts';

/** Scans in a row with a difference before it counts: one may be a race that both stats happened to lose. */
const READS = 2;

/** What a scan knew, for the next one to compare with stats that were read after it. */
export interface QueueComparison {
  /** depth + pending as of the last stats before the scan; null without. */
  readonly before: number | null;
  readonly queued: number;
  /** Own clock. */
  readonly endedAt: EpochMs;
  /** A full scan ended in that scan. */
  readonly scanned: boolean;
}

/** How far the stats and the list disagree: docs/design/list-scan.md#when-stats-and-list-disagree. */
export class StatsMismatch {
  #value: number | null = null;
  /** A difference that a full scan did not explain: what stats and list mean differs by so many items. */
  #baseline = 0;
  #comparison: QueueComparison | null = null;
  #reads = 0;
  #rescanned = false;

  /** Items that stats count beyond those in the list; null before the first comparison. */
  get value(): number | null {
    return this.#value;
  }

  get baseline(): number {
    return this.#baseline;
  }

  get comparison(): QueueComparison | null {
    return this.#comparison;
  }

  note(comparison: QueueComparison): void {
    // Of a scan that was never compared the full scan still counts.
    this.#comparison = { ...comparison, scanned: comparison.scanned || this.#comparison?.scanned === true };
  }

  /**
   * Takes the noted comparison and the difference that both stats agree on. Returns whether it has been above the
   * baseline for long enough.
   */
  judge({ scanned }: QueueComparison, difference: number): boolean {
    this.#comparison = null;
    this.#value = difference;
    const positive = Math.max(0, difference);
    if (this.#rescanned && scanned) {
      this.#baseline = positive;
      this.#rescanned = false;
    }
    this.#baseline = Math.min(this.#baseline, positive);
    this.#reads = difference > this.#baseline ? this.#reads + 1 : 0;
    return this.#reads >= READS;
  }

  /** A full scan was asked for: what it does not explain becomes the baseline. */
  rescanRequested(): void {
    this.#reads = 0;
    this.#rescanned = true;
  }
}
