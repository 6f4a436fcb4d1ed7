import { beforeEach, describe, expect, it } from 'vitest';
import type { PageRequest } from '../../src/client/work-api.ts';
import type { ScanPermits } from '../../src/scan/scan-quota.ts';
import { apiError } from '../support/api-errors.ts';
import { environment, POLL } from '../support/environments.ts';
import { type FakeListOptions, FakeWorkList } from '../support/fake-work-list.ts';
import { ManualClock, settle } from '../support/manual-clock.ts';
import { ListReader, type ListReaderOptions } from './list-reader.ts';

const MINUTE = 60_000;
const LIMIT = 10;

let clock: ManualClock;
let list: FakeWorkList;
let reader: ListReader;
/** Turns that a read finds. */
let turnsLeft: number;

/** Who has to wait for a permit waits forever. */
const permits: ScanPermits = {
  tryTake: () => turnsLeft-- > 0,
  take: () => (turnsLeft-- > 0 ? Promise.resolve() : new Promise(() => {})),
};

beforeEach(() => {
  clock = new ManualClock();
  turnsLeft = Number.POSITIVE_INFINITY;
});

/** This many pages of items that ended more than an hour ago, one a minute, and a reader for them. */
function given(pages: number, made: FakeWorkList, change: Partial<ListReaderOptions> = {}): void {
  list = made;
  for (let i = pages * LIMIT; i > 0; i--) {
    const at = clock.now() - i * MINUTE - 3_600_000;
    list.add(at, { state: 'stopped', acknowledgedAt: at + 1000, stoppedAt: at + 30_000 });
  }
  const connection = { pageSize: LIMIT, fallbackPageSize: LIMIT, ...change.connection };
  reader = new ListReader({ api: list, clock, permits, ...change, connection });
}

function fake(options: Partial<FakeListOptions> = {}): FakeWorkList {
  return new FakeWorkList({ order: 'newest', cursors: 'keyset', ...options });
}

/** The number of requests of one read, half a minute after the last. */
async function read(): Promise<number> {
  await clock.advance(30_000);
  const before = list.requests.length;
  const { failure } = await reader.read();
  expect(failure).toBeNull();
  return list.requests.length - before;
}

async function readTimes(count: number): Promise<number[]> {
  const costs: number[] = [];
  for (let n = 0; n < count; n++) costs.push(await read());
  return costs;
}

describe('an item that is stamped an hour ahead', () => {
  it('hides nothing that comes meanwhile', async () => {
    given(10, fake());
    await readTimes(3);
    list.add(clock.now() + 3_600_000, { state: 'stopped', acknowledgedAt: clock.now(), stoppedAt: clock.now() });
    await read();
    for (let n = 0; n < 5; n++) {
      const ids = Array.from({ length: 15 }, () => list.add(clock.now() + 30_000));
      await read();
      expect(reader.live).toEqual(expect.arrayContaining(ids));
    }
  });
});

describe('a list without a single date', () => {
  it('has no order, and is not read from its start to its end each time', async () => {
    given(0, fake());
    for (let i = 0; i < 10 * LIMIT; i++) list.add(clock.now() - i * MINUTE, { createdAt: null, state: 'stopped' });
    await read();
    turnsLeft = 0;
    expect(await readTimes(5)).toEqual([1, 1, 1, 1, 1]);
    expect(reader.state.items?.mode).toBe('none');
    turnsLeft = Number.POSITIVE_INFINITY;
    const id = list.add(clock.now(), { createdAt: null });
    await readTimes(2);
    expect(reader.live).toEqual([id]);
  });
});

