import { describe, expect, it } from 'vitest';
import type { WorkItem } from '../../src/domain/work.ts';
import { countRead } from '../../src/lifecycle/count-read.ts';
import { type Ledger, newLedger } from '../../src/lifecycle/ledger.ts';
import { buildItem, NOW } from '../support/states.ts';

const s = (seconds: number) => NOW + seconds * 1000;

const LIFE: readonly (readonly [at: number, row: Partial<WorkItem>])[] = [
  [1, { state: 'queued' }],
  [10, { state: 'starting', acknowledgedAt: s(5) }],
  [20, { state: 'active', acknowledgedAt: s(5), latestHeartbeatAt: s(15) }],
  [30, { state: 'active', acknowledgedAt: s(5), latestHeartbeatAt: s(25) }],
  [40, { state: 'stopping', acknowledgedAt: s(5), stopRequestedAt: s(35) }],
  [50, { state: 'stopped', acknowledgedAt: s(5), stopRequestedAt: s(35), stoppedAt: s(45) }],
  [60, { state: 'stopped', acknowledgedAt: s(5), stopRequestedAt: s(35), stoppedAt: s(45) }],
];

/** The ledger after a life in which some reads did not tell the state, from that read on. */
function ledgerAfter(isUnknown: (read: number) => boolean, startedAtIsEnqueueStamp: boolean, first = 0): Ledger {
  let ledger: Ledger = newLedger(NOW - 1000);
  LIFE.forEach(([at, row], read) => {
    if (read < first) return;
    const state = isUnknown(read) ? { state: 'other' as const } : {};
    const { item } = buildItem('w', { createdAt: NOW, startedAt: NOW + 100, sessionId: 's', ...row, ...state });
    const options = { startedAtIsEnqueueStamp, exemplars: false };
    ledger = countRead(ledger, { sightings: [{ item, at: s(at) }], gone: [], fullScan: null }, options);
  });
  return ledger;
}

const READS = LIFE.map((_, read) => read);

describe.each([true, false])('a state that is not known, where started_at is an enqueue stamp: %s', (isStamp) => {
  const known = ledgerAfter(() => false, isStamp);

  it.each(READS)('changes nothing that is counted, as of read %i', (odd) => {
    const { totals, items } = ledgerAfter((read) => read === odd, isStamp);
    expect([totals, items.get('w')?.deliveries]).toEqual([known.totals, known.items.get('w')?.deliveries]);
  });

  it.each(READS)('changes nothing that is counted, as of the first read, which is read %i', (first) => {
    const [odd, plain] = [first, -1].map((unknown) => ledgerAfter((read) => read === unknown, isStamp, first));
    expect([odd?.totals, odd?.items.get('w')?.deliveries]).toEqual([plain?.totals, plain?.items.get('w')?.deliveries]);
  });

  it.each([true, false])(
    'that never becomes known, of an item that has ended, is no requeue; seen before: %s',
    (old) => {
      const options = { startedAtIsEnqueueStamp: isStamp, exemplars: false };
      const end = { acknowledgedAt: s(5), stopRequestedAt: s(35), stoppedAt: s(45) };
      const { item } = buildItem('w', { createdAt: NOW, startedAt: NOW + 100, state: 'other', ...end });
      let ledger: Ledger = newLedger(old ? s(600) : NOW - 1000);
      for (let minute = 1; minute < 100; minute++) {
        const fullScan = { startedAt: s(60 * minute), pages: 1, truncated: false };
        ledger = countRead(ledger, { sightings: [{ item, at: s(60 * minute) }], gone: [], fullScan }, options);
      }
      const once = old ? 0 : 1;
      expect(ledger.totals).toMatchObject({ created: once, acknowledged: once, stopped: once, requeued: 0, lapsed: 0 });
      const waits = { ...item, state: 'queued', startedAt: s(6000) } as const;
      ledger = countRead(ledger, { sightings: [{ item: waits, at: s(6001) }], gone: [], fullScan: null }, options);
      expect(ledger.totals).toMatchObject({ requeued: 1, lapsed: 0 });
    },
  );

  it('says that the item is there: it is not forgotten, and does not count as revived later', () => {
    const options = { startedAtIsEnqueueStamp: isStamp, exemplars: false };
    let ledger: Ledger = newLedger(NOW - 1000);
    for (let minute = 1; minute < 300; minute++) {
      const state = minute > 1 && minute < 299 ? 'other' : 'active';
      const { item } = buildItem('w', { createdAt: NOW, startedAt: NOW + 100, acknowledgedAt: s(5), state });
      const fullScan = { startedAt: s(60 * minute), pages: 1, truncated: false };
      const { item: old } = buildItem('old', { createdAt: s(-2000), state: 'stopped', stoppedAt: s(-1800) });
      // On an earlier page than the last one.
      const sightings = [
        { item, at: s(60 * minute) },
        { item: old, at: s(60 * minute + 1) },
      ];
      ledger = countRead(ledger, { sightings, gone: [], fullScan }, options);
    }
    expect(ledger.totals).toMatchObject({ created: 1, acknowledged: 1, requeued: 0, lapsed: 0, stopped: 0 });
  });
});
