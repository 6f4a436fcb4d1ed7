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
  it.each(['newest', 'none'] as const)('cost the full scan and not the read, %s first', async (order) => {
    rig.given({ stopped: 20 * LIMIT, order, retrieve: false }, {}, HastyList);
    rig.permits = Number.POSITIVE_INFINITY;
    for (let n = 0; n < 40; n++) {
      await rig.read();
      rig.permits = 4;
    }
    const id = rig.list.add(rig.clock.now());
    await rig.read();
    if (order === 'newest') expect(rig.reader.live).toEqual([id]);
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

describe('cursors that are all rejected', () => {
  it('cost a full scan that begins anew once, and not the read', async () => {
    rig.given({ stopped: 10 * LIMIT, retrieve: false });
    await rig.read();
    rig.list.before = ({ page }) => {
      if (page !== null) throw apiError('client_error', { httpStatus: 400 });
    };
    rig.permits = 1000;
    await rig.clock.advance(MINUTE);
    rig.reader.showStats({ depth: 1, workersPolling: 0 });
    // The place of new items, and twice the first page and a cursor that is rejected.
    expect(await rig.readTimes(3)).toEqual([5, 5, 5]);
    const id = rig.list.add(rig.clock.now());
    await rig.read();
    expect(rig.reader.live).toEqual([id]);
  });
});
