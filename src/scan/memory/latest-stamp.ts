import type { EpochMs } from '../../base/clock.ts';
import type { WorkItem } from '../../domain/work.ts';

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