describe('a burst of new items', () => {
  it.each(['newest', 'oldest'] as const)(
    'is not read again and again until something newer comes, %s first',
    async (order) => {
      given(10, fake({ order }));
      await readTimes(3);
      for (let i = 0; i < 5 * LIMIT; i++) {
        list.add(clock.now() + i, { state: 'stopped', acknowledgedAt: clock.now(), stoppedAt: clock.now() + 1000 });
      }
      expect(await read()).toBeGreaterThan(4);
      // What was committed late may stand among them for a minute.
      await readTimes(3);
      turnsLeft = 0;
      expect(await readTimes(5)).toEqual([1, 1, 1, 1, 1]);
    },
  );
});

describe('a list that is cut by `max_list_pages`', () => {
  it('shows what becomes of the items behind the cut', async () => {
    const capped = environment('env_1', { poll: { ...POLL, maxListPages: 2 } });
    given(10, fake({ retrieve: false }), { environment: capped });
    const id = list.add(clock.now());
    await read();
    for (let i = 0; i < 30; i++) {
      if (i % 10 === 0) await read();
      list.add(clock.now(), { state: 'stopped', acknowledgedAt: clock.now(), stoppedAt: clock.now() });
    }
    list.change(id, { state: 'active', acknowledgedAt: clock.now(), latestHeartbeatAt: clock.now() });
    await readTimes(2);
    expect(reader.state.items?.live.get(id)?.item.state).toBe('active');
    const { stopped } = reader.state.lifecycle!;
    list.change(id, { state: 'stopped', stoppedAt: clock.now() });
    await readTimes(2);
    expect([reader.live, reader.state.lifecycle!.stopped]).toEqual([[], stopped + 1]);
  });
});

/** Its cursors are accepted for 20 s. */
class HastyList extends FakeWorkList {
  readonly #givenAt = new Map<string, number>();

