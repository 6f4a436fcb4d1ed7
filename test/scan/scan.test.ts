import { beforeEach, describe, expect, it } from 'vitest';
import { apiError } from '../support/api-errors.ts';
import type { ListReaderOptions } from './list-reader.ts';
import { ListRig } from './list-rig.ts';

let rig: ListRig;

beforeEach(() => {
  rig = new ListRig();
});

describe('a short list', () => {
  it('is read whole each time, up to three pages', async () => {
    rig.given({ stopped: 29 });
    rig.list.add(rig.clock.now());
    expect([await rig.read(), await rig.read(), await rig.read()].map((requests) => requests.length)).toEqual([
      3, 3, 3,
    ]);
    expect(rig.reader.state.items).toMatchObject({
      mode: 'whole',
      lastFullRead: { pages: 3, items: 30, truncated: false },
    });
    expect(rig.reader.live).toEqual(['work_29']);
  });

  it('loses what is not on its only page', async () => {
    rig.given({ stopped: 3 });
    const id = rig.list.add(rig.clock.now());
    await rig.read();
    rig.list.remove([id]);
    await rig.read();
    expect(rig.reader.live).toEqual([]);
  });

  it('of several pages loses nothing on one full scan, but on the second at once', async () => {
    rig.given({ stopped: 25, retrieve: false });
    const id = rig.list.add(rig.clock.now());
    await rig.read();
    rig.list.remove([id]);
    expect(await rig.read()).toHaveLength(6);
    expect(rig.reader.live).toEqual([]);
  });

  it('keeps an item that one full scan missed and the next one shows', async () => {
    rig.given({ stopped: 25, retrieve: false });
    const id = rig.list.add(rig.clock.now() + 1);
    await rig.read();
    const item = rig.list.get(id)!;
    rig.list.remove([id]);
    let requests = 0;
    rig.list.before = () => {
      if (++requests === 4) rig.list.add(item.createdAt!, item);
    };
    await rig.read();
    expect(rig.reader.live).toEqual([id]);
    expect(rig.reader.state.lifecycle?.created).toBe(1);
  });

  it('asks for a missed item by its id where it may', async () => {
    rig.given({ stopped: 25 });
    const id = rig.list.add(rig.clock.now());
    await rig.read();
    rig.list.remove([id]);
    expect((await rig.read()).map(({ kind }) => kind)).toEqual(['page', 'page', 'page', 'retrieve']);
    expect(rig.reader.live).toEqual([]);
  });
});

describe('new items', () => {
  it('are all met when there are more than a page of them', async () => {
    rig.given({ stopped: 95 });
    await rig.read();
    const ids = Array.from({ length: 25 }, () => rig.list.add(rig.clock.now()));
    expect(await rig.read()).toHaveLength(3);
    expect(rig.reader.live).toEqual(ids.sort());
  });

  it.each(['newest', 'oldest'] as const)('that became visible late are met, %s first', async (order) => {
    rig.given({ stopped: 95, order, limit: 5 });
    await rig.read();
    for (let i = 0; i < 9; i++)
      rig.list.add(rig.clock.now() - (9 - i) * 1000, { state: 'stopped', stoppedAt: rig.clock.now() });
    await rig.read();
    const late = rig.list.add(rig.clock.now() - 50_000);
    await rig.read();
    expect(rig.reader.live).toEqual([late]);
  });
});

describe('a read that does not end well', () => {
  it('publishes nothing, and what it saw goes out with the next one', async () => {
    rig.given({ stopped: 95 });
    await rig.read();
    const id = rig.list.add(rig.clock.now());
    rig.list.before = ({ page }) => {
      if (page !== null) throw apiError('timeout');
    };
    const items = rig.reader.state.items;
    await rig.clock.advance(280_000);
    const { failure } = await rig.reader.read();
    expect([failure?.reason, rig.reader.state.items]).toEqual(['timeout', items]);
    rig.list.before = () => {};
    rig.list.change(id, { state: 'stopped', acknowledgedAt: rig.clock.now(), stoppedAt: rig.clock.now() });
    await rig.read();
    expect(rig.reader.state.lifecycle).toMatchObject({ created: 1, acknowledged: 1, stopped: 1 });
  });

  it('that is called off leaves everything as it was and the next one whole', async () => {
    rig.given({ stopped: 95 });
    const id = rig.list.add(rig.clock.now() + 1);
    const abort = new AbortController();
    rig.list.before = () => {
      if (rig.list.requests.length === 4) abort.abort();
    };
    await rig.reader.read(abort.signal);
    expect(rig.reader.state.items).toBeNull();
    rig.list.before = () => {};
    await rig.read();
    expect(rig.reader.live).toEqual([id]);
    expect(rig.reader.state.lifecycle?.created).toBe(1);
  });
});

describe('what was counted', () => {
  it('is published when it is kept, and kept with a word on whether anything counts', async () => {
    const kept: string[] = [];
    let disk = Promise.resolve();
    const written = Promise.withResolvers<void>();
    const saveLedger: ListReaderOptions['saveLedger'] = (_, { totals }, counted) => {
      kept.push(`${counted} ${totals.created}`);
      return disk;
    };
    rig.given({ stopped: 5 }, { saveLedger });
    // The first full scan proves that nothing else lives; the second finds nothing new.
    await rig.read();
    await rig.read();
    expect([kept, rig.reader.state.lifecycle?.created]).toEqual([['false 0', 'false 0'], 0]);
    rig.list.add(rig.clock.now());
    disk = written.promise;
    const reading = rig.read();
    await rig.clock.advance(60_000);
    expect([kept.at(-1), rig.reader.state.lifecycle?.created]).toEqual(['true 1', 0]);
    written.resolve();
    await reading;
    expect(rig.reader.state.lifecycle?.created).toBe(1);
  });
});
