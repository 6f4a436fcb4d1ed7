import { describe, expect, it } from 'vitest';
import type { WorkItem } from '../../src/domain/work.ts';
import { countRead } from '../../src/lifecycle/count-read.ts';
import { type Ledger, newLedger } from '../../src/lifecycle/ledger.ts';
import { buildItem } from '../support/states.ts';

const NOW = Date.UTC(2026, 10, 24, 12);
const MINUTE = 60_000;

function row(id: string, change: Partial<WorkItem> = {}): WorkItem {
  return buildItem(id, { state: 'queued', sessionId: 'sesn_1', createdAt: NOW + 1000, ...change }).item;
}

/** One read after the other, 30 s apart, each of which shows these rows; all that lives is known from the first on. */
function read(
  reads: readonly (readonly WorkItem[])[],
  { idsRotate = true, startedAtIsEnqueueStamp = false } = {},
): Ledger {
  const options = { startedAtIsEnqueueStamp, idsRotate, exemplars: false };
  return reads.reduce((ledger, rows, n) => {
    const at = NOW + MINUTE + n * 30_000;
    const sightings = rows.map((item) => ({ item, at }));
    const fullScan = { startedAt: at, pages: 1, truncated: false };
    return countRead(ledger, { sightings, gone: [], fullScan }, options);
  }, newLedger(NOW));
}

describe('an item that is handed out again under a new id', () => {
  const acknowledged = { state: 'starting', acknowledgedAt: NOW + 70_000 } as const;

  it('is counted once where ids rotate, and its wait is that of the item', () => {
    const { totals, items } = read([[row('work_a')], [row('work_b')], [row('work_c', acknowledged)]]);
    expect(totals).toMatchObject({ created: 1, acknowledged: 1, requeued: 0, waitUnknown: 0 });
    expect(totals.wait.sum).toBe(69);
    expect(items.size).toBe(1);
  });

  it('is no revived one when it is older than the exporter', () => {
    const old = { createdAt: NOW - 1000 };
    const reads = [[row('work_a', old)], [row('work_b', old)]];
    expect(read(reads).totals).toMatchObject({ created: 0, requeued: 0 });
    expect(read(reads, { idsRotate: false }).totals.requeued).toBe(1);
  });

  it('is recognized when one read shows it under several ids', () => {
    const { totals, items } = read([[row('work_a')], [row('work_b'), row('work_c')], [row('work_d')]]);
    expect(totals.created).toBe(1);
    expect(items.size).toBe(1);
  });

  it.each<[what: string, row: Partial<WorkItem>]>([
    ['outdated', { startedAt: NOW + 500 }],
    ['of an unknown state', { state: 'other' }],
  ])('is recognized after a row that is %s, under yet another id', (_, change) => {
    const queued = { startedAt: NOW + 1000 };
    const reads = [[row('work_a', queued)], [row('work_b', { ...queued, ...change }), row('work_c', queued)]];
    const { totals, items } = read(reads, { startedAtIsEnqueueStamp: true });
    expect(totals).toMatchObject({ created: 1, requeued: 0, lapsed: 0 });
    expect(items.size).toBe(1);
  });

  it('is recognized after it was stopped, as a requeue', () => {
    const stopped = row('work_a', { ...acknowledged, state: 'stopped', stoppedAt: NOW + 75_000 });
    const { totals } = read([[row('work_a')], [stopped], [row('work_b')]]);
    expect(totals).toMatchObject({ created: 1, stopped: 1, requeued: 1 });
  });

  it.each([
    ['of another session', { sessionId: 'sesn_2' }],
    ['of another time', { createdAt: NOW + 2000 }],
    ['without a session', { sessionId: null }],
    ['without a time', { createdAt: null }],
  ])('is not taken for one %s', (_, change) => {
    const { items } = read([[row('work_a', change)], [row('work_b')]]);
    expect(items.size).toBe(2);
  });

  it('is a new one where ids do not rotate', () => {
    expect(read([[row('work_a')], [row('work_b')]], { idsRotate: false }).totals.created).toBe(2);
  });
});
