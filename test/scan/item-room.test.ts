import { describe, expect, it } from 'vitest';
import type { WorkItem } from '../../src/domain/work.ts';
import { withMetadata } from '../../src/scan/memory/extra-metadata.ts';
import { ItemRoom, mostItemsIn } from '../../src/scan/memory/item-room.ts';
import { withHeartbeat } from '../../src/wire/item-with-heartbeat.ts';
import { FakeWorkList } from '../support/fake-work-list.ts';
import { ManualClock } from '../support/manual-clock.ts';
import { buildItem } from '../support/states.ts';
import { ListReader } from './list-reader.ts';

/** What each list may have in any case. */
const FREE = 100;
const MOST = 1000;
const LISTS = 30;

function given({ order = 'newest', retrieve = false }: { order?: 'newest' | 'oldest'; retrieve?: boolean } = {}) {
  const clock = new ManualClock();
  const room = new ItemRoom(MOST);
  return { clock, room, ...reading({ clock, room, order, retrieve }) };
}

interface Shared {
  readonly clock: ManualClock;
  readonly room: ItemRoom;
  readonly order: 'newest' | 'oldest';
  readonly retrieve: boolean;
}

function reading({ clock, room, order, retrieve }: Shared) {
  const list = new FakeWorkList({ order, cursors: 'keyset', retrieve });
  const reader = new ListReader({ api: list, clock, room, connection: { pageSize: 100, fallbackPageSize: 100 } });
  const add = (count: number, change: Partial<WorkItem> = {}) =>
    Array.from({ length: count }, (_, n) => list.add(clock.now() - count + n, { sessionId: `sesn_${n}`, ...change }));
  const stop = (ids: readonly string[]) => {
    for (const id of ids) list.change(id, { state: 'stopped', acknowledgedAt: clock.now(), stoppedAt: clock.now() });
  };
  const read = async (times = 1) => {
    for (let n = 0; n < times; n++) {
      expect((await reader.read()).failure).toBeNull();
      await clock.advance(30_000);
    }
  };
  /** What is in memory of items: tracked, followed, or about to be published. */
  const held = () => Math.max(reader.scanState.items.size, reader.state.ledger?.items.size ?? 0);
  const last = () => reader.state.items!.lastFullRead!;
  return { list, reader, add, stop, read, held, last };
}

describe.each(['newest', 'oldest'] as const)('a list with the %s first', (order) => {
  it.each([
    ['that fits exactly', MOST, false],
    ['with one item too many', MOST + 1, true],
    ['with twice as many', 2 * MOST, true],
  ])('%s says whether it is shown whole', async (_, items, roomless) => {
    const { add, read, reader, last } = given({ order });
    add(items);
    await read();
    expect(reader.live).toHaveLength(Math.min(items, MOST));
    expect(last()).toMatchObject({ pages: Math.ceil(items / 100), truncated: roomless, roomless });
  });

  it.each([
    ['live', {}],
    ['just stopped', { state: 'stopped' as const }],
  ])('that shows other items at each read, all %s, keeps within its room', async (_, change) => {
    const { clock, list, add, read, held, last } = given({ order });
    for (let reads = 0; reads < 60; reads++) {
      list.remove(list.items().map(({ id }) => id));
      const { state } = { state: 'queued' as const, ...change };
      add(700, { state, stoppedAt: state === 'stopped' ? clock.now() : null });
      await read();
      expect(held()).toBeLessThanOrEqual(MOST);
    }
    expect(last().roomless).toBe(true);
  });

  it('is whole again, and counts from there, once there is room', async () => {
    const { list, add, stop, read, reader, last } = given({ order });
    const ids = add(2 * MOST);
    await read(20);
    expect(last().roomless).toBe(true);
    const before = reader.state.lifecycle!;
    stop(ids.slice(0, 1.2 * MOST));
    list.remove(ids.slice(1.2 * MOST));
    await read(100);
    expect(last()).toMatchObject({ truncated: false, roomless: false });
    expect(reader.live).toEqual([]);
    // Of the items that were shown, each stop counts; of the others none that happened before they were.
    expect(reader.state.lifecycle!.stopped - before.stopped).toBeGreaterThan(0);
    const counted = reader.state.lifecycle!;
    const later = add(10);
    await read(2);
    stop(later);
    await read(2);
    const { created, acknowledged, stopped } = reader.state.lifecycle!;
    expect([created - counted.created, acknowledged - counted.acknowledged, stopped - counted.stopped]).toEqual([
      10, 10, 10,
    ]);
  });
});

