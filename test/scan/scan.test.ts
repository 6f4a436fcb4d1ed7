import { beforeEach, describe, expect, it } from 'vitest';
import { observedAtOf } from '../../src/state/staleness.ts';
import { apiError } from '../support/api-errors.ts';
import { type FakeListOptions, FakeWorkList } from '../support/fake-work-list.ts';
import { ManualClock } from '../support/manual-clock.ts';
import { ListReader, type ListReaderOptions } from './list-reader.ts';

const MINUTE = 60_000;
let clock: ManualClock;
let list: FakeWorkList;
let reader: ListReader;

beforeEach(() => {
  clock = new ManualClock();
});

/** A list of stopped items, one a minute, with `limit` a page, and somebody to read it. */
function given(
  options: Partial<FakeListOptions> & { stopped: number; limit?: number },
  change: Partial<ListReaderOptions> = {},
): void {
  const { stopped, limit = 10, ...rest } = options;
  list = new FakeWorkList({ order: 'newest', cursors: 'keyset', ...rest });
  for (let i = stopped; i > 0; i--) {
    const at = clock.now() - i * MINUTE - 3_600_000;
    list.add(at, { state: 'stopped', acknowledgedAt: at + 1000, stoppedAt: at + 30_000 });
  }
  const connection = { pageSize: limit, fallbackPageSize: limit, ...change.connection };
  reader = new ListReader({ api: list, clock, ...change, connection });
}

/** The requests of one read, 30 s after the last. */
async function read(): Promise<typeof list.requests> {
  await clock.advance(30_000);
  const before = list.requests.length;
  const { failure } = await reader.read();
  expect(failure).toBeNull();
  return list.requests.slice(before);
}

/** A read that the API refuses at the nth request from now on, for good. */
async function readWithFailure(nth: number, error: Error = apiError('server_error', { httpStatus: 500 })) {
  await clock.advance(30_000);
  const before = list.requests.length;
  let seen = 0;
  list.before = () => {
    if (++seen >= nth) throw error;
  };
  const { failure } = await reader.read();
  list.before = () => {};
  return { failure, requests: list.requests.slice(before) };
}

describe('a short list', () => {
  it('is read whole each time, up to three pages', async () => {
    given({ stopped: 29 });
    list.add(clock.now());
    expect([await read(), await read(), await read()].map((requests) => requests.length)).toEqual([3, 3, 3]);
    expect(reader.state.items).toMatchObject({
      mode: 'whole',
      lastFullRead: { pages: 3, items: 30, truncated: false },
    });
    expect(reader.live).toEqual(['work_29']);
  });

  it('loses what is not on its only page', async () => {
    given({ stopped: 3 });
    const id = list.add(clock.now());
    await read();
    list.remove([id]);
    await read();
    expect(reader.live).toEqual([]);
  });

  it('of several pages loses nothing on one full scan, but on the second at once', async () => {
    given({ stopped: 25, retrieve: false });
    const id = list.add(clock.now());
    await read();
    list.remove([id]);
    expect(await read()).toHaveLength(6);
    expect(reader.live).toEqual([]);
  });

  it('keeps an item that one full scan missed and the next one shows', async () => {
    given({ stopped: 25, retrieve: false });
    const id = list.add(clock.now() + 1);
    await read();
    const item = list.get(id)!;
    list.remove([id]);
    let requests = 0;
    list.before = () => {
      if (++requests === 4) list.add(item.createdAt!, item);
    };
    await read();
    expect(reader.live).toEqual([id]);
    expect(reader.state.lifecycle?.created).toBe(1);
  });

  it('asks for a missed item by its id where it may', async () => {
    given({ stopped: 25 });
    const id = list.add(clock.now());
    await read();
    list.remove([id]);
    expect((await read()).map(({ kind }) => kind)).toEqual(['page', 'page', 'page', 'retrieve']);
    expect(reader.live).toEqual([]);
  });
});

