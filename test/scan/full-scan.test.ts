import { beforeEach, describe, expect, it } from 'vitest';
import { apiError } from '../support/api-errors.ts';
import { POLL } from '../support/environments.ts';
import { settle } from '../support/manual-clock.ts';
import { LIMIT, ListRig } from './list-rig.ts';

let rig: ListRig;

beforeEach(() => {
  rig = new ListRig();
});

describe('a full scan', () => {
  it('is due every full interval, a part of it with each read, and finds what lives again', async () => {
    rig.given({ stopped: 995, limit: 10 });
    expect(await rig.read()).toHaveLength(100);
    const revived = rig.list.items()[20]!.id;
    rig.list.change(revived, { state: 'queued', startedAt: rig.clock.now(), stoppedAt: null, acknowledgedAt: null });
    let seenAfter = 0;
    const costs: number[] = [];
    while (rig.reader.live.length === 0 && seenAfter < 30) {
      seenAfter++;
      costs.push((await rig.read()).length);
    }
    expect(seenAfter * 30_000).toBeLessThanOrEqual(300_000);
    expect(Math.max(...costs)).toBeLessThanOrEqual(21);
    expect(rig.reader.state.lifecycle?.requeued).toBe(1);
  });

  it('remembers what it read in one go as one part of the list', async () => {
    rig.given({ stopped: 95 });
    await rig.read();
    expect(rig.reader.scanState.fullScans.last?.parts).toMatchObject([{ pages: 10 }]);
  });

  it('goes on at the page that failed', async () => {
    rig.given({ stopped: 95 });
    const { failure } = await rig.readWithFailure(6);
    expect([failure?.reason, rig.reader.state.items]).toEqual(['server_error', null]);
    // The rest, and the first page again: what came since the full scan began is there.
    expect((await rig.read()).map(({ page }) => page === null)).toEqual([...new Array(5).fill(false), true]);
    expect(rig.reader.state.items?.lastFullRead).toMatchObject({ pages: 10, items: 95 });
  });

  it('begins anew when a page failed three times', async () => {
    rig.given({ stopped: 95 });
    await rig.readWithFailure(6);
    await rig.readWithFailure(1);
    await rig.readWithFailure(1);
    expect(await rig.read()).toHaveLength(10);
  });

  it('begins anew once when its cursor is rejected, and fails the second time', async () => {
    rig.given({ stopped: 95 });
    let rejections = 1;
    rig.list.before = ({ page }) => {
      if (page !== null && rig.list.requests.length > 4 && rejections-- > 0)
        throw apiError('client_error', { httpStatus: 400 });
    };
    expect(await rig.read()).toHaveLength(15);
    rig.given({ stopped: 95 });
    const { failure } = await rig.readWithFailure(4, apiError('client_error', { httpStatus: 400 }));
    expect(failure?.httpStatus).toBe(400);
  });

  it('stops at the page cap and says so', async () => {
    rig.given({ stopped: 95 }, { environment: { poll: { ...POLL, maxListPages: 5 } } });
    expect(await rig.read()).toHaveLength(5);
    expect(rig.reader.state.items?.lastFullRead).toMatchObject({ pages: 5, truncated: true, chainBroken: false });
    const id = rig.list.add(rig.clock.now());
    await rig.read();
    expect([rig.reader.state.items?.mode, rig.reader.live]).toEqual(['newest', [id]]);
  });

  it('stops at a cursor that comes back', async () => {
    rig.given({ stopped: 45 });
    const pages = rig.list.listPage.bind(rig.list);
    rig.list.listPage = async (id, request) => {
      const answer = await pages(id, request);
      return rig.list.requests.length % 4 === 0
        ? { ...answer, value: { ...answer.value, nextPage: rig.list.requests[1]!.page } }
        : answer;
    };
    expect(await rig.read()).toHaveLength(4);
    expect(rig.reader.state.items?.lastFullRead?.truncated).toBe(true);
  });

  it('goes over empty pages to the end', async () => {
    rig.given({ stopped: 15 });
    const pages = rig.list.listPage.bind(rig.list);
    rig.list.listPage = async (id, request) => {
      if (request.page === null) return { ...(await pages(id, request)), value: { items: [], nextPage: 'first' } };
      return pages(id, { ...request, page: request.page === 'first' ? null : request.page });
    };
    await rig.read();
    expect(rig.reader.state.items?.lastFullRead).toMatchObject({ pages: 3, items: 15 });
  });
});

describe('a list that has outgrown its last full scan', () => {
  it('is shown as far as it is known while its full scan waits for permits', async () => {
    rig.given({ stopped: 2 * LIMIT });
    await rig.read();
    rig.permits = 0;
    for (let i = 0; i < 3 * LIMIT; i++)
      rig.list.add(rig.clock.now() - i, { state: 'stopped', stoppedAt: rig.clock.now() });
    const id = rig.list.add(rig.clock.now() + 1);
    await rig.clock.advance(30_000);
    const end = rig.reader.read();
    await settle();
    expect(rig.reader.live).toEqual([id]);
    expect((await end).failure).toBeNull();
  });

  it('goes on with its full scan, read after read, also when a read finds no permit', async () => {
    rig.given({ stopped: 2 * LIMIT });
    await rig.read();
    rig.permits = 1;
    for (let i = 0; i < 10 * LIMIT; i++)
      rig.list.add(rig.clock.now() - i, { state: 'stopped', stoppedAt: rig.clock.now() });
    expect(await rig.read()).toHaveLength(3 + 1);
    rig.permits = 0;
    expect(await rig.readTimes(7)).toEqual([1, 1, 1, 1, 1, 1, 1]);
    await rig.read();
    expect(rig.reader.state.items).toMatchObject({ lastFullRead: { pages: 12 } });
  });
});
