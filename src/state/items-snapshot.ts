import type { EpochMs } from '../base/clock.ts';
import { isLive, type WorkItem } from '../domain/work.ts';
import type { ItemsSnapshot, ObservedItem, QueueSnapshot } from './environment-state.ts';

/** A complete read of a list, as the poller hands it over. */
export interface FullRead {
  readonly items: ReadonlyMap<string, WorkItem>;
  readonly pages: number;
  readonly truncated: boolean;
  /** Own clock, when the read ended. */
  readonly at: EpochMs;
  /** The same moment on the API's clock. */
  readonly apiTime: EpochMs;
}

/** The snapshot that a complete read leaves: live items with the time they were seen, and what the read was like. */
export function snapshotOfFullRead(
  read: FullRead,
  queue: QueueSnapshot | null,
  startedAtIsEnqueueStamp: boolean,
): ItemsSnapshot {
  const live = new Map<string, ObservedItem>();
  let queued = 0;
  for (const [id, item] of read.items) {
    if (!isLive(item.state)) continue;
    if (item.state === 'queued') queued++;
    live.set(id, { item, observedAt: read.apiTime, queuedSince: queuedSince(item, startedAtIsEnqueueStamp) });
  }
  const { at, pages, truncated } = read;
  return {
    observedAt: at,
    live,
    mode: 'whole',
    lastFullRead: { at, pages, items: read.items.size, truncated },
    mismatch: queue === null ? null : queue.stats.depth + queue.stats.pending - queued,
  };
}

/** Since when an item waits or waited: the latest moment that is known to lie before its acknowledgement. */
export function queuedSince(item: WorkItem, startedAtIsEnqueueStamp: boolean): EpochMs | null {
  if (!startedAtIsEnqueueStamp || item.startedAt === null) return item.createdAt;
  return Math.max(item.createdAt ?? item.startedAt, item.startedAt);
}
