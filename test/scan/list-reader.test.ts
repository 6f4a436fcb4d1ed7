import { describe, expect, it } from 'vitest';
import type { PageRequest } from '../../src/client/work-api.ts';
import type { WorkItem } from '../../src/domain/work.ts';
import { newLedger } from '../../src/lifecycle/ledger.ts';
import { FakeWorkList } from '../support/fake-work-list.ts';
import { ManualClock } from '../support/manual-clock.ts';
import { apiError } from '../support/scripted-work-api.ts';
import { liveById } from '../support/states.ts';
import { INTERVAL, LIMIT, listOf, MINUTE, type ReadList, ReadList as Reads } from './read-list.ts';

const singles = (requests: FakeWorkList['requests']) => requests.filter(({ kind }) => kind === 'retrieve');
const active = (at: number): Partial<WorkItem> => ({ state: 'active', acknowledgedAt: at, latestHeartbeatAt: at });

/** Adds so many items that have ended. */
function addStopped({ list, clock }: ReadList, count: number): void {
  for (let n = 0; n < count; n++) list.add(clock.now() + n / 1000, { state: 'stopped', stoppedAt: clock.now() });
}

const seenAt = (read: ReadList, id: string) => liveById(read.state.items!).get(id)?.observedAt;

describe('what a read costs', () => {
  it.each([
    { pages: 1, costs: [1, 1, 1] },
    { pages: 3, costs: [3, 3, 3] },
  ])('a list of $pages pages is read whole each time', async ({ pages, costs }) => {
    const read = listOf(pages * LIMIT);
    expect(await read.readTimes(3)).toEqual(costs);
    expect(read.state.items).toMatchObject({ mode: 'whole', lastFullRead: { pages, items: pages * LIMIT } });
  });

  it('a longer one is read where new items come, and whole within every full_list_interval, a page at a time', async () => {
    expect(await listOf(8 * LIMIT).readTimes(41)).toEqual([8, ...Array<number>(40).fill(1 + 1)]);
    expect(new Set((await listOf(25 * LIMIT).readTimes(41)).slice(1))).toEqual(new Set([1 + 3, 1 + 1]));
  });

  it('100,000 stopped items on a clock that stands still, and 20 that live: at most a fifth of a naive read', async () => {
    const clock = new ManualClock();
    const read = listOf(0, {}, { clock, connection: { pageSize: 1000, fallbackPageSize: 1000 } });
    const at = clock.now() - 3_600_000;
    for (let n = 0; n < 100_000; n++) read.list.add(at, { state: 'stopped', acknowledgedAt: at, stoppedAt: at });
    for (let n = 0; n < 20; n++) read.list.add(at, active(at));
    expect(await read.look()).toBeNull();
    expect(read.live).toHaveLength(20);
    expect(read.state.items!.lastFullRead).toMatchObject({ pages: 101, items: 100_020, truncated: false });
  });

  it.each(['newest', 'oldest'] as const)('100,000 items, %s first, over an hour', async (order) => {
    const read = listOf(100_000, { order }, { connection: { pageSize: 1000, fallbackPageSize: 1000 } });
    for (let n = 0; n < 20; n++) read.list.add(read.clock.now(), active(read.clock.now()));
    await read.read();
    let requests = 0;
    for (let n = 0; n < 120; n++) {
      const id = read.list.add(read.clock.now());
      requests += (await read.read()).length;
      expect(read.live).toContain(id);
      read.list.change(id, { state: 'stopped', stoppedAt: read.clock.now() });
    }
    expect(requests / 120).toBeLessThan(20);
  });
});

describe('new items', () => {
  it.each(['newest', 'oldest'] as const)(
    'of a list with the %s first are seen by the next read, late ones too where they come first',
    async (order) => {
      const read = listOf(12 * LIMIT, { order, retrieve: false });
      await read.read();
      expect(read.state.items!.mode).toBe(order);
      for (let n = 0; n < 20; n++) {
        const ids = Array.from({ length: 7 }, () => read.list.add(read.clock.now()));
        if (order === 'newest') ids.push(read.list.add(read.clock.now() - 55_000));
        await read.read();
        expect(read.live).toEqual(expect.arrayContaining(ids));
        for (const id of ids) read.list.change(id, { state: 'stopped', stoppedAt: read.clock.now() });
      }
    },
  );

  it('of a list without an order are found by a full scan, within its interval', async () => {
    const read = listOf(12 * LIMIT, { order: 'none' });
    await read.read();
    const ids = Array.from({ length: 7 }, () => read.list.add(read.clock.now()));
    await read.readTimes(10);
    expect(read.live).toEqual(ids.sort());
  });

  it('that come on more pages than a read looks at are found by a full scan', async () => {
    const read = listOf(12 * LIMIT);
    await read.readTimes(4);
    for (let n = 0; n < 10 * LIMIT; n++) read.list.add(read.clock.now() + n / 1000);
    await read.readTimes(2);
    expect(read.live).toHaveLength(10 * LIMIT);
    expect(read.surprises).toContain('order');
  });
});

