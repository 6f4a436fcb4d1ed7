import type { EpochMs } from '../base/clock.ts';
import { isRunning, type QueueStats, type WorkItem } from '../domain/work.ts';
import type { QueueSnapshot } from '../state/environment-state.ts';

/** How often the list is read whole while nobody seems to serve the queue, or something else waits for that. */
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

/** How many more items the stats count than the list has: docs/design/README.md#lists. */
export class StatsMismatch {
  /** The difference on which the stats before and after a read agree; null before the first comparison. */
  value: number | null = null;
  /** What the last read knew, until it is compared. Its end is on the own clock. */
  #read: { readonly before: number | null; readonly queued: number; readonly endedAt: EpochMs } | null = null;
  /** A full scan was asked for because of so many: what it does not find, stats and list count differently. */
  #askedFor = 0;
  #reads = 0;

  /** A read has ended and knew these items. */
  note(items: Iterable<WorkItem>, queue: QueueSnapshot | null, endedAt: EpochMs): void {
    let queued = 0;
    for (const { state } of items) if (state === 'queued') queued++;
    this.#read = { before: waitingIn(queue), queued, endedAt };
  }

  /** Compares the last read with later stats. Whether they count work, read after read, that the list does not show. */
  judge(queue: QueueSnapshot | null): boolean {
    const read = this.#read;
    const now = waitingIn(queue);
    if (read === null || now === null || queue!.observedAt <= read.endedAt) return false;
    this.#read = null;
    const [before, after] = [(read.before ?? now) - read.queued, now - read.queued];
    // What one of the two does not show is a race.
    this.value = before * after > 0 ? Math.sign(before) * Math.min(Math.abs(before), Math.abs(after)) : 0;
    this.#askedFor = Math.min(this.#askedFor, Math.max(0, this.value));
    this.#reads = this.value > this.#askedFor ? this.#reads + 1 : 0;
    if (this.#reads < READS) return false;
    this.#reads = 0;
    this.#askedFor = this.value;
    return true;
  }
}

function waitingIn(queue: QueueSnapshot | null): number | null {
  return queue === null ? null : queue.stats.depth + queue.stats.pending;
}
