import type { EpochMs } from '../base/clock.ts';
import { LATE_COMMIT_MS } from '../lifecycle/late-commit.ts';

/** A clock skew that is not known yet may be so large without making the exporter look too far back. */
const MOST_AHEAD_MS = 10_000;

/** H, and what raises it: docs/design/list-scan.md#what-a-scan-remembers. */
export class HighWaterMark {
  /** The largest created_at seen, be it by a scan that failed on its way, and when it last rose (monotonic). */
  #newestSeen: EpochMs = 0;
  #newestRoseAt = 0;
  #metUntil: EpochMs = 0;

  /** H: all that was created until then was met, late commits apart. */
  get metUntil(): EpochMs {
    return this.#metUntil;
  }

  /** An item was shown. `at` is API time, `now` monotonic. */
  saw(createdAt: EpochMs | null, { at, now }: { readonly at: EpochMs; readonly now: number }): void {
    // A wrong stamp far in the future would raise H so far that no new item is looked for until that time has come.
    const stamp = Math.min(createdAt ?? 0, at + MOST_AHEAD_MS);
    if (stamp <= this.#newestSeen) return;
    this.#newestSeen = stamp;
    this.#newestRoseAt = now;
  }

  /**
   * Until when a full scan that ends meets all that was created: what came after it began may stand on pages that it
   * has passed.
   */
  metByFullScan(startedAt: EpochMs): EpochMs {
    return Math.min(this.#newestSeen, startedAt);
  }

  fullScanEnded(startedAt: EpochMs): void {
    this.#metUntil = Math.max(this.#metUntil, this.metByFullScan(startedAt));
  }

  /**
   * An incremental scan that began then (monotonic) came to its end. One that failed on its way has seen the newest
   * items, not all.
   */
  incrementalScanEnded(begunAt: number): void {
    // What was to be committed late has been by now: a burst is not read again and again until something newer comes.
    const settledMs = begunAt - this.#newestRoseAt >= LATE_COMMIT_MS ? LATE_COMMIT_MS : 0;
    this.#metUntil = Math.max(this.#metUntil, this.#newestSeen + settledMs);
  }
}