it('items that are shown are followed exactly, while there is no room for others', async () => {
  const { add, stop, read, reader } = given();
  const shown = add(MOST);
  await read(2);
  add(3 * MOST);
  await read(2);
  expect(reader.live).toEqual(shown.toSorted());
  const before = reader.state.lifecycle!.stopped;
  stop(shown.slice(0, 300));
  await read(20);
  expect(reader.state.lifecycle!.stopped - before).toBe(300);
});

it('after a restart, all that the ledger follows has room', async () => {
  const before = given();
  before.add(MOST);
  await before.read(2);
  const room = new ItemRoom(10);
  const { clock, list: api } = before;
  const connection = { pageSize: 100, fallbackPageSize: 100 };
  const reader = new ListReader({ api, clock, room, connection, ledger: before.reader.state.ledger! });
  await reader.read();
  expect(reader.live).toHaveLength(MOST);
  expect(reader.state.items!.lastFullRead).toMatchObject({ truncated: false });
});

it('items that are shown late, because there was no room before, have not been queued again', async () => {
  const { add, stop, read, reader, last } = given();
  // Without an enqueue stamp, an old item that no read has shown looks as if it had been queued again.
  const ids = add(MOST + 200, { startedAt: null });
  await read(60);
  expect(last().roomless).toBe(true);
  stop(reader.live.slice(0, 400));
  await read(100);
  expect(last().roomless).toBe(false);
  expect(reader.live).toHaveLength(ids.length - 400);
  expect(reader.state.lifecycle).toMatchObject({ created: 0, requeued: 0 });
});

describe('lists that share the room', () => {
  it('the items of one that is quiet now leave their room to others', async () => {
    const first = given();
    first.add(MOST);
    await first.read();
    first.list.remove(first.list.items().map(({ id }) => id));
    await first.read(150);
    const { clock, room } = first;
    const second = reading({ clock, room, order: 'newest', retrieve: false });
    // What the first may always have is kept for it.
    second.add(MOST - FREE);
    await second.read();
    expect(second.last().roomless).toBe(false);
  });

  it('small ones are whole beside one that takes all of it, and large ones have their share', async () => {
    const hog = given();
    const { clock, room } = hog;
    const small = reading({ clock, room, order: 'newest', retrieve: false });
    const large = reading({ clock, room, order: 'newest', retrieve: false });
    for (const { read } of [hog, small, large]) await read();
    hog.add(5 * MOST);
    await hog.read();
    expect(hog.reader.live).toHaveLength(MOST - 2 * FREE);
    expect(hog.last().roomless).toBe(true);
    small.add(FREE);
    await small.read();
    expect(small.reader.live).toHaveLength(FREE);
    expect(small.last().roomless).toBe(false);
    large.add(5 * MOST);
    await large.read();
    // A quarter of the room is for all three lists.
    expect(large.reader.live).toHaveLength(FREE + Math.ceil(MOST / 4 / 3));
    expect(large.last().roomless).toBe(true);
  });

  it.each([
    ['all of them read once before', true, MOST / 2],
    ['none of them read before', false, 1.25 * MOST],
  ])('take no more together, however many want all of it: %s', async (_, readBefore, most) => {
    const first = given();
    const { clock, room } = first;
    const others = Array.from({ length: LISTS - 1 }, () => reading({ clock, room, order: 'newest', retrieve: false }));
    const lists = [first, ...others];
    if (readBefore) for (const { read } of lists) await read();
    for (const { add, read } of lists) {
      add(3 * MOST);
      await read();
    }
    const held = lists.map((list) => list.held());
    expect(Math.min(...held)).toBeGreaterThanOrEqual(FREE);
    expect(held.reduce((sum, items) => sum + items, 0)).toBeLessThanOrEqual(most + LISTS * FREE);
    // The shares of those that come later add up, however small they are.
    expect(held.filter((items) => items > FREE).length).toBeGreaterThan(1);
  });

  it('what one no longer needs is there for others', async () => {
    const first = given();
    first.add(5 * MOST);
    await first.read();
    const { clock, room } = first;
    const second = reading({ clock, room, order: 'newest', retrieve: false });
    second.add(MOST);
    await second.read();
    expect(second.last().roomless).toBe(true);
    first.reader.scanState.room.leave();
    await second.read(20);
    expect(second.reader.live).toHaveLength(MOST);
    expect(second.last().roomless).toBe(false);
  });
});

