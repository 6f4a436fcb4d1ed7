import type { EpochMs } from '../base/clock.ts';
import { isRunning, type QueueStats, type WorkItem } from '../domain/work.ts';
import type { QueueSnapshot } from '../state/environment-state.ts';

/** How often the list is read whole while nobody seems to serve the queue. */
export const UNSERVED_SCAN_MS = 60_000;
/** A difference counts after so many reads in a row: a single one may be a race with both reads of the stats. */
const READS = 2;

/**
 * Whether work waits and nothing shows a living worker: nobody polls, and no live item has a fresh heartbeat.
 * A worker that has just acknowledged an item is alive too.
 */
export function isUnserved(
  stats: QueueStats | null,
  items: Iterable<WorkItem>,
  { now, staleHeartbeatSeconds }: { readonly now: EpochMs; readonly staleHeartbeatSeconds: number },
): boolean {
  if (stats === null || stats.workersPolling !== 0 || stats.depth === 0) return false;
  const freshFrom = now - staleHeartbeatSeconds * 1000;
  for (const item of items) {
    const sign = item.latestHeartbeatAt ?? item.acknowledgedAt;
    if (isRunning(item.state) && sign !== null && sign >= freshFrom) return false;
  }
  return true;
}

/** What a read knew about the queue; the next one compares it with stats that were read afterwards. */
interface Comparison {
  /** depth + pending of the last stats before the read; null if there were none. */
  readonly waitingBefore: number | null;
  /** Queued items that were known at its end. */
  readonly queued: number;
  /** On the own clock. */
  readonly endedAt: EpochMs;
  readonly fullScanEnded: boolean;
}

/** How many more items the stats count than the list has: docs/design/README.md#lists. */
export class StatsMismatch {
  #value: number | null = null;
  /** What a full scan did not explain: by so many, stats and list count differently. */
  #baseline = 0;
  #comparison: Comparison | null = null;
  #reads = 0;
  #isScanAsked = false;

  /** The difference on which the stats before and after a read agree; null before the first comparison. */
  get value(): number | null {
    return this.#value;
  }

  /** A read has ended and knew these items. */
  note(
    items: Iterable<WorkItem>,
    queue: QueueSnapshot | null,
    end: Pick<Comparison, 'endedAt' | 'fullScanEnded'>,
  ): void {
    let queued = 0;
    for (const { state } of items) if (state === 'queued') queued++;
    // If the read before was never compared, its full scan still counts.
    const fullScanEnded = end.fullScanEnded || this.#comparison?.fullScanEnded === true;
    this.#comparison = { endedAt: end.endedAt, fullScanEnded, queued, waitingBefore: waitingIn(queue) };
  }

  /** Compares the last read with the stats. Whether they count work, read after read, that the list does not show. */
  judge(queue: QueueSnapshot | null): boolean {
    const comparison = this.#comparison;
    const now = waitingIn(queue);
    if (comparison === null || now === null || queue!.observedAt <= comparison.endedAt) return false;
    this.#comparison = null;
    const { queued, waitingBefore, fullScanEnded } = comparison;
    this.#value = beyondRaces((waitingBefore ?? now) - queued, now - queued);
    const surplus = Math.max(0, this.#value);
    if (this.#isScanAsked && fullScanEnded) {
      this.#baseline = surplus;
      this.#isScanAsked = false;
    }
    this.#baseline = Math.min(this.#baseline, surplus);
    this.#reads = surplus > this.#baseline ? this.#reads + 1 : 0;
    return this.#reads >= READS;
  }

  /** A full scan was asked for: the difference that it leaves becomes the baseline. */
  scanAsked(): void {
    this.#reads = 0;
    this.#isScanAsked = true;
  }
}

function waitingIn(queue: QueueSnapshot | null): number | null {
  return queue === null ? null : queue.stats.depth + queue.stats.pending;
}

/** The part of a difference on which both reads of the stats agree. */
function beyondRaces(before: number, after: number): number {
  if (before > 0 && after > 0) return Math.min(before, after);
  if (before < 0 && after < 0) return Math.max(before, after);
  return 0;
}
