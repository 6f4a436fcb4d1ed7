import type { EpochMs } from '../base/clock.ts';
import { isRunning, type QueueStats, type WorkItem } from '../domain/work.ts';

/**
 * How often the list is read whole while nobody seems to serve the queue:
 * docs/design/list-scan.md#nobody-serves-the-queue.
 */
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