describe('the order of a long list', () => {
  it.each(['newest', 'oldest'] as const)(
    '%s first is learned by a full scan; then one page shows what is new',
    async (order) => {
      given({ stopped: 95, order });
      expect(await read()).toHaveLength(10);
      const id = list.add(clock.now());
      expect(await read()).toHaveLength(1);
      expect([reader.state.items?.mode, reader.live]).toEqual([order, [id]]);
    },
  );

  it('none: full scans go on and on, ten pages a read at the least', async () => {
    given({ stopped: 195, order: 'none' });
    expect(await read()).toHaveLength(20);
    expect([await read(), await read()].map((requests) => requests.length)).toEqual([10, 10]);
    expect(reader.state.items?.mode).toBe('none');
  });

  it('that breaks is a rescan reason: a full scan, at the earliest a minute after the last', async () => {
    given({ stopped: 95 });
    await read();
    const first = list.items().at(-1)!;
    list.change(first.id, { createdAt: first.createdAt! - 10 * MINUTE });
    expect(await read()).toHaveLength(1);
    expect(reader.scanState.rescans.reason).toBe('order');
    expect(reader.state.items?.scan?.rescanReason?.reason).toBe('order');
    await clock.advance(MINUTE);
    expect((await read()).length).toBeGreaterThanOrEqual(10);
    expect(reader.scanState.order.value).toBe('none');
  });

  it.each(['newest', 'oldest'] as const)(
    'that shows only now, %s first, brings the items that came during the full scan',
    async (order) => {
      given({ stopped: 195, order });
      const [, second] = list.items();
      list.change(second!.id, { createdAt: second!.createdAt! - 10 * MINUTE });
      await read();
      expect(reader.scanState.order.value).toBe('none');
      list.change(second!.id, { createdAt: second!.createdAt });
      await read();
      expect(reader.scanState.order.value).toBe('none');
      const id = list.add(clock.now());
      await read();
      expect(reader.scanState.order.value).toBe(order);
      expect(reader.live).toEqual([id]);
    },
  );

  it('survives a full scan that fails until more than a page of items has come', async () => {
    given({ stopped: 195, cursors: 'offset' });
    await read();
    await clock.advance(4 * MINUTE);
    while (reader.scanState.fullScans.current === null) await read();
    for (let n = 0; n < 2; n++) {
      for (let item = 0; item < 13; item++) list.add(clock.now() - 1000 + item);
      // Only the pages from which new items are read succeed.
      const { page } = reader.scanState.fullScans.current;
      list.before = (request) => {
        if (request.page === page) throw apiError('server_error', { httpStatus: 500 });
      };
      await clock.advance(30_000);
      await reader.read();
    }
    list.before = () => {};
    while (reader.scanState.fullScans.current !== null) await read();
    expect(reader.scanState.order.value).toBe('newest');
  });

  it('is given up for an hour after three reasons to rescan in ten minutes', async () => {
    given({ stopped: 155, order: 'oldest' });
    await read();
    for (let n = 0; n < 3; n++) {
      await clock.advance(2 * MINUTE);
      // The end of the list goes, and with it all that was known of the last pages.
      const last = list.items().slice(-22);
      list.remove(last.map(({ id }) => id));
      await read();
    }
    expect(reader.scanState.order.value).toBe('none');
    await clock.advance(50 * MINUTE);
    await read();
    expect(reader.scanState.order.value).toBe('none');
    await clock.advance(11 * MINUTE);
    await read();
    expect(reader.scanState.order.value).toBe('oldest');
  });
});

describe('new items', () => {
  it('are all met when there are more than a page of them', async () => {
    given({ stopped: 95 });
    await read();
    const ids = Array.from({ length: 25 }, () => list.add(clock.now()));
    expect(await read()).toHaveLength(3);
    expect(reader.live).toEqual(ids.sort());
  });

  it.each(['newest', 'oldest'] as const)('that became visible late are met, %s first', async (order) => {
    given({ stopped: 95, order, limit: 5 });
    await read();
    for (let i = 0; i < 9; i++) list.add(clock.now() - (9 - i) * 1000, { state: 'stopped', stoppedAt: clock.now() });
    await read();
    const late = list.add(clock.now() - 50_000);
    await read();
    expect(reader.live).toEqual([late]);
  });
});

