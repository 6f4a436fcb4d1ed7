import type { WorkItem } from '../../src/domain/work.ts';

const NAMES: Record<keyof WorkItem, true> = {
  id: true,
  type: true,
  sessionId: true,
  state: true,
  metadata: true,
  createdAt: true,
  acknowledgedAt: true,
  startedAt: true,
  latestHeartbeatAt: true,
  stopRequestedAt: true,
  stoppedAt: true,
};

/** All that an item says, however it is kept. */
export function fieldsOf(item: WorkItem): WorkItem {
  return Object.fromEntries(
    Object.keys(NAMES).map((name) => [name, item[name as keyof WorkItem]]),
  ) as unknown as WorkItem;
}
