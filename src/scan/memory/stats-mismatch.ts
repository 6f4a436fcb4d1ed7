import type { EpochMs } from '../../base/clock.ts';

/** A difference counts after this many consecutive scans: a single one may be a race with both reads of the stats. */
const READS = 2;

/** What a scan knew about the queue; the next scan compares it with stats that were read afterwards. */
export interface QueueComparison {
  /** depth + pending of the last stats before the scan; null if there were none. */
  readonly waitingBefore: number | null;
  /** Queued items that the scan knew at its end. */
  readonly queued: number;
  /** When the scan ended, on the own clock. */
  readonly endedAt: EpochMs;
  /** A full scan ended in that scan. */
  readonly fullScanEnded: boolean;
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

  /** A scan has ended and knew this. */
  note(comparison: QueueComparison): void {
    // If the previous scan was never compared, its full scan still counts.
    this.#comparison = {
      ...comparison,
      fullScanEnded: comparison.fullScanEnded || this.#comparison?.fullScanEnded === true,
    };
  }

  /**
   * Judges the noted comparison by the difference on which the stats before and after the scan agree: how many more items
   * they count than the list. Returns whether it has been above the baseline for long enough.
   */
  judge({ fullScanEnded }: QueueComparison, difference: number): boolean {
    this.#comparison = null;
    this.#value = difference;
    const positive = Math.max(0, difference);
    if (this.#rescanned && fullScanEnded) {
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