describe('live items far from the new ones', () => {
  const old = () => list.items()[50]!.id;

  /** When the live items were last seen. */
  function seenAts(): number[] {
    const items = reader.state.items!;
    return [...items.live.values()].map((observed) => observedAtOf(observed, items));
  }

  function revive(id: string): void {
    list.change(id, { state: 'active', acknowledgedAt: clock.now(), latestHeartbeatAt: clock.now(), stoppedAt: null });
  }

  it('are read alone by their id', async () => {
    given({ stopped: 95 });
    revive(old());
    await read();
    expect((await read()).map(({ kind }) => kind)).toEqual(['page', 'retrieve']);
    expect(seenAts()[0]).toBe(clock.now());
  });

  it('are read by their page without such a credential, or when single reads are off', async () => {
    given({ stopped: 95, retrieve: false });
    revive(old());
    await read();
    expect((await read()).map(({ kind }) => kind)).toEqual(['page', 'page']);
    given({ stopped: 95 }, { environment: { poll: { ...reader.state.environment.poll, singleReads: 'off' } } });
    revive(old());
    await read();
    expect((await read()).map(({ kind }) => kind)).toEqual(['page', 'page']);
    expect(seenAts()[0]).toBe(clock.now());
  });

  it('are found on the next page when new ones have pushed them on', async () => {
    given({ stopped: 95, cursors: 'offset', retrieve: false });
    const id = list.items()[46]!.id;
    revive(id);
    await read();
    for (let i = 0; i < 6; i++) list.add(clock.now(), { state: 'stopped', stoppedAt: clock.now() });
    expect(await read()).toHaveLength(3);
    expect(seenAts()[0]).toBe(clock.now());
  });

  it('cost three requests a read at the most, those unseen for longest first, and keep their time until then', async () => {
    given({ stopped: 195 });
    const ids = [10, 30, 50, 70, 90].map((i) => list.items()[i]!.id);
    ids.forEach(revive);
    await read();
    const first = (await read()).flatMap(({ id }) => id ?? []);
    const second = (await read()).flatMap(({ id }) => id ?? []);
    expect([first.length, second.length]).toEqual([3, 3]);
    expect(new Set([...first, ...second])).toEqual(new Set(ids));
    const times = seenAts().map((seenAt) => clock.now() - seenAt);
    expect(times.filter((age) => age === 30_000)).toHaveLength(2);
  });

  it('that are gone leave by a 404', async () => {
    given({ stopped: 95 });
    const id = old();
    revive(id);
    await read();
    list.remove([id]);
    await read();
    expect(reader.live).toEqual([]);
  });

  it('that may not be read alone are read by their page from then on', async () => {
    given({ stopped: 95 });
    revive(old());
    await read();
    list.before = ({ id }) => {
      if (id !== null) throw apiError('forbidden', { httpStatus: 403 });
    };
    await read();
    expect((await read()).map(({ kind }) => kind)).toEqual(['page', 'page']);
  });

  it('of which one fails alone do not fail the read', async () => {
    given({ stopped: 95 });
    revive(old());
    await read();
    list.before = ({ id }) => {
      if (id !== null) throw apiError('server_error', { httpStatus: 500 });
    };
    expect((await read()).map(({ kind }) => kind)).toEqual(['page', 'retrieve']);
    expect((await read()).map(({ kind }) => kind)).toEqual(['page', 'page']);
  });

  it('are not asked for one by one while the API asks for patience', async () => {
    given({ stopped: 95 });
    revive(old());
    await read();
    const { failure } = await readWithFailure(2, apiError('rate_limited', { httpStatus: 429, retryAfterMs: 9000 }));
    expect(failure?.reason).toBe('rate_limited');
  });

  it('whose place is lost are a rescan reason where they cannot be read alone', async () => {
    given({ stopped: 95, retrieve: false });
    const id = old();
    revive(id);
    await read();
    list.remove([id]);
    await read();
    expect(reader.scanState.rescans.reason).toBe('item_moved');
    expect(reader.live).toEqual([id]);
  });
});