describe('a live item that the pages of a read do not show', () => {
  it('is read by its id, and 404 proves that it is gone', async () => {
    const read = listOf(8 * LIMIT);
    const id = read.list.add(read.clock.now(), active(read.clock.now()));
    await read.read();
    addStopped(read, 2 * LIMIT);
    await read.readTimes(4);
    expect(singles(await read.read())).toMatchObject([{ id }]);
    expect(seenAt(read, id)).toBe(read.clock.now());
    read.list.remove([id]);
    await read.read();
    expect(read.live).toEqual([]);
  });

  it('stays, where no key reads single items, until two full scans have missed it', async () => {
    const read = listOf(8 * LIMIT, { retrieve: false });
    const id = read.list.add(read.clock.now() - 2 * 3_600_000, active(read.clock.now()));
    await read.read();
    read.list.remove([id]);
    const shown: boolean[] = [];
    for (let n = 0; n < 20; n++) {
      await read.read();
      shown.push(read.live.length > 0);
    }
    // A full scan every four minutes, and the second one a minute after the first that missed it.
    expect(shown.lastIndexOf(true)).toBeGreaterThan(7);
    expect(shown.at(-1)).toBe(false);
  });

  it('is read on its page where no key reads single items', async () => {
    const read = listOf(8 * LIMIT, { retrieve: false });
    const id = read.list.add(read.clock.now(), active(read.clock.now()));
    await read.read();
    addStopped(read, LIMIT);
    for (let n = 0; n < 5; n++) {
      await read.read();
      expect(seenAt(read, id)).toBe(read.clock.now());
    }
  });

  it('is read with the others on its page, in one request', async () => {
    const read = listOf(8 * LIMIT);
    const ids = Array.from({ length: 5 }, () => read.list.add(read.clock.now(), active(read.clock.now())));
    await read.read();
    addStopped(read, LIMIT);
    expect(singles(await read.read())).toEqual([]);
    for (const id of ids) expect(seenAt(read, id)).toBe(read.clock.now());
  });

  it('is not read by its id for ten minutes after a refusal, or until another key is used', async () => {
    const read = listOf(8 * LIMIT);
    read.list.add(read.clock.now() - 2 * 3_600_000, active(read.clock.now()));
    read.list.before = ({ id }) => {
      if (id !== null) throw apiError('forbidden', { httpStatus: 403 });
    };
    const triesIn = async (reads: number) => {
      let tries = 0;
      for (let n = 0; n < reads; n++) tries += singles(await read.read()).length;
      return tries;
    };
    expect(await triesIn(20)).toBe(1);
    expect(await triesIn(20)).toBe(1);
    read.useOtherKey();
    expect(await triesIn(20)).toBe(1);
  });

  it('fails the read if the API answers 429 to it', async () => {
    const read = listOf(8 * LIMIT);
    read.list.add(read.clock.now() - 2 * 3_600_000, active(read.clock.now()));
    await read.read();
    read.list.before = ({ id }) => {
      if (id !== null) throw apiError('rate_limited', { httpStatus: 429 });
    };
    await read.clock.advance(INTERVAL);
    expect(await read.look()).toMatchObject({ reason: 'rate_limited' });
  });
});

/** Rejects pages that are larger than it accepts, and all of them while it is on hold. */
class Small extends FakeWorkList {
  most = 10;
  isOnHold = false;
  readonly sizes: number[] = [];

  override async listPage(id: string, request: PageRequest) {
    this.sizes.push(request.limit);
    if (this.isOnHold || request.limit > this.most) throw apiError('client_error', { httpStatus: 400 });
    return super.listPage(id, request);
  }
}

