import { expect, it } from 'vitest';
import type { WorkItem } from '../../src/domain/work.ts';
import { withHeartbeat } from '../../src/wire/item-with-heartbeat.ts';
import { fieldsOf } from '../support/work-item-fields.ts';

const ITEM: WorkItem = {
  id: 'work_1',
  type: 'session',
  sessionId: 'sesn_1',
  state: 'active',
  metadata: { team: 'a' },
  createdAt: 1,
  acknowledgedAt: 2,
  startedAt: 3,
  latestHeartbeatAt: 4,
  stopRequestedAt: 5,
  stoppedAt: 6,
};

it('another heartbeat changes nothing else in an item', () => {
  const moved = withHeartbeat(ITEM, '2026-11-24T12:00:00.5Z')!;
  expect(fieldsOf(moved)).toEqual({ ...ITEM, latestHeartbeatAt: Date.UTC(2026, 10, 24, 12, 0, 0, 500) });
  expect(ITEM.latestHeartbeatAt).toBe(4);
});

it.each(['', 'yesterday', '9026-11-24T12:00:00Z'])('%j is no heartbeat', (stamp) => {
  expect(withHeartbeat(ITEM, stamp)).toBeNull();
});

it('the heartbeats of a run of months leave one item, however many there were', () => {
  let item = ITEM;
  for (let beats = 0; beats < 200_000; beats++) item = withHeartbeat(item, '2026-11-24T12:00:00Z')!;
  expect(item.id).toBe('work_1');
});
