import { expect, it } from 'vitest';
import type { WorkItem } from '../../src/domain/work.ts';
import { countRead, type Ledger, newLedger } from '../../src/lifecycle/ledger.ts';
import { snapshotItems } from '../../src/state/items-snapshot.ts';
import { inStateSince } from '../../src/state/staleness.ts';
import { buildItem, NOW } from '../support/states.ts';

const HOUR = 3_600_000;

/** One item as reads see it, an hour apart. */
function watch() {
  let ledger: Ledger = newLedger(NOW);
  let at = NOW;
  return (change: Partial<WorkItem>) => {
    at += HOUR;
    const { item } = buildItem('a', { createdAt: NOW, startedAt: NOW, ...change });
    const options = { startedAtIsEnqueueStamp: true, exemplars: false };
    ledger = countRead(ledger, { sightings: [{ item, at }], gone: [], fullScan: null }, options);
    const facts = { observedAt: at, mode: 'whole', lastFullRead: null, mismatch: null } as const;
    const tracked = new Map([['a', { item, observedAt: at }]]);
    return snapshotItems(tracked, { ledger, ...facts }).live.get('a')!;
  };
}

it('knows since when an item runs although heartbeats stamp its acknowledgement again', () => {
  const see = watch();
  expect(inStateSince(see({ state: 'starting', acknowledgedAt: NOW + 1 }))).toBe(NOW + 1);
  expect(inStateSince(see({ state: 'active', acknowledgedAt: NOW + HOUR }))).toBe(NOW + 1);
  expect(inStateSince(see({ state: 'active', acknowledgedAt: NOW + 2 * HOUR }))).toBe(NOW + 1);
});

it('begins anew with the next run', () => {
  const see = watch();
  see({ state: 'active', acknowledgedAt: NOW + 1 });
  const startedAt = NOW + HOUR;
  const waiting = see({ state: 'queued', startedAt, acknowledgedAt: NOW + 1 });
  expect(waiting).toMatchObject({ queuedSince: startedAt, runAcknowledgedAt: null });
  const acknowledgedAt = startedAt + 5000;
  expect(inStateSince(see({ state: 'active', startedAt, acknowledgedAt }))).toBe(acknowledgedAt);
});
