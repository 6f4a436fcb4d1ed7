import { beforeEach, describe, expect, it } from 'vitest';
import type { PageRequest } from '../../src/client/work-api.ts';
import { apiError } from '../support/api-errors.ts';
import { environment, POLL } from '../support/environments.ts';
import { FakeWorkList } from '../support/fake-work-list.ts';
import { liveById } from '../support/live-by-id.ts';
import { ManualClock } from '../support/manual-clock.ts';
import { PolledFleet } from '../support/polled-fleet.ts';
import { ListReader } from './list-reader.ts';

const MINUTE = 60_000;
const LIMIT = 10;
const CONNECTION = { pageSize: LIMIT, fallbackPageSize: LIMIT };

let clock: ManualClock;

beforeEach(() => {
  clock = new ManualClock();
});

function fill(list: FakeWorkList, pages: number): void {
  for (let i = pages * LIMIT; i > 0; i--) {
    const at = clock.now() - i * MINUTE - 3_600_000;
    list.add(at, { state: 'stopped', acknowledgedAt: at, stoppedAt: at });
  }
}

/** A list whose cursors are no good from some moment on. */
class Hasty extends FakeWorkList {
  refuses = false;

  override async listPage(id: string, request: PageRequest) {
    if (this.refuses && request.page !== null) throw apiError('client_error', { httpStatus: 400 });
    return super.listPage(id, request);
  }
}

describe('a list that grows at its end and accepts no cursor any more', () => {
  it('is looked at from its start, within a minute of the last full scan, too', async () => {
    const list = new Hasty({ order: 'oldest', cursors: 'keyset', retrieve: false });
    fill(list, 20);
    const reader = new ListReader({ api: list, clock, connection: CONNECTION });
    await reader.read();
    list.refuses = true;
    await clock.advance(30_000);
    expect((await reader.read()).failure).toBeNull();
    expect(list.requests.at(-1)?.page).toBeNull();
  });
});

describe('a live item behind the cut of a list, where no cursor leads to it', () => {
  it('is shown for an hour after it was last seen, and not for ever', async () => {
    const list = new Hasty({ order: 'newest', cursors: 'keyset', retrieve: false });
    fill(list, 2);
    const poll = { ...POLL, maxListPages: 1 };
    const reader = new ListReader({ api: list, clock, connection: CONNECTION, environment: { poll } });
    const id = list.add(clock.now());
    await reader.read();
    for (let n = 0; n < 20; n++) list.add(clock.now() + 1, { state: 'stopped', stoppedAt: clock.now() + 1 });
    list.refuses = true;
    for (let n = 0; n < 118; n++) {
      await clock.advance(30_000);
      await reader.read();
    }
    expect(reader.live).toEqual([id]);
    await clock.advance(7 * MINUTE);
    await reader.read();
    expect(reader.live).toEqual([]);
  });
});

describe('a running item behind the cut of a list whose cursors last', () => {
  it('is shown for ten minutes after a break in which it left its place', async () => {
    const list = new FakeWorkList({ order: 'newest', cursors: 'keyset', retrieve: false });
    fill(list, 2);
    const poll = { ...POLL, maxListPages: 1 };
    const reader = new ListReader({ api: list, clock, connection: CONNECTION, environment: { poll } });
    const id = list.add(clock.now());
    await reader.read();
    for (let n = 0; n < 50; n++) list.add(clock.now() + 1, { state: 'stopped', stoppedAt: clock.now() + 1 });
    await clock.advance(8 * MINUTE);
    await reader.read();
    expect(reader.live).toEqual([id]);
    for (let n = 0; n < 20; n++) {
      await clock.advance(30_000);
      await reader.read();
    }
    expect(reader.live).toEqual([]);
  });

  it('is read where it stands, for as long as it runs', async () => {
    const list = new FakeWorkList({ order: 'newest', cursors: 'keyset', retrieve: false });
    fill(list, 2);
    const poll = { ...POLL, maxListPages: 1 };
    const reader = new ListReader({ api: list, clock, connection: CONNECTION, environment: { poll } });
    const id = list.add(clock.now());
    for (let n = 0; n < 180; n++) {
      list.add(clock.now() + 1, { state: 'stopped', stoppedAt: clock.now() + 1 });
      list.change(id, { state: 'active', acknowledgedAt: clock.now(), latestHeartbeatAt: clock.now() });
      await clock.advance(30_000);
      await reader.read();
    }
    const { items } = reader.state;
    expect(clock.now() - liveById(items!).get(id)!.observedAt).toBeLessThan(2 * MINUTE);
  });
});

describe('a list that has outgrown its last full scan', () => {
  it('goes on after its three pages, a page a read, without a single permit', async () => {
    const list = new FakeWorkList({ order: 'newest', cursors: 'keyset' });
    fill(list, 2);
    let permits = 100;
    const quota = { tryTake: () => permits-- > 0, take: async () => {} };
    const reader = new ListReader({ api: list, clock, connection: CONNECTION, permits: quota });
    await reader.read();
    permits = 0;
    fill(list, 10);
    for (let n = 0; n < 10; n++) {
      await clock.advance(30_000);
      await reader.read();
    }
    expect(reader.state.items?.lastFullRead?.pages).toBe(12);
  });
});

describe('the end of a pause after a 429', () => {
  it('is no reason for full scans to go before the stats', async () => {
    const fleet = new PolledFleet({ maxConcurrent: 32 });
    const environments = Array.from({ length: 60 }, (_, n) => environment(`env_${n}`));
    for (const [n, { id }] of environments.entries()) fleet.fill(id, n < 20 ? 1 : 60);
    fleet.watch(environments);
    await fleet.clock.advance(2 * MINUTE);
    fleet.budget.answered({ retryAfterMs: 3 * MINUTE });
    await fleet.clock.advance(3 * MINUTE);
    const from = fleet.clock.monotonic();
    await fleet.clock.advance(MINUTE);
    const first = fleet.since(from).findIndex(({ operation }) => operation === 'stats');
    await fleet.poller.stop();
    expect(first).toBeLessThan(10);
  });
});
