import { beforeEach, describe, expect, it } from 'vitest';
import { apiError } from '../support/api-errors.ts';
import { LIMIT, ListRig, MINUTE } from './list-rig.ts';

let rig: ListRig;

beforeEach(() => {
  rig = new ListRig();
});

describe('a page size that is rejected', () => {
  it('a page size that is rejected becomes the smaller one that every service takes, for a day', async () => {
    rig.given({ stopped: 95, maxPageSize: 10 }, { connection: { pageSize: 1000, fallbackPageSize: 10 } });
    // The rejected one, the smaller one that is accepted, and the ten of the list.
    expect(await rig.read()).toHaveLength(12);
    expect(await rig.read()).toHaveLength(1);
    await rig.clock.advance(86_400_000);
    // Asked for once more and rejected once more: what is known of the list stays known.
    const asked = await rig.read();
    expect(asked.every(({ page }) => page === null)).toBe(false);
    expect(rig.reader.scanState.order.value).toBe('newest');
    expect(rig.list.limits.filter((limit) => limit === 1000)).toHaveLength(2);
    await rig.clock.advance(3_600_000);
    await rig.read();
    expect(rig.list.limits.filter((limit) => limit === 1000)).toHaveLength(2);
  });

  it('grows again when the provider accepts it again, and the list is learned anew', async () => {
    const options = { order: 'newest' as const, cursors: 'keyset' as const, maxPageSize: 10 };
    rig.given({ stopped: 95, ...options }, { connection: { pageSize: 1000, fallbackPageSize: 10 } });
    await rig.read();
    rig.list.options.maxPageSize = 1000;
    await rig.clock.advance(86_400_000);
    await rig.read();
    await rig.read();
    expect(rig.reader.state.items).toMatchObject({ mode: 'whole', lastFullRead: { pages: 1, items: 95 } });
  });

  it.each([400, 422])('is one that gets %d', async (httpStatus) => {
    rig.given({ stopped: 15 }, { connection: { pageSize: 1000, fallbackPageSize: 10 } });
    rig.list.before = () => {
      if (rig.list.limits.at(-1) === 1000) throw apiError('client_error', { httpStatus });
    };
    await rig.read();
    expect(rig.list.limits).toEqual([1000, 10, 10, 10]);
  });

  it('is no reason to try again when the smaller one is rejected, too', async () => {
    rig.given({ stopped: 5, maxPageSize: 5 }, { connection: { pageSize: 1000, fallbackPageSize: 10 } });
    await rig.reader.read();
    expect(rig.list.requests).toHaveLength(2);
    expect(rig.reader.state.operations.list.failure?.httpStatus).toBe(400);
  });

  it.each([400, 422])('is not the one that gets %d while the smaller one does, too', async (httpStatus) => {
    rig.given({ stopped: 200 }, { connection: { pageSize: 50, fallbackPageSize: LIMIT } });
    await rig.read();
    const { order } = rig.reader.scanState;
    expect(order.value).toBe('newest');
    for (let n = 0; n < 3; n++) {
      const { failure, requests } = await rig.readWithFailure(1, apiError('client_error', { httpStatus }));
      expect(failure?.httpStatus).toBe(httpStatus);
      expect(requests.map(({ page }) => page)).toEqual([null, null]);
    }
    // What was known of the list is still known.
    expect(order.value).toBe('newest');
    const live = rig.list.add(rig.clock.now());
    const before = rig.list.limits.length;
    await rig.read();
    expect(new Set(rig.list.limits.slice(before))).toEqual(new Set([50]));
    expect(rig.reader.live).toEqual([live]);
  });
});

describe('a page that holds more than is accepted of one answer', () => {
  const tooMuch = () => apiError('bad_response', { httpStatus: 200, tooMuch: true });
  const connection = { pageSize: 50, fallbackPageSize: LIMIT };

  it.each([
    ['the first', 1],
    ['the third', 3],
  ])('is read in smaller ones for a day, if it is %s, and nothing fails or is lost', async (_, nth) => {
    rig.given({ stopped: 200 }, { connection });
    const live = [rig.list.add(rig.clock.now() - 170 * MINUTE), rig.list.add(rig.clock.now())];
    rig.list.before = () => {
      if (rig.list.limits.at(-1) === 50 && rig.list.limits.length >= nth) throw tooMuch();
    };
    await rig.read();
    expect(rig.list.limits).toEqual([...Array(nth).fill(50), ...Array(21).fill(LIMIT)]);
    expect(rig.reader.live.toSorted()).toEqual(live.toSorted());
    expect(await rig.read()).toHaveLength(2);
    await rig.clock.advance(86_400_000);
    await rig.read();
    expect(rig.list.limits.filter((limit) => limit === 50)).toHaveLength(nth + 1);
    expect(rig.reader.live.toSorted()).toEqual(live.toSorted());
  });

  it('is read in smaller ones also where it is met long after the list was learned', async () => {
    rig.given({ stopped: 200 }, { connection });
    await rig.read();
    const live = rig.list.add(rig.clock.now());
    rig.list.before = () => {
      if (rig.list.limits.at(-1) === 50) throw tooMuch();
    };
    await rig.read();
    await rig.read();
    expect(rig.reader.live).toEqual([live]);
    expect(rig.reader.scanState.order.value).toBe('newest');
  });

  it('fails the read where the smaller one does, too', async () => {
    rig.given({ stopped: 200 }, { connection });
    rig.list.before = () => {
      throw tooMuch();
    };
    await rig.reader.read();
    expect(rig.list.limits).toEqual([50, LIMIT]);
    expect(rig.reader.state.operations.list.failure?.reason).toBe('bad_response');
  });
});

describe('a larger page size that is tried again after a day', () => {
  it('hides no new item while it is rejected', async () => {
    const connection = { pageSize: 1000, fallbackPageSize: LIMIT };
    rig.given({ stopped: 20 * LIMIT, maxPageSize: LIMIT }, { connection });
    await rig.read();
    await rig.clock.advance(86_400_000);
    rig.permits = 0;
    await rig.read();
    const ids: string[] = [];
    for (let n = 0; n < 3; n++) {
      ids.push(rig.list.add(rig.clock.now()));
      await rig.read();
      expect(rig.reader.live).toEqual(ids);
    }
  });

  it('is tried again by the next read when the first try fails for another reason', async () => {
    const connection = { pageSize: 1000, fallbackPageSize: LIMIT };
    rig.given({ stopped: 20 * LIMIT, maxPageSize: LIMIT }, { connection });
    await rig.read();
    await rig.clock.advance(86_400_000);
    rig.list.before = () => {
      throw apiError('server_error', { httpStatus: 500 });
    };
    expect((await rig.reader.read()).failure).toMatchObject({ reason: 'server_error' });
    rig.list.before = () => {};
    rig.permits = 0;
    await rig.read();
    const { order, limits } = rig.reader.scanState;
    expect([order.value, limits.pageSize]).toEqual(['newest', LIMIT]);
    expect(rig.list.limits.filter((limit) => limit === 1000)).toHaveLength(3);
  });
});
