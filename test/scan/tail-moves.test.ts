import { expect, it } from 'vitest';
import { ListRig } from './list-rig.ts';

/** A list that grows at its end by an item with each read, with cursors that count items; its order is known. */
async function aList() {
  const rig = new ListRig();
  rig.given({ stopped: 200, order: 'oldest', cursors: 'offset', retrieve: false });
  const readWithNew = async () => {
    const at = rig.clock.now();
    rig.list.add(at, { state: 'stopped', acknowledgedAt: at + 1, stoppedAt: at + 2 });
    await rig.read();
  };
  for (let n = 0; n < 30; n++) await readWithNew();
  expect(rig.reader.scanState.order.value).toBe('oldest');
  const created = () => rig.reader.state.lifecycle!.created;
  const remove = (count: number) => {
    const oldest = rig.list.items().slice(0, count);
    rig.list.remove(oldest.map(({ id }) => id));
  };
  return {
    rig,
    scanState: rig.reader.scanState,
    readWithNew,
    readTimes: (count: number) => rig.readTimes(count),
    created,
    remove,
  };
}

it('old items that retention takes one by one make no full scan necessary', async () => {
  const { scanState, readWithNew, created, remove } = await aList();
  for (let n = 0; n < 20; n++) {
    const before = created();
    remove(1);
    await readWithNew();
    expect([created() - before, scanState.rescans.reason, scanState.rescans.last]).toEqual([1, null, null]);
  }
});

it.each([2, 3, 4])('every new item counts once while retention takes %i old ones with each read', async (removed) => {
  const { readWithNew, readTimes, created, remove } = await aList();
  const before = created();
  for (let n = 0; n < 20; n++) {
    remove(removed);
    await readWithNew();
  }
  // Late where the list is read in parts, and never lost.
  await readTimes(3);
  expect(created() - before).toBe(20);
});

it.each([30, 50, 70])(
  'an item that becomes visible %i s late counts with the next read, also after removals',
  async (late) => {
    const { rig, readWithNew, remove, created, scanState } = await aList();
    const stopped = (secondsAgo: number) => {
      const at = rig.clock.now() - 1000 * secondsAgo;
      rig.list.add(at, { state: 'stopped', acknowledgedAt: at + 1, stoppedAt: at + 2 });
    };
    for (let n = 0; n < 40; n++) {
      const before = created();
      for (const secondsAgo of [25, 20, 15, 10, 5]) stopped(secondsAgo);
      // They move the place of the late item to the page before.
      if (n % 4 === 3) remove(4);
      stopped(late);
      await readWithNew();
      expect([n, created() - before, scanState.rescans.reason]).toEqual([n, 7, null]);
    }
  },
);