describe('a full scan', () => {
  it('is due every full interval, a part of it with each read, and finds what lives again', async () => {
    given({ stopped: 995, limit: 10 });
    expect(await read()).toHaveLength(100);
    const revived = list.items()[20]!.id;
    list.change(revived, { state: 'queued', startedAt: clock.now(), stoppedAt: null, acknowledgedAt: null });
    let seenAfter = 0;
    const costs: number[] = [];
    while (reader.live.length === 0 && seenAfter < 30) {
      seenAfter++;
      costs.push((await read()).length);
    }
    expect(seenAfter * 30_000).toBeLessThanOrEqual(300_000);
    expect(Math.max(...costs)).toBeLessThanOrEqual(21);
    expect(reader.state.lifecycle?.requeued).toBe(1);
  });

  it('goes on at the page that failed', async () => {
    given({ stopped: 95 });
    const { failure } = await readWithFailure(6);
    expect([failure?.reason, reader.state.items]).toEqual(['server_error', null]);
    // The rest, and the first page again: what came since the full scan began is there.
    expect((await read()).map(({ page }) => page === null)).toEqual([...new Array(5).fill(false), true]);
    expect(reader.state.items?.lastFullRead).toMatchObject({ pages: 10, items: 95 });
  });

  it('begins anew when a page failed three times', async () => {
    given({ stopped: 95 });
    await readWithFailure(6);
    await readWithFailure(1);
    await readWithFailure(1);
    expect(await read()).toHaveLength(10);
  });

  it('begins anew once when its cursor is refused, and fails the second time', async () => {
    given({ stopped: 95 });
    let refusals = 1;
    list.before = ({ page }) => {
      if (page !== null && list.requests.length > 4 && refusals-- > 0)
        throw apiError('client_error', { httpStatus: 400 });
    };
    expect(await read()).toHaveLength(15);
    given({ stopped: 95 });
    const { failure } = await readWithFailure(4, apiError('client_error', { httpStatus: 400 }));
    expect(failure?.httpStatus).toBe(400);
  });

  it('stops at the page cap and says so', async () => {
    given({ stopped: 95 }, { environment: { poll: { ...environmentPoll(), maxListPages: 5 } } });
    expect(await read()).toHaveLength(5);
    expect(reader.state.items?.lastFullRead).toMatchObject({ pages: 5, truncated: true, chainBroken: false });
    const id = list.add(clock.now());
    await read();
    expect([reader.state.items?.mode, reader.live]).toEqual(['newest', [id]]);
  });

  it('stops at a cursor that comes back', async () => {
    given({ stopped: 45 });
    const pages = list.listPage.bind(list);
    list.listPage = async (id, request) => {
      const answer = await pages(id, request);
      return list.requests.length % 4 === 0
        ? { ...answer, value: { ...answer.value, nextPage: list.requests[1]!.page } }
        : answer;
    };
    expect(await read()).toHaveLength(4);
    expect(reader.state.items?.lastFullRead?.truncated).toBe(true);
  });

  it('goes over empty pages to the end', async () => {
    given({ stopped: 15 });
    const pages = list.listPage.bind(list);
    list.listPage = async (id, request) => {
      if (request.page === null) return { ...(await pages(id, request)), value: { items: [], nextPage: 'first' } };
      return pages(id, { ...request, page: request.page === 'first' ? null : request.page });
    };
    await read();
    expect(reader.state.items?.lastFullRead).toMatchObject({ pages: 3, items: 15 });
  });
});

describe('a page size that is refused', () => {
  it('becomes 100 for a day', async () => {
    given({ stopped: 95, maxPageSize: 10 }, { connection: { pageSize: 1000, fallbackPageSize: 10 } });
    expect(await read()).toHaveLength(11);
    expect(await read()).toHaveLength(1);
    await clock.advance(86_400_000);
    // Asked for once more and refused once more: what is known of the list stays known.
    const asked = await read();
    expect(asked.every(({ page }) => page === null)).toBe(false);
    expect(reader.scanState.order.value).toBe('newest');
    expect(list.limits.filter((limit) => limit === 1000)).toHaveLength(2);
    await clock.advance(3_600_000);
    await read();
    expect(list.limits.filter((limit) => limit === 1000)).toHaveLength(2);
  });

  it('grows again when the provider accepts it again, and the list is learned anew', async () => {
    const options = { order: 'newest' as const, cursors: 'keyset' as const, maxPageSize: 10 };
    given({ stopped: 95, ...options }, { connection: { pageSize: 1000, fallbackPageSize: 10 } });
    await read();
    list.options.maxPageSize = 1000;
    await clock.advance(86_400_000);
    await read();
    await read();
    expect(reader.state.items).toMatchObject({ mode: 'whole', lastFullRead: { pages: 1, items: 95 } });
  });

  it('is no reason to try again when the smaller one is refused too', async () => {
    given({ stopped: 5, maxPageSize: 5 }, { connection: { pageSize: 1000, fallbackPageSize: 10 } });
    await reader.read();
    expect(list.requests).toHaveLength(2);
    expect(reader.state.operations.list.failure?.httpStatus).toBe(400);
  });
});

