import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { EpochMs } from '../../src/base/clock.ts';
import type { WorkItem } from '../../src/domain/work.ts';
import { countRead } from '../../src/lifecycle/count-read.ts';
import { type Ledger, lastSeenAt, newLedger } from '../../src/lifecycle/ledger.ts';
import { buildItem, NOW } from '../support/states.ts';
import { anyService, anySteps, BIRTH, play } from './true-history.ts';

const OPTIONS = { startedAtIsEnqueueStamp: true, exemplars: false };

function read(ledger: Ledger, at: EpochMs, items: readonly WorkItem[]): Ledger {
  const fullScan = { startedAt: at, pages: 1, truncated: false };
  return countRead(ledger, { sightings: items.map((item) => ({ item, at })), gone: [], fullScan }, OPTIONS);
}

/** The same ledger, in which each item says itself when it was seen. */
function spelledOut(ledger: Ledger): Ledger {
  const items = Array.from(ledger.items, ([id, item]) => [id, { ...item, seenAt: lastSeenAt(ledger, item) }] as const);
  return { ...ledger, items: new Map(items) };
}

describe('an item that a read shows again', () => {
  const beats = (seconds: number) =>
    ['a', 'b'].map((id) => {
      const stamps = { acknowledgedAt: NOW + 1000, latestHeartbeatAt: NOW + seconds * 1000 };
      return buildItem(id, { state: 'active', createdAt: NOW, startedAt: NOW, ...stamps }).item;
    });

  it('changes nothing in the ledger but the time of the last read, whatever its heartbeat', () => {
    const before = read(newLedger(NOW - 1), NOW + 2000, beats(1));
    const after = read(before, NOW + 17_000, beats(16));
    expect(after.items).toBe(before.items);
    expect([...after.items.values()].map((item) => lastSeenAt(after, item))).toEqual([NOW + 17_000, NOW + 17_000]);
  });

  it.each<[string, (items: WorkItem[]) => WorkItem[], number]>([
    ['one is not shown', ([a]) => [a!], NOW + 2000],
    ['one is shown by a lagging copy', ([a, b]) => [a!, { ...b!, state: 'active', stoppedAt: null }], NOW + 2000],
  ])('leaves the other its own time when %s', (_, shown, seenAt) => {
    const [a, b] = beats(1);
    const stopped = { ...b!, state: 'stopped', stoppedAt: NOW + 1500 } as const;
    const before = read(newLedger(NOW - 1), NOW + 2000, [a!, stopped]);
    const after = read(before, NOW + 17_000, shown([a!, b!]));
    expect(after.items.get('a')).toBe(before.items.get('a'));
    expect(lastSeenAt(after, after.items.get('a')!)).toBe(NOW + 17_000);
    expect(lastSeenAt(after, after.items.get('b')!)).toBe(seenAt);
  });
});

it('a ledger counts the same whether its items or its last read say when they were seen', () => {
  fc.assert(
    fc.property(anyService, anySteps, fc.infiniteStream(fc.nat(3)), (service, steps, places) => {
      let [ledger, reference] = [newLedger(BIRTH), newLedger(BIRTH)];
      play(service, steps, (items, at) => {
        // Some rows are not shown, and some stand on a later page.
        const shown = items.map((item) => ({ item: item.row, place: places.next().value! }));
        const sightings = [0, 1, 2].flatMap((page) =>
          shown.filter(({ place }) => place === page).map(({ item }) => ({ item, at: at + 100 * page })),
        );
        const options = { startedAtIsEnqueueStamp: service.enqueueStamp, exemplars: false };
        const facts = { sightings, gone: [], fullScan: { startedAt: at, pages: 3, truncated: false } };
        ledger = countRead(ledger, facts, options);
        reference = spelledOut(countRead(reference, facts, options));
        expect(spelledOut(ledger)).toEqual(reference);
      });
    }),
  );
});

it('an item that takes over the id of another in the same read leaves an unseen one its own time', () => {
  const options = { ...OPTIONS, idsRotate: true };
  const of = (id: string, sessionId: string) =>
    buildItem(id, { state: 'active', sessionId, createdAt: NOW, startedAt: NOW, acknowledgedAt: NOW + 1 }).item;
  const seeing = (at: EpochMs, ...items: WorkItem[]) => ({
    ...{ sightings: items.map((item) => ({ item, at })), gone: [], fullScan: null },
  });
  const before = countRead(newLedger(NOW - 1), seeing(NOW + 2, of('a', 's'), of('c', 't')), options);
  const after = countRead(before, seeing(NOW + 9, of('a', 's'), of('b', 's')), options);
  expect(Array.from(after.items, ([id, item]) => [id, lastSeenAt(after, item)])).toEqual([
    ['c', NOW + 2],
    ['b', NOW + 9],
  ]);
});