describe('a page size that is rejected', () => {
  const connection = { pageSize: 100, fallbackPageSize: 10 };

  it('is replaced by the smaller one that is accepted, within the same read, until another key is used', async () => {
    const read = listOf(25, {}, { connection }, Small);
    await read.readTimes(2);
    const { sizes } = read.list as Small;
    expect(sizes).toEqual([100, 10, 10, 10, 10, 10, 10]);
    (read.list as Small).most = 100;
    read.useOtherKey();
    await read.read();
    expect(sizes.at(-1)).toBe(100);
  });

  it('is replaced if an answer holds too much, even if a smaller one does, too', async () => {
    const read = listOf(25, {}, { connection });
    let failures = 0;
    read.list.before = () => {
      if (failures++ < 2) throw apiError('bad_response', { tooMuch: true });
    };
    expect(await read.look()).toMatchObject({ reason: 'bad_response' });
    await read.read();
    expect(read.list.limits).toEqual([100, 10, 10, 10, 10]);
  });

  it('is smaller with the next read if a later page holds too much', async () => {
    const read = listOf(25, {}, { connection: { pageSize: 20, fallbackPageSize: 10 } });
    read.list.before = ({ page }) => {
      if (page !== null && read.list.limits.at(-1) === 20) throw apiError('bad_response', { tooMuch: true });
    };
    expect(await read.look()).toMatchObject({ reason: 'bad_response' });
    await read.read();
    expect(read.list.limits).toEqual([20, 20, 10, 10, 10]);
  });
});

describe('a list that cannot be read to its end', () => {
  it.each([
    { why: 'is longer than the cap', poll: { maxListPages: 5 }, next: undefined, chainBroken: false },
    { why: 'leads back', poll: {}, next: { nextPage: 'again' }, chainBroken: true },
    { why: 'leads nowhere', poll: {}, next: { nextPage: null, chainBroken: true as const }, chainBroken: true },
  ])('because it $why is told to be cut', async ({ poll, next, chainBroken }) => {
    const read = listOf(8 * LIMIT, {}, { poll });
    const listPage = read.list.listPage.bind(read.list);
    read.list.listPage = async (id, request) => {
      const page = request.page === 'again' ? null : request.page;
      const reply = await listPage(id, { ...request, page });
      return { ...reply, value: { ...reply.value, ...next } };
    };
    await read.read();
    expect(read.state.items!.lastFullRead).toMatchObject({ truncated: true, chainBroken });
  });

  it('shows a live item behind the cut for an hour after it was last seen', async () => {
    const read = listOf(2 * LIMIT, { retrieve: false }, { poll: { maxListPages: 1 } });
    const id = read.list.add(read.clock.now(), active(read.clock.now()));
    await read.read();
    addStopped(read, 5 * LIMIT);
    await read.readTimes(115);
    expect(read.live).toEqual([id]);
    await read.readTimes(10);
    expect(read.live).toEqual([]);
  });

  it('leaves rows out that are too many, and says so', async () => {
    const clock = new ManualClock();
    const read = listOf(0, {}, { clock, connection: { pageSize: 1000, fallbackPageSize: 1000 } });
    for (let n = 0; n < 51_000; n++) read.list.add(clock.now());
    await read.look();
    expect(read.live).toHaveLength(50_000);
    expect(read.state.items!.lastFullRead).toMatchObject({ truncated: true, roomless: true });
  });
});

describe('what a failed read has seen', () => {
  it('comes with the next one that succeeds', async () => {
    const read = listOf(8 * LIMIT);
    read.list.add(read.clock.now() - 3 * 3_600_000, active(read.clock.now()));
    await read.read();
    const id = read.list.add(read.clock.now() + 1);
    read.list.change(id, { ...active(read.clock.now() + 2), state: 'stopped', stoppedAt: read.clock.now() + 3 });
    // The page with the item, and then the single read of the old one.
    expect(await read.readWithFailure(2, apiError('rate_limited', { httpStatus: 429 }))).not.toBeNull();
    // Meanwhile it has left the list.
    read.list.remove([id]);
    await read.read();
    expect(read.state.ledger!.totals).toMatchObject({ created: 1, acknowledged: 1, stopped: 1 });
  });

  it('comes with it, too, if a page of the first full scan fails', async () => {
    const read = listOf(4 * LIMIT);
    const id = read.list.add(read.clock.now() + 1);
    expect(await read.readWithFailure(3, apiError('server_error', { httpStatus: 500 }))).not.toBeNull();
    expect(read.state.items).toBeNull();
    const requests = await read.read();
    // It goes on with the page that failed.
    expect(requests[0]!.page).not.toBeNull();
    expect(read.live).toEqual([id]);
    expect(read.state.ledger!.totals).toMatchObject({ created: 1 });
  });
});

