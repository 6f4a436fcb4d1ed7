import { beforeEach, describe, expect, it } from 'vitest';
import type { PageRequest } from '../../src/client/work-api.ts';
import { apiError } from '../support/api-errors.ts';
import { POLL } from '../support/environments.ts';
import { FakeWorkList } from '../support/fake-work-list.ts';
import { LIMIT, ListRig, MINUTE } from './list-rig.ts';

let rig: ListRig;

beforeEach(() => {
  rig = new ListRig();
});

/** Its cursors are accepted for 20 s. */
class HastyList extends FakeWorkList {
  readonly #givenAt = new Map<string, number>();

  override async listPage(id: string, request: PageRequest) {
    const { page } = request;
    if (page !== null && rig.clock.monotonic() - this.#givenAt.get(page)! > 20_000)
      throw apiError('client_error', { httpStatus: 400 });
    const reply = await super.listPage(id, request);
    const { nextPage } = reply.value;
    if (nextPage !== null) this.#givenAt.set(nextPage, rig.clock.monotonic());
    return reply;
  }
}

describe('cursors that are not accepted for long', () => {
  it.each([
    ['newest', 4],
    ['newest', 0],
    ['oldest', 4],
    ['oldest', 0],
    ['none', 4],
    ['none', 0],
  ] as const)('cost the full scan and not the read, %s first, with %d permits', async (order, permits) => {
    rig.given({ stopped: 20 * LIMIT, order, retrieve: false }, {}, HastyList);
    rig.permits = Number.POSITIVE_INFINITY;
    for (let n = 0; n < 40; n++) {
      await rig.read();
      rig.permits = permits;
    }
    const id = rig.list.add(rig.clock.now());
    await rig.read();
    if (order === 'newest') expect(rig.reader.live).toEqual([id]);
  });

  it('cut a list for which there are never enough permits at once, until there are', async () => {
    rig.given({ stopped: 20 * LIMIT, order: 'oldest', retrieve: false }, {}, HastyList);
    await rig.read();
    const readWith = async (permits: number) => {
      rig.permits = permits;
      await rig.read();
      return rig.reader.state.items!.lastFullRead!.truncated;
    };
    for (let n = 0; n < 40; n++) await readWith(4);
    expect(await readWith(4)).toBe(true);
    expect(await readWith(1000)).toBe(false);
  });

  it('are used in one go, so that full scans end', async () => {
    rig.given({ stopped: 20 * LIMIT, order: 'newest', retrieve: false }, {}, HastyList);
    await rig.read();
    for (let n = 0; n < 60; n++) {
      await rig.read();
      expect(rig.clock.now() - rig.reader.state.items!.lastFullRead!.at).toBeLessThan(POLL.fullListIntervalMs + MINUTE);
    }
  });
});

/** What an API may say of a cursor that it no longer knows. */
describe.each([400, 404, 410, 422])('cursors that are all rejected with %d', (httpStatus) => {
  const rejectCursors = () => {
    rig.list.before = ({ page }) => {
      if (page !== null) throw apiError('client_error', { httpStatus });
    };
  };

  it('cost a full scan that begins anew once, and not the read', async () => {
    rig.given({ stopped: 10 * LIMIT, retrieve: false });
    await rig.read();
    rejectCursors();
    rig.permits = 1000;
    await rig.clock.advance(MINUTE);
    rig.reader.showStats({ depth: 1, workersPolling: 0 });
    // The place of new items, and twice the first page and a cursor that is rejected.
    expect(await rig.readTimes(3)).toEqual([5, 5, 5]);
    const id = rig.list.add(rig.clock.now());
    await rig.read();
    expect(rig.reader.live).toEqual([id]);
  });

  it.each([2, 10])(
    'cut a list of %d pages when they were rejected six times, until they are accepted again',
    async (pages) => {
      rig.given({ stopped: pages * LIMIT, retrieve: false });
      await rig.read();
      rejectCursors();
      const isCut = () => rig.reader.state.items?.lastFullRead?.truncated;
      const rejected = () => rig.list.requests.filter(({ page }) => page !== null).length;
      const readUntilRejected = async (times: number) => {
        const before = rejected();
        while (rejected() - before < times) await rig.read();
        return rejected() - before;
      };
      await readUntilRejected(4);
      // A full scan that ends in between proves that the list can be read.
      rig.list.before = () => {};
      await rig.readTimes(30);
      rejectCursors();
      expect(await readUntilRejected(4)).toBe(4);
      expect(isCut()).toBe(false);
      await readUntilRejected(2);
      expect(rig.reader.state.items?.lastFullRead?.chainBroken).toBe(true);
      rig.list.before = () => {};
      await rig.readTimes(90);
      expect(rig.reader.state.items?.lastFullRead).toMatchObject({ chainBroken: false, items: pages * LIMIT });
    },
  );

  it('cost no read in which they are those of live items', async () => {
    rig.given({ stopped: 10 * LIMIT, retrieve: false });
    rig.list.change('work_30', { state: 'active', stoppedAt: null });
    await rig.read();
    rejectCursors();
    await rig.readTimes(3);
    expect(rig.reader.scanState.rescans.last?.reason).toBe('cursor_rejected');
  });

  it('fail the first read, whose list nobody knows yet', async () => {
    rig.given({ stopped: 10 * LIMIT });
    rejectCursors();
    const { failure } = await rig.reader.read();
    expect(failure).toMatchObject({ reason: 'client_error', httpStatus });
    expect(rig.list.requests.map(({ page }) => page === null)).toEqual([true, false, true, false]);
  });
});

it.each(['newest', 'oldest'] as const)('a cursor that is rejected once costs no read, %s first', async (order) => {
  rig.given({ stopped: 10 * LIMIT, order });
  let times = 0;
  rig.list.before = ({ page }) => {
    if (page !== null && ++times === 3) throw apiError('client_error', { httpStatus: 404 });
  };
  await rig.read();
  expect(rig.reader.state.items?.lastFullRead).toMatchObject({ truncated: false, items: 10 * LIMIT });
  await rig.readTimes(3);
  expect(rig.reader.state.items?.lastFullRead).toMatchObject({ truncated: false, items: 10 * LIMIT });
});
