import type { EpochMs } from '../base/clock.ts';
import { isRunning, type QueueStats, type WorkItem } from '../domain/work.ts';
import type { QueueSnapshot } from '../state/environment-state.ts';

/** How often the list is read whole while nobody seems to serve the queue, or something else waits for that. */
export const UNSERVED_SCAN_MS = 60_000;

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

  /** A read has ended and knew these items. */
  note(items: Iterable<WorkItem>, queue: QueueSnapshot | null, endedAt: EpochMs): void {
    let queued = 0;
    for (const { state } of items) if (state === 'queued') queued++;
    this.#read = { before: waitingIn(queue), queued, endedAt };
  }

  /** Compares the last read with later stats. */
  compare(queue: QueueSnapshot | null): void {
    const read = this.#read;
    const now = waitingIn(queue);
    if (read === null || now === null || queue!.observedAt <= read.endedAt) return;
    this.#read = null;
    const [before, after] = [(read.before ?? now) - read.queued, now - read.queued];
    // What one of the two does not show is a race.
    this.value = before * after > 0 ? Math.sign(before) * Math.min(Math.abs(before), Math.abs(after)) : 0;
  }
}

function waitingIn(queue: QueueSnapshot | null): number | null {
  return queue === null ? null : queue.stats.depth + queue.stats.pending;
}
