import type { EpochMs } from '../../base/clock.ts';

/** A difference counts after this many consecutive scans: a single one may be a race with both reads of the stats. */
const READS = 2;

/** What a scan knew about the queue; the next scan compares it with stats that were read afterwards. */
export interface QueueComparison {
  /** depth + pending of the last stats before the scan; null without. */
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
  /** The difference that a full scan did not explain: by this much, stats and list count differently. */
  #baseline = 0;
  #comparison: QueueComparison | null = null;
  #reads = 0;
  #rescanned = false;

  /** How many more items the stats count than the list has; null before the first comparison. */
  get value(): number | null {
    return this.#value;
  }

  get comparison(): QueueComparison | null {
    return this.#comparison;
  }

  note(comparison: QueueComparison): void {
    // If the previous scan was never compared, its full scan still counts.
    this.#comparison = { ...comparison, scanned: comparison.scanned || this.#comparison?.scanned === true };
  }

  /**
   * Takes the noted comparison and the difference on which both stats agree. Returns whether it has been above the
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

  /** A full scan was requested: the difference that remains after it becomes the baseline. */
  rescanRequested(): void {
    this.#reads = 0;
    this.#rescanned = true;
  }
}
