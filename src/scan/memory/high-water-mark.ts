import type { EpochMs } from '../../base/clock.ts';
import { LATE_COMMIT_MS } from '../../lifecycle/late-commit.ts';

/** An unknown clock skew may be this large without making the exporter look too far back. */
const MOST_AHEAD_MS = 10_000;

/** The high-water mark H: docs/design/list-scan.md#what-a-scan-remembers. */
export class HighWaterMark {
  /** The largest created_at seen, even by a scan that failed halfway, and when it last rose (monotonic). */
  #newestSeen: EpochMs = 0;
  #newestRoseAt = 0;
  #metUntil: EpochMs = 0;
  #newestEnd: EpochMs = 0;

  /** The newest stamp of the stopped items that reads have shown; 0: none. */
  get newestEnd(): EpochMs {
    return this.#newestEnd;
  }

  sawEnd(newestStamp: EpochMs): void {
    if (newestStamp > this.#newestEnd) this.#newestEnd = newestStamp;
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

  fullScanEnded(startedAt: EpochMs): void {
    this.#metUntil = Math.max(this.#metUntil, this.metByFullScan(startedAt));
  }

  /**
   * An incremental scan that began at that time (monotonic) reached its end. One that failed halfway has seen the
   * newest items, but not all.
   */
  incrementalScanEnded(begunAt: number): void {
    // Late commits are visible by now. Otherwise a burst would be read again and again until a newer item comes.
    const settledMs = begunAt - this.#newestRoseAt >= LATE_COMMIT_MS ? LATE_COMMIT_MS : 0;
    this.#metUntil = Math.max(this.#metUntil, this.#newestSeen + settledMs);
  }
}
