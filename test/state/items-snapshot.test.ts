import { describe, expect, it } from 'vitest';
import type { WorkItem } from '../../src/domain/work.ts';
import { countRead } from '../../src/lifecycle/count-read.ts';
import { type Ledger, newLedger } from '../../src/lifecycle/ledger.ts';
import type { LedgerItem } from '../../src/lifecycle/ledger-item.ts';
import { type LiveItem, snapshotItems } from '../../src/state/items-snapshot.ts';
import { inStateSince, observedAtOf } from '../../src/state/staleness.ts';
import { liveById } from '../support/live-by-id.ts';
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
    return snapshotItems({ tracked, ledger, before: null }, facts).live[0]!;
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

describe('what a read did not change is the same object as before', () => {
  const ids = ['a', 'b', 'c'];
  const first = new Map<string, LiveItem>(ids.map((id) => [id, { item: buildItem(id).item, observedAt: NOW }]));
  const options = { startedAtIsEnqueueStamp: true, exemplars: false };
  const ledger = countRead(
    newLedger(NOW - HOUR),
    { sightings: [...first.values()].map(({ item }) => ({ item, at: NOW })), gone: [], fullScan: null },
    options,
  );
  const facts = { observedAt: NOW, mode: 'whole', lastFullRead: null, mismatch: null } as const;
  const before = snapshotItems({ tracked: first, ledger, before: null }, facts);
  const later = NOW + 15_000;

  const seenLater = (id: string): [string, LiveItem] => [id, { ...first.get(id)!, observedAt: later }];
  const claimed = buildItem('b', { state: 'active', acknowledgedAt: later }).item;
  const requeued = { ...ledger.items.get('b')!, queuedSince: { at: NOW - 1, slackMs: 0 } };
  const acknowledged = { ...ledger.items.get('b')!, runAcknowledgedAt: NOW - 1 };
  const delivered = { ...ledger.items.get('b')!, deliveries: 2 };
  const withB = (item: LedgerItem) => ({ ...ledger, items: new Map([...ledger.items, ['b', item]]) });

  it.each<[string, ReadonlyMap<string, LiveItem>, Ledger, string[]]>([
    ['nothing', first, ledger, ids],
    ['the time at which all were seen', new Map(ids.map(seenLater)), ledger, ids],
    ['an item', new Map([...ids.map(seenLater), ['b', { item: claimed, observedAt: later }]]), ledger, ['a', 'c']],
    ['an item that was not seen again', new Map([...first, seenLater('a'), seenLater('c')]), ledger, ['a', 'c']],
    ['an item that left', new Map(['a', 'c'].map(seenLater)), ledger, ['a', 'c']],
    [
      'an item that came',
      new Map([...ids.map(seenLater), ['d', { item: buildItem('d').item, observedAt: later }]]),
      ledger,
      ids,
    ],
    [
      'one that came as another left',
      new Map([seenLater('a'), seenLater('c'), ['d', { item: buildItem('d').item, observedAt: later }]]),
      ledger,
      ['a', 'c'],
    ],
    ['an item that left and came back', new Map(['b', 'c', 'a'].map(seenLater)), ledger, ['b', 'c']],
    ['the start of a wait', new Map(ids.map(seenLater)), withB(requeued), ['a', 'c']],
    ['the start of a run', new Map(ids.map(seenLater)), withB(acknowledged), ['a', 'c']],
    ['the number of deliveries', new Map(ids.map(seenLater)), withB(delivered), ['a', 'c']],
  ])('of a read that changed %s', (_, tracked, known, kept) => {
    const after = snapshotItems({ tracked, ledger: known, before }, facts);
    const fresh = snapshotItems({ tracked, ledger: known, before: null }, facts);
    expect(after).toEqual(fresh);
    expect(after.live.map(({ item }) => item.id)).toEqual([...tracked.keys()]);
    const knownBefore = liveById(before);
    for (const [id, observed] of liveById(after)) {
      expect(observedAtOf(observed, after)).toBe(tracked.get(id)!.observedAt);
      expect(observed === knownBefore.get(id), id).toBe(kept.includes(id));
    }
    expect(after.live === before.live).toBe(kept.length === ids.length && tracked.size === ids.length);
  });
});
