import { expect, it } from 'vitest';
import type { QueueStats, WorkItem } from '../../src/domain/work.ts';
import { isUnserved } from '../../src/scan/unserved.ts';
import { buildItem, NOW } from '../support/states.ts';

const WAITING: QueueStats = { depth: 3, pending: 0, oldestQueuedAt: NOW - 60_000, workersPolling: 0 };
const [FRESH, STALE] = [NOW - 120_000, NOW - 120_001];

function item(change: Partial<WorkItem>): WorkItem {
  return buildItem('work_1', { state: 'active', acknowledgedAt: STALE, latestHeartbeatAt: null, ...change }).item;
}

it.each<[what: string, unserved: boolean, stats: QueueStats | null, items: readonly WorkItem[]]>([
  ['nobody polls and nothing runs', true, WAITING, []],
  ['the stats are not known', false, null, []],
  ['nothing waits', false, { ...WAITING, depth: 0 }, []],
  ['a worker polls', false, { ...WAITING, workersPolling: 1 }, []],
  ['the API does not say how many poll', false, { ...WAITING, workersPolling: null }, []],
  ['a running item has a fresh heartbeat', false, WAITING, [item({ latestHeartbeatAt: FRESH })]],
  ['a running item has a stale heartbeat', true, WAITING, [item({ acknowledgedAt: FRESH, latestHeartbeatAt: STALE })]],
  ['an item was acknowledged just now', false, WAITING, [item({ acknowledgedAt: FRESH })]],
  ['an item was acknowledged long ago', true, WAITING, [item({})]],
  ['an item with a fresh heartbeat waits again', true, WAITING, [item({ state: 'queued', latestHeartbeatAt: FRESH })]],
])('where %s, a queue is unserved: %s', (_, unserved, stats, items) => {
  expect(isUnserved(stats, items, { now: NOW, staleHeartbeatSeconds: 120 })).toBe(unserved);
});
