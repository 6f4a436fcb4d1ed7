import type { EpochMs } from '../../base/clock.ts';

/** How long after its stamps a row may become visible and still be seen by the next incremental scan. */
export const LATE_COMMIT_MS = 60_000;
/** A stamp may be ahead of the API's time by this much: the skew between the clocks may be unknown. */
const MOST_AHEAD_MS = 10_000;

/** The high-water mark H: docs/design/list-scan.md#what-a-scan-remembers. */
export class HighWaterMark {
  /** The largest created_at seen, even by a scan that failed halfway, and when it last rose (monotonic). */
  #newestSeen: EpochMs = 0;
  #newestRoseAt = 0;
  #metUntil: EpochMs = 0;
  #latestStampOfStopped: EpochMs = 0;

  /** The latest stamp of the stopped items that reads have shown; 0: none. Not a part of H, but learned beside it. */
  get latestStampOfStopped(): EpochMs {
    return this.#latestStampOfStopped;
  }

  /** A stopped item was shown; `latestStamp` is its latest one. */
  sawStopped(latestStamp: EpochMs): void {
    if (latestStamp > this.#latestStampOfStopped) this.#latestStampOfStopped = latestStamp;
  }

  /** H: scans have met everything created up to this time, apart from late commits. */
  get metUntil(): EpochMs {
    return this.#metUntil;
  }

  /** An item was shown. `at` is API time, `now` monotonic. */
  saw(createdAt: EpochMs | null, { at, now }: { readonly at: EpochMs; readonly now: number }): void {
    // A wrong stamp from the future would raise H so far that no new items would be looked for until that time.
    const stamp = Math.min(createdAt ?? 0, at + MOST_AHEAD_MS);
    if (stamp <= this.#newestSeen) return;
    this.#newestSeen = stamp;
    this.#newestRoseAt = now;
  }

  /**
   * The time up to which a full scan that ends now has met everything: later items may be on pages that it had passed.
   */
  metByFullScan(startedAt: EpochMs): EpochMs {
    return Math.min(this.#newestSeen, startedAt);
  }

  /** A full scan that began then (API time) has ended: H rises to what it has met. */
  fullScanEnded(startedAt: EpochMs): void {
    this.#metUntil = Math.max(this.#metUntil, this.metByFullScan(startedAt));
  }

  /**
   * An incremental scan that began at that time (monotonic) reached its end. One that failed halfway has seen the
   * newest items, but not all.
   */
  incrementalScanEnded(begunAt: number): void {
    // Late commits are visible by now. Otherwise a burst would be read again and again until a newer item comes.
    const lateCommitMs = begunAt - this.#newestRoseAt >= LATE_COMMIT_MS ? LATE_COMMIT_MS : 0;
    this.#metUntil = Math.max(this.#metUntil, this.#newestSeen + lateCommitMs);
  }
}