describe('the rows of one item', () => {
  it('that stopped before counting began are not followed', async () => {
    const read = listOf(3 * LIMIT);
    await read.readTimes(2);
    expect(read.state.ledger!.items.size).toBe(0);
  });

  it('that the ledger follows say something, however old they are, also under another id', async () => {
    const clock = new ManualClock();
    const at = clock.now() - 3_600_000;
    const row = { id: 'work_new', sessionId: 'sesn_1', acknowledgedAt: at };
    const first = listOf(0, {}, { clock, connection: { idsRotate: true } });
    first.list.add(at, { ...row, ...active(at) });
    await first.look();
    const { ledger } = first.state;
    const second = listOf(
      0,
      {},
      { clock, connection: { idsRotate: true }, ledger: { ...ledger!, settledUntil: clock.now() } },
    );
    second.list.add(at, { ...row, id: 'work_newer', state: 'stopped', stoppedAt: at + 1000 });
    await second.look();
    expect(second.state.ledger!.totals.stopped).toBe(ledger!.totals.stopped + 1);
  });
});

describe('cursors that are rejected', () => {
  const reject = (read: ReadList, status: number, isRejected: () => boolean) => {
    read.list.before = ({ page }) => {
      if (page !== null && isRejected()) throw apiError('client_error', { httpStatus: status });
    };
  };

  it.each([400, 404, 410])('with %i make the full scan begin anew with the next read', async (status) => {
    const read = listOf(12 * LIMIT);
    await read.readTimes(4);
    let left = 1;
    reject(read, status, () => left-- > 0);
    const before = read.state.items!.lastFullRead!.at;
    await read.readTimes(2);
    expect(read.state.items!.lastFullRead).toMatchObject({ pages: 12, truncated: false });
    expect(read.state.items!.lastFullRead!.at).toBeGreaterThan(before);
  });

  it('again and again leave what the start of the list shows', async () => {
    const read = listOf(12 * LIMIT);
    await read.read();
    reject(read, 400, () => true);
    await read.readTimes(40);
    const id = read.list.add(read.clock.now());
    await read.read();
    expect(read.live).toEqual([id]);
  });
});

describe('stats that the list does not explain', () => {
  it('work that waits while nobody is there: the whole list is looked at, once a minute', async () => {
    const read = listOf(8 * LIMIT);
    read.list.add(read.clock.now());
    read.showStats({ depth: 1, workersPolling: 0 });
    expect(await read.readTimes(5)).toEqual([9, 1 + 1, 1 + 9, 1 + 1, 1 + 9]);
  });

  it('none while a live item has a fresh heartbeat', async () => {
    const read = listOf(12 * LIMIT);
    const id = read.list.add(read.clock.now(), active(read.clock.now()));
    read.showStats({ depth: 1, workersPolling: 0 });
    await read.read();
    for (let n = 0; n < 3; n++) {
      read.list.change(id, { latestHeartbeatAt: read.clock.now() });
      expect((await read.read()).length).toBeLessThan(5);
    }
  });

  it.each([
    ['both stats before and after the read agree on', [3, 2], 2],
    ['is a race', [3, 0], 0],
    ['is unknown without stats', [], null],
  ] as const)('a difference that %s', async (_, depths, mismatch) => {
    const read = listOf(5);
    for (const depth of depths) {
      read.showStats({ depth });
      await read.read();
      await read.clock.advance(1000);
    }
    if (depths.length > 0) read.showStats({ depth: depths.at(-1)! });
    await read.read();
    expect(read.state.items?.mismatch).toBe(mismatch);
  });
});

it('a list of another process begins with what a state file gave back', async () => {
  const clock = new ManualClock();
  const ledger = newLedger(clock.now() - 10 * MINUTE);
  const list = new FakeWorkList({ order: 'newest', cursors: 'keyset' });
  const read = new Reads({ list, clock, ledger });
  list.add(clock.now() - 5 * MINUTE, { state: 'stopped', stoppedAt: clock.now() - 4 * MINUTE });
  await read.look();
  expect(read.state.ledger!.totals).toMatchObject({ created: 1, stopped: 1 });
});