describe('work that waits while nobody is there', () => {
  it('is a reason to look through the whole list, once a minute', async () => {
    given({ stopped: 95 });
    list.add(clock.now());
    reader.showStats({ depth: 1, workersPolling: 0 });
    expect(await read()).toHaveLength(10);
    expect(await read()).toHaveLength(1);
    // The page with the new items, and then all of them.
    expect(await read()).toHaveLength(11);
  });

  it('is none while a live item has a fresh heartbeat', async () => {
    given({ stopped: 95 });
    const id = list.add(clock.now(), { state: 'active', latestHeartbeatAt: clock.now() });
    reader.showStats({ depth: 1, workersPolling: 0 });
    await read();
    list.change(id, { latestHeartbeatAt: clock.now() });
    await read();
    expect(await read()).toHaveLength(1);
  });
});

describe('items that stats count and the list does not show', () => {
  it('are a rescan reason when two reads in a row miss them; what a full scan does not explain is left at that', async () => {
    given({ stopped: 95 });
    const costs: number[] = [];
    for (let n = 0; n < 9; n++) {
      await clock.advance(1000);
      reader.showStats({ depth: 2 });
      costs.push((await read()).length);
    }
    expect(reader.state.items?.mismatch).toBe(2);
    // The full scan at the start, and one that looks for the two.
    expect(costs.filter((cost) => cost >= 10)).toHaveLength(2);
    expect(reader.scanState.mismatch.baseline).toBe(2);
  });

  it('are what both the stats before and after the read agree on', async () => {
    given({ stopped: 5 });
    reader.showStats({ depth: 3 });
    await read();
    await clock.advance(1000);
    reader.showStats({ depth: 0 });
    await read();
    expect(reader.state.items?.mismatch).toBe(0);
  });

  it('are unknown without stats', async () => {
    given({ stopped: 5 });
    await read();
    await read();
    expect(reader.state.items?.mismatch).toBeNull();
  });
});

describe('a read that does not end well', () => {
  it('publishes nothing, and what it saw goes out with the next one', async () => {
    given({ stopped: 95 });
    await read();
    const id = list.add(clock.now());
    list.before = ({ page }) => {
      if (page !== null) throw apiError('timeout');
    };
    const items = reader.state.items;
    await clock.advance(280_000);
    const { failure } = await reader.read();
    expect([failure?.reason, reader.state.items]).toEqual(['timeout', items]);
    list.before = () => {};
    list.change(id, { state: 'stopped', acknowledgedAt: clock.now(), stoppedAt: clock.now() });
    await read();
    expect(reader.state.lifecycle).toMatchObject({ created: 1, acknowledged: 1, stopped: 1 });
  });

  it('that is called off leaves everything as it was and the next one whole', async () => {
    given({ stopped: 95 });
    const id = list.add(clock.now() + 1);
    const abort = new AbortController();
    list.before = () => {
      if (list.requests.length === 4) abort.abort();
    };
    await reader.read(abort.signal);
    expect(reader.state.items).toBeNull();
    list.before = () => {};
    await read();
    expect(reader.live).toEqual([id]);
    expect(reader.state.lifecycle?.created).toBe(1);
  });
});

describe('what was counted', () => {
  it('is published when it is kept, and kept with a word on what the read did to it', async () => {
    const kept: string[] = [];
    let disk = Promise.resolve();
    const written = Promise.withResolvers<void>();
    const keepLedger: ListReaderOptions['keepLedger'] = (_, { totals }, change) => {
      kept.push(`${change} ${totals.created}`);
      return disk;
    };
    given({ stopped: 5 }, { keepLedger });
    // The first full scan proves that nothing else lives; the second finds nothing new.
    await read();
    await read();
    expect([kept, reader.state.lifecycle?.created]).toEqual([['learned 0', 'seen 0'], 0]);
    list.add(clock.now());
    disk = written.promise;
    const reading = read();
    await clock.advance(60_000);
    expect([kept.at(-1), reader.state.lifecycle?.created]).toEqual(['counted 1', 0]);
    written.resolve();
    await reading;
    expect(reader.state.lifecycle?.created).toBe(1);
  });
});

function environmentPoll() {
  given({ stopped: 0 });
  return reader.state.environment.poll;
}
