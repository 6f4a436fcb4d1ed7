import { describe, expect, it } from 'vitest';
import type { WorkItem } from '../../src/domain/work.ts';
import type { LedgerItem } from '../../src/lifecycle/ledger-item.ts';
import { isSeenAgain } from '../../src/lifecycle/seen-again.ts';
import { buildItem } from '../support/states.ts';
import { KNOWN_RUN as known } from './known-run.ts';

const AT = 1_000_000;
const HABITS = { startedAtIsEnqueueStamp: true, idsRotate: false };

const row: WorkItem = {
  ...buildItem('work_1').item,
  state: 'active',
  sessionId: 'sess_1',
  createdAt: 1000,
  startedAt: 2000,
  acknowledgedAt: 3000,
  latestHeartbeatAt: AT - 1000,
};

function seen(change: Partial<WorkItem>, remembered: Partial<LedgerItem> = {}, habits: Partial<typeof HABITS> = {}) {
  return isSeenAgain({ ...known, ...remembered }, { item: { ...row, ...change }, at: AT }, { ...HABITS, ...habits });
}

describe('a row that says nothing new', () => {
  const waits = { state: 'queued', acknowledgedAt: null } as const;
  it.each<[string, Partial<WorkItem>, Partial<LedgerItem>, Partial<typeof HABITS>]>([
    ['of a run', {}, {}, {}],
    ['with another heartbeat', { latestHeartbeatAt: AT }, {}, {}],
    ['of a run that stops', { state: 'stopping', stopRequestedAt: 9 }, { state: 'stopping', stopRequestedAt: 9 }, {}],
    ['of an item that waits', waits, { ...waits, runAcknowledgedAt: null, deliveries: 0 }, {}],
    ['of a silent run', { latestHeartbeatAt: 4000 }, { silent: true }, {}],
    ['where started_at is no stamp of the queue', {}, { enqueuedAt: null }, { startedAtIsEnqueueStamp: false }],
  ])('is one %s', (_name, change, remembered, habits) => {
    expect(seen(change, remembered, habits)).toBe(true);
  });
});

describe('a row that says something', () => {
  it.each<[string, Partial<WorkItem>, Partial<LedgerItem>]>([
    ['another state', { state: 'stopping' }, {}],
    ['an end', { state: 'stopped' }, { state: 'stopped', runAcknowledgedAt: null }],
    ['another acknowledgement', { acknowledgedAt: 3001 }, {}],
    ['a wish to stop', { stopRequestedAt: 4000 }, {}],
    ['a stamp of the end', { stoppedAt: 5000 }, {}],
    ['another stamp of the queue', { startedAt: 2001 }, {}],
    ['another creation', { createdAt: 1001 }, {}],
    ['another session', { sessionId: 'sess_2' }, {}],
    ['silence', { latestHeartbeatAt: 4000 }, {}],
    ['a sign of life after silence', {}, { silent: true }],
    ['a run that was not seen to begin', {}, { runAcknowledgedAt: null }],
    ['a run without a delivery', {}, { deliveries: 0 }],
    ['an item that had gone', {}, { gone: true }],
    ['an item that scans had missed', {}, { unseen: 1 }],
  ])('is one with %s', (_name, change, remembered) => {
    expect(seen(change, remembered)).toBe(false);
  });
});
