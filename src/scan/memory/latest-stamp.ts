import type { EpochMs } from '../../base/clock.ts';
import type { WorkItem } from '../../domain/work.ts';
import type { ScanState } from './scan-state.ts';

/** The latest of an item's stamps, heartbeats included; 0: it has none. */
export function latestStamp(item: WorkItem): EpochMs {
  return Math.max(
    item.createdAt ?? 0,
    item.acknowledgedAt ?? 0,
    item.startedAt ?? 0,
    item.latestHeartbeatAt ?? 0,
    item.stopRequestedAt ?? 0,
    item.stoppedAt ?? 0,
  );
}

/** The latest stamp in the list: of all live items, and of those that reads have shown stopped; 0: there is none. */
export function latestStampOfList({ highWaterMark, items }: Pick<ScanState, 'highWaterMark' | 'items'>): EpochMs {
  let newest = highWaterMark.latestStampOfStopped;
  for (const { item } of items.all()) newest = Math.max(newest, latestStamp(item));
  return newest;
}
