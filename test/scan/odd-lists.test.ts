import { beforeEach, describe, expect, it } from 'vitest';
import type { PageRequest } from '../../src/client/work-api.ts';
import { environment, POLL } from '../support/environments.ts';
import { FakeWorkList } from '../support/fake-work-list.ts';
import { liveById } from '../support/live-by-id.ts';
import { LIMIT, ListRig, MINUTE } from './list-rig.ts';

let rig: ListRig;

beforeEach(() => {
  rig = new ListRig();
});

describe('an item that is stamped an hour ahead', () => {
  it('hides nothing that comes meanwhile', async () => {
    rig.given({ stopped: 10 * LIMIT });
    await rig.readTimes(3);
    rig.list.add(rig.clock.now() + 3_600_000, {
      state: 'stopped',
      acknowledgedAt: rig.clock.now(),
      stoppedAt: rig.clock.now(),
    });
    await rig.read();
    for (let n = 0; n < 5; n++) {
      const ids = Array.from({ length: 15 }, () => rig.list.add(rig.clock.now() + 30_000));
      await rig.read();
      expect(rig.reader.live).toEqual(expect.arrayContaining(ids));
    }
  });
});

describe('a list without a single date', () => {
  it('has no order, and is not read from its start to its end each time', async () => {
    rig.given({ stopped: 0 });
    for (let i = 0; i < 10 * LIMIT; i++)
      rig.list.add(rig.clock.now() - i * MINUTE, { createdAt: null, state: 'stopped' });
    await rig.read();
    rig.permits = 0;
    expect(await rig.readTimes(5)).toEqual([1, 1, 1, 1, 1]);
    expect(rig.reader.state.items?.mode).toBe('none');
    rig.permits = Number.POSITIVE_INFINITY;
    const id = rig.list.add(rig.clock.now(), { createdAt: null });
    await rig.readTimes(2);
    expect(rig.reader.live).toEqual([id]);
  });
});

describe('a service that sends more rows than it is asked for', () => {
  const LONG = 1500;
  class LongPages extends FakeWorkList {
    override listPage(environmentId: string, request: PageRequest) {
      return super.listPage(environmentId, { ...request, limit: LONG });
    }
  }

  it.each(
    (['newest', 'oldest'] as const).flatMap((order) =>
      (['keyset', 'offset'] as const).map((cursors) => ({ order, cursors })),
    ),
  )('has a list that is followed by its order all the same, $order first, $cursors cursors', async (options) => {
    rig.given({ stopped: 4.9 * LONG, limit: 1000, maxPageSize: LONG, ...options }, {}, LongPages);
    await rig.readTimes(2);
    for (let n = 0; n < 4; n++) {
      const id = rig.list.add(rig.clock.now());
      // The page where new items come, and where the list goes on at its end, the one before it.
      expect((await rig.read()).length).toBeLessThanOrEqual(2);
      expect(rig.reader.live).toContain(id);
    }
    expect(rig.reader.scanState.order.value).toBe(options.order);
  });
});

describe('a burst of new items', () => {
  it.each(['newest', 'oldest'] as const)(
    'is not read again and again until something newer comes, %s first',
    async (order) => {
      rig.given({ stopped: 10 * LIMIT, order });
      await rig.readTimes(3);
      for (let i = 0; i < 5 * LIMIT; i++) {
        rig.list.add(rig.clock.now() + i, {
          state: 'stopped',
          acknowledgedAt: rig.clock.now(),
          stoppedAt: rig.clock.now() + 1000,
        });
      }
      expect((await rig.read()).length).toBeGreaterThan(4);
      // What was committed late may stand among them for a minute.
      await rig.readTimes(3);
      rig.permits = 0;
      expect(await rig.readTimes(5)).toEqual([1, 1, 1, 1, 1]);
    },
  );
});

describe('a list that is cut by `max_list_pages`', () => {
  it('shows what becomes of the items behind the cut', async () => {
    const capped = environment('env_1', { poll: { ...POLL, maxListPages: 2 } });
    rig.given({ stopped: 10 * LIMIT, retrieve: false }, { environment: capped });
    const id = rig.list.add(rig.clock.now());
    await rig.read();
    for (let i = 0; i < 30; i++) {
      if (i % 10 === 0) await rig.read();
      rig.list.add(rig.clock.now(), { state: 'stopped', acknowledgedAt: rig.clock.now(), stoppedAt: rig.clock.now() });
    }
    rig.list.change(id, { state: 'active', acknowledgedAt: rig.clock.now(), latestHeartbeatAt: rig.clock.now() });
    await rig.readTimes(2);
    expect(liveById(rig.reader.state.items!).get(id)?.item.state).toBe('active');
    const { stopped } = rig.reader.state.lifecycle!;
    rig.list.change(id, { state: 'stopped', stoppedAt: rig.clock.now() });
    await rig.readTimes(2);
    expect([rig.reader.live, rig.reader.state.lifecycle!.stopped]).toEqual([[], stopped + 1]);
  });
});

describe('stats that count other items than the list shows', () => {
  it('are looked into once, also when they are read less often than the list', async () => {
    rig.given({ stopped: 10 * LIMIT });
    const rescans = new Set<number>();
    for (let n = 0; n < 60; n++) {
      await rig.clock.advance(1000);
      if (n % 2 === 0) rig.reader.showStats({ depth: 3 });
      await rig.read();
      const { last } = rig.reader.scanState.rescans;
      if (last !== null) rescans.add(last.at);
    }
    expect([rescans.size, rig.reader.scanState.order.value]).toEqual([1, 'newest']);
  });
});