  override async listPage(id: string, request: PageRequest) {
    const { page } = request;
    if (page !== null && clock.monotonic() - this.#givenAt.get(page)! > 20_000)
      throw apiError('client_error', { httpStatus: 400 });
    const reply = await super.listPage(id, request);
    const { nextPage } = reply.value;
    if (nextPage !== null) this.#givenAt.set(nextPage, clock.monotonic());
    return reply;
  }
}

describe('cursors that are not accepted for long', () => {
  it.each(['newest', 'none'] as const)('cost the full scan and not the read, %s first', async (order) => {
    given(20, new HastyList({ order, cursors: 'keyset', retrieve: false }));
    turnsLeft = Number.POSITIVE_INFINITY;
    for (let n = 0; n < 40; n++) {
      await read();
      turnsLeft = 4;
    }
    const id = list.add(clock.now());
    await read();
    if (order === 'newest') expect(reader.live).toEqual([id]);
  });

  it('are used in one go, so that full scans end', async () => {
    given(20, new HastyList({ order: 'newest', cursors: 'keyset', retrieve: false }));
    await read();
    for (let n = 0; n < 60; n++) {
      await read();
      expect(clock.now() - reader.state.items!.lastFullRead!.at).toBeLessThan(POLL.fullListIntervalMs + MINUTE);
    }
  });
});

describe('cursors that are all rejected', () => {
  it('cost a full scan that begins anew once, and not the read', async () => {
    given(10, fake({ retrieve: false }));
    await read();
    list.before = ({ page }) => {
      if (page !== null) throw apiError('client_error', { httpStatus: 400 });
    };
    turnsLeft = 1000;
    await clock.advance(MINUTE);
    reader.showStats({ depth: 1, workersPolling: 0 });
    // The place of new items, and twice the first page and a cursor that is rejected.
    expect(await readTimes(3)).toEqual([5, 5, 5]);
    const id = list.add(clock.now());
    await read();
    expect(reader.live).toEqual([id]);
  });
});

describe('many items that are lost together', () => {
  it('are passed over together, so that a read does not look through all of them for each', async () => {
    given(10, fake({ retrieve: false }));
    for (let i = 0; i < 300; i++) list.add(clock.now() - 3_600_000 + i);
    await read();
    expect(reader.live).toHaveLength(300);
    list.remove(reader.live);
    const { items } = reader.scanState;
    let looks = 0;
    const all = items.all.bind(items);
    items.all = () => {
      looks++;
      return all();
    };
    for (let n = 0; n < 10; n++) {
      looks = 0;
      await read();
      expect(looks).toBeLessThan(30);
    }
    expect(reader.live).toEqual([]);
  });

  it('are asked for by their ids where that is possible, also beside one that cannot be', async () => {
    given(20, fake());
    const running = { state: 'active', acknowledgedAt: clock.now(), latestHeartbeatAt: clock.now() } as const;
    const ids = [1, 2].map((n) => list.add(clock.now() - 7_200_000 + n, running));
    await read();
    const { items } = reader.scanState;
    for (const id of ids) items.markLost(id);
    items.avoidRetrieve(ids[0]!);
    list.change(ids[1]!, { state: 'stopped', stoppedAt: clock.now() });
    await read();
    expect(reader.live).toEqual([ids[0]]);
  });
});

describe('stats that count other items than the list shows', () => {
  it('are looked into once, also when they are read less often than the list', async () => {
    given(10, fake());
    const rescans = new Set<number>();
    for (let n = 0; n < 60; n++) {
      await clock.advance(1000);
      if (n % 2 === 0) reader.showStats({ depth: 3 });
      await read();
      const { last } = reader.scanState.rescans;
      if (last !== null) rescans.add(last.at);
    }
    expect([rescans.size, reader.scanState.order.value]).toEqual([1, 'newest']);
  });
});

describe('a larger page size that is tried again after a day', () => {
  it('hides no new item while it is rejected', async () => {
    const connection = { pageSize: 1000, fallbackPageSize: LIMIT };
    given(20, fake({ maxPageSize: LIMIT }), { connection });
    await read();
    await clock.advance(86_400_000);
    turnsLeft = 0;
    await read();
    const ids: string[] = [];
    for (let n = 0; n < 3; n++) {
      ids.push(list.add(clock.now()));
      await read();
      expect(reader.live).toEqual(ids);
    }
  });

  it('is tried again by the next read when the first try fails for another reason', async () => {
    const connection = { pageSize: 1000, fallbackPageSize: LIMIT };
    given(20, fake({ maxPageSize: LIMIT }), { connection });
    await read();
    await clock.advance(86_400_000);
    list.before = () => {
      throw apiError('server_error', { httpStatus: 500 });
    };
    expect((await reader.read()).failure).toMatchObject({ reason: 'server_error' });
    list.before = () => {};
    turnsLeft = 0;
    await read();
    const { order, limits } = reader.scanState;
    expect([order.value, limits.pageSize]).toEqual(['newest', LIMIT]);
    expect(list.limits.filter((limit) => limit === 1000)).toHaveLength(3);
  });
});

describe('a list that has outgrown its last full scan', () => {
  it('is shown as far as it is known while its full scan waits for permits', async () => {
    given(2, fake());
    await read();
    turnsLeft = 0;
    for (let i = 0; i < 3 * LIMIT; i++) list.add(clock.now() - i, { state: 'stopped', stoppedAt: clock.now() });
    const id = list.add(clock.now() + 1);
    await clock.advance(30_000);
    const end = reader.read();
    await settle();
    expect(reader.live).toEqual([id]);
    expect((await end).failure).toBeNull();
  });

  it('goes on with its full scan, read after read, also when a read finds no permit', async () => {
    given(2, fake());
    await read();
    turnsLeft = 1;
    for (let i = 0; i < 10 * LIMIT; i++) list.add(clock.now() - i, { state: 'stopped', stoppedAt: clock.now() });
    expect(await read()).toBe(3 + 1);
    turnsLeft = 0;
    expect(await readTimes(7)).toEqual([1, 1, 1, 1, 1, 1, 1]);
    await read();
    expect(reader.state.items).toMatchObject({ lastFullRead: { pages: 12 } });
  });
});