describe('metadata that is kept', () => {
  const heavy = (values: number, length: number) =>
    Object.fromEntries(Array.from({ length: values }, (_, n) => [`key${n}`, 'x'.repeat(length)]));

  it.each([
    ['one long value', heavy(1, 512), 1],
    ['ten values of fifty characters', heavy(10, 50), 1],
    ['ten values of a hundred characters', heavy(10, 100), 1 + (2.5 * 944) / 8192],
    ['ten long values', heavy(10, 512), 1 + (2.5 * 9184) / 8192],
  ])('%s: an item takes the room of so many others', async (_, metadata, weight) => {
    const { add, read, reader, last } = given();
    add(2 * MOST, { metadata });
    await read();
    expect(reader.live.length).toBeGreaterThanOrEqual(Math.floor(MOST / weight));
    expect(reader.live.length).toBeLessThanOrEqual(Math.ceil(MOST / weight) + 1);
    expect(last()).toMatchObject({ roomless: true });
  });

  it('that grows beyond the room is not taken in: items keep what they had, and the list says so', async () => {
    const { list, add, stop, read, reader, last } = given();
    const ids = add(MOST - 50, { metadata: heavy(1, 10) });
    await read();
    expect(last()).toMatchObject({ roomless: false });
    for (const id of ids) list.change(id, { metadata: heavy(10, 512) });
    await read(20);
    const shown = reader.state.items!.live.map(({ item }) => Object.keys(item.metadata).length);
    expect(shown).toHaveLength(MOST - 50);
    expect(shown.filter((keys) => keys === 10).length).toBeLessThan(25);
    expect(last()).toMatchObject({ roomless: true });
    // There is room again.
    stop(ids.slice(100));
    await read(60);
    expect(reader.state.items!.live.map(({ item }) => Object.keys(item.metadata).length)).toEqual(
      Array.from({ length: 100 }, () => 10),
    );
    expect(last()).toMatchObject({ roomless: false });
    expect(reader.state.lifecycle).toMatchObject({ created: 0, requeued: 0, stopped: MOST - 150 });
  });

  it('after a restart, items are shown without it where there is no room for it', async () => {
    const before = given();
    before.add(MOST, { metadata: heavy(1, 10) });
    await before.read(2);
    const { clock, list: api } = before;
    for (const { id } of api.items()) api.change(id, { metadata: heavy(10, 512) });
    const connection = { pageSize: 100, fallbackPageSize: 100 };
    const ledger = before.reader.state.ledger!;
    const reader = new ListReader({ api, clock, room: new ItemRoom(MOST / 2), connection, ledger });
    await reader.read();
    const shown = reader.state.items!.live.map(({ item }) => Object.keys(item.metadata).length);
    expect(shown).toHaveLength(MOST);
    expect(shown.filter((keys) => keys > 0).length).toBeLessThan(MOST / 4);
  });

  it('of items that only a heartbeat has changed, or that have stopped, leaves all else as it is', () => {
    const first = buildItem('work_1', { state: 'active', metadata: heavy(1, 10) }).item;
    const item = withHeartbeat(first, '2026-11-24T10:00:00Z')!;
    expect(withMetadata(item, heavy(1, 20))).toEqual({
      ...first,
      latestHeartbeatAt: Date.UTC(2026, 10, 24, 10),
      metadata: heavy(1, 20),
    });
  });
});

const GIB = 2 ** 30;

it.each([
  ['the container of the Helm chart, where the heap may be as large', 268 * 2 ** 20, GIB / 4, 16_384],
  ['a small heap in a large container', GIB / 8, 8 * GIB, 16_384],
  ['a heap of 2 GiB without a container', 2 * GIB, 0, 262_144],
  ['a heap of 2 GiB in a container without a limit', 2 * GIB, 2 ** 63, 262_144],
])('in %s there is room for so many items', (_, heapBytes, containerBytes, items) => {
  expect(mostItemsIn({ heapBytes, containerBytes })).toBe(items);
});
