import type { EpochMs } from '../base/clock.ts';
import type { WorkItem } from '../domain/work.ts';
import { usableTimestamp } from './read.ts';

/** A copy of the item with another heartbeat; null if the stamp is no date or an impossible one. */
export function withHeartbeat(item: WorkItem, stamp: string): WorkItem | null {
  const latestHeartbeatAt = usableTimestamp(stamp);
  if (latestHeartbeatAt === null) return null;
  return new ItemWithHeartbeat(item instanceof ItemWithHeartbeat ? item.first : item, latestHeartbeatAt);
}

/**
 * An item in which only the heartbeat has changed. It takes a third of the memory of a full copy, which matters because
 * nearly every read creates one for each live item, and it lives until the next read.
 */
class ItemWithHeartbeat implements WorkItem {
  /** The item as it was first read. */
  readonly first: WorkItem;
  readonly latestHeartbeatAt: EpochMs;

  constructor(first: WorkItem, latestHeartbeatAt: EpochMs) {
    this.first = first;
    this.latestHeartbeatAt = latestHeartbeatAt;
  }

  get id() {
    return this.first.id;
  }

  get type() {
    return this.first.type;
  }

  get sessionId() {
    return this.first.sessionId;
  }

  get state() {
    return this.first.state;
  }

  get metadata() {
    return this.first.metadata;
  }

  get createdAt() {
    return this.first.createdAt;
  }

  get acknowledgedAt() {
    return this.first.acknowledgedAt;
  }

  get startedAt() {
    return this.first.startedAt;
  }

  get stopRequestedAt() {
    return this.first.stopRequestedAt;
  }

  get stoppedAt() {
    return this.first.stoppedAt;
  }
}
