import { beforeEach, describe, expect, it } from 'vitest';
import { seededRandom } from '../../src/base/random.ts';
import { Budget } from '../../src/client/budget.ts';
import type { CallOptions, CredentialUse, PageRequest, WorkApi } from '../../src/client/work-api.ts';
import type { Operation } from '../../src/domain/environment.ts';
import { Poller } from '../../src/poller/poller.ts';
import { MemoryStateStore } from '../../src/state/store.ts';
import { initialState, requestCounted } from '../../src/state/transitions.ts';
import { environment } from '../support/environments.ts';
import { FakeWorkList } from '../support/fake-work-list.ts';
import { ManualClock } from '../support/manual-clock.ts';

const MINUTE = 60_000;
const RPM = 240;
const LIMIT = 10;
const BOTH = { stats: true, list: true };

let clock: ManualClock;
let states: MemoryStateStore;
let api: Fleet;
let poller: Poller;

/** Many environments behind one budget. */
class Fleet implements WorkApi {
  readonly budget: Budget;
  readonly lists = new Map<string, FakeWorkList>();
  readonly pages: Array<{ at: number; environmentId: string; page: string | null }> = [];

  constructor(budget: Budget) {
    this.budget = budget;
  }

  async stats(id: string, { prepaid, signal }: CallOptions = {}) {
    if (!prepaid) await this.budget.take(signal);
    this.#count(id, 'stats');
    return this.lists.get(id)!.stats();
  }

  async listPage(id: string, page: PageRequest, { prepaid, signal }: CallOptions = {}) {
    if (!prepaid) await this.budget.take(signal);
    this.pages.push({ at: clock.monotonic(), environmentId: id, page: page.page });
    this.#count(id, 'list');
    return this.lists.get(id)!.listPage(id, page);
  }

  /** As the client's observer does. */
  #count(id: string, operation: Operation): void {
    const request = { credential: 'environment_key', reason: null } as const;
    states.update(id, (state) => requestCounted(state, operation, request));
  }

  retrieve(): never {
    throw new Error('no credential');
  }

  listEnvironments(): never {
    throw new Error('not asked for');
  }

  credentialFor(operation: string): CredentialUse | null {
    return operation === 'retrieve' ? null : { kind: 'environment_key', source: 'the test' };
  }
}

beforeEach(() => {
  clock = new ManualClock();
  states = new MemoryStateStore();
  const random = seededRandom(1);
  api = new Fleet(new Budget(RPM, { clock, random }));
  poller = new Poller({
    states,
    clock,
    random,
    reporter: { pollEnded: () => {}, listSurprised: () => {}, budgetStretched: () => {} },
  });
});

/** Watches environments with so many pages of stopped items each. */
function watch(pages: readonly number[], order: 'newest' | 'none' = 'newest'): void {
  const environments = pages.map((count, n) => {
    const list = new FakeWorkList({ order, cursors: 'keyset' });
    for (let i = count * LIMIT; i > 0; i--) {
      const at = clock.now() - i * MINUTE - 3_600_000;
      list.add(at, { state: 'stopped', acknowledgedAt: at, stoppedAt: at + 1000 });
    }
    api.lists.set(`env_${n}`, list);
    return environment(`env_${n}`);
  });
  states.replaceAll(environments.map((env) => initialState(env, BOTH, clock.now())));
  const connection = {
    name: 'default',
    api,
    budget: api.budget,
    maxConcurrent: 4,
    pageSize: LIMIT,
    fallbackPageSize: LIMIT,
    startedAtIsEnqueueStamp: true,
    skewMs: () => 0,
  };
  poller.watch(
    [connection],
    environments.map((env) => ({ environment: env, attempted: BOTH })),
  );
  poller.start();
}

/** How old the last good read of each environment is, in milliseconds; Infinity without one. */
function ages(operation: 'stats' | 'list'): number[] {
  return states.all().map(({ operations }) => clock.now() - (operations[operation].lastSuccessAt ?? -Infinity));
}

describe('many long lists that were never read', () => {
  it('do not keep stats and short lists waiting, not even with more of them than slots', async () => {
    // Eight lists of 200 pages are half an hour of the walks' share; there are four slots.
    watch([...new Array(8).fill(200), 1, 1]);
    await clock.advance(MINUTE);
    for (let n = 0; n < 8; n++) {
      await clock.advance(15_000);
      expect(Math.max(...ages('stats'))).toBeLessThan(30_000);
      expect(Math.max(...ages('list').slice(8))).toBeLessThan(50_000);
    }
    await poller.stop();
  });

  it('are read as fast as the budget allows when nobody else wants it', async () => {
    watch(new Array(8).fill(50));
    // 400 pages: with a quarter of the scheduled requests alone it would be seven minutes.
    await clock.advance(4 * MINUTE);
    expect(Math.max(...ages('list'))).toBeLessThan(4 * MINUTE);
    await poller.stop();
  });

  it('leave nothing under way when they are called off', async () => {
    watch(new Array(8).fill(200));
    await clock.advance(MINUTE);
    await poller.stop();
    const { length } = api.pages;
    await clock.advance(MINUTE);
    expect([api.pages.length, clock.timers]).toEqual([length, 0]);
  });
});

describe('lists without an order', () => {
  it('are walked back to back with the share of walks, and a page a read beside it', async () => {
    watch(new Array(6).fill(40), 'none');
    await clock.advance(10 * MINUTE);
    const from = clock.monotonic();
    await clock.advance(10 * MINUTE);
    const pages = api.pages.filter(({ at }) => at > from).length;
    // Six reads every 30 s look at one page each in any case; the share is 54 pages a minute.
    expect(pages).toBeLessThanOrEqual(10 * (54 + 12) * 1.1);
    expect(pages).toBeGreaterThan(10 * 54 * 0.9);
    await poller.stop();
  });

  it('take the same part of it, and what one does not need goes to the others', async () => {
    watch([...new Array(5).fill(40), 12], 'none');
    await clock.advance(10 * MINUTE);
    const from = clock.monotonic();
    await clock.advance(30 * MINUTE);
    const pagesOf = (id: string) => api.pages.filter((asked) => asked.at > from && asked.environmentId === id).length;
    const pages = states.all().map(({ environment: { id } }) => pagesOf(id));
    expect(Math.max(...pages) / Math.min(...pages)).toBeLessThan(1.3);
    const times = states.all().map(({ items }) => items!.sweep!.walkMs!);
    expect(times[5]).toBeLessThan(Math.min(...times.slice(0, 5)));
    await poller.stop();
  });

  it('export the time of a walk as their interval', async () => {
    watch(new Array(6).fill(40), 'none');
    await clock.advance(20 * MINUTE);
    for (const { items, operations } of states.all()) {
      const { walkMs } = items!.sweep!;
      expect(walkMs).toBeGreaterThan(MINUTE);
      expect(operations.list.scheduledIntervalMs).toBe(walkMs);
      expect(operations.stats.scheduledIntervalMs).toBe(15_000);
    }
    await poller.stop();
  });
});

describe('work that waits in a long list while nobody is there', () => {
  it('is looked for in all of it as fast as turns come, read after read', async () => {
    watch([100]);
    await clock.advance(3 * MINUTE);
    const list = api.lists.get('env_0')!;
    list.add(clock.now());
    list.stats = async () => ({
      value: { depth: 1, pending: 0, oldestQueuedAt: null, workersPolling: 0 },
      httpStatus: 200,
      requestId: 'req_test',
      credential: 'environment_key',
    });
    const reads = api.pages.length;
    await clock.advance(MINUTE);
    // The walk goes on as soon as some turns are there, not with the next regular read.
    const heads = api.pages.slice(reads).filter(({ page }) => page === null).length;
    expect(heads).toBeGreaterThan(4);
    await clock.advance(MINUTE);
    for (let n = 0; n < 20; n++) {
      await clock.advance(15_000);
      expect(clock.now() - states.all()[0]!.items!.lastFullRead!.at).toBeLessThan(3 * MINUTE);
      expect(ages('list')[0]).toBeLessThan(40_000);
    }
    await poller.stop();
  });
});

describe('the share of walks', () => {
  it('is left out of what the other reads may ask for', async () => {
    // 30 environments ask for 180 requests a minute, of 216; their walks take 54 of these.
    watch(new Array(30).fill(40), 'none');
    await clock.advance(10 * MINUTE);
    for (const { operations } of states.all()) expect(operations.stats.scheduledIntervalMs).toBeGreaterThan(15_000);
    await poller.stop();
  });
});

describe('the cost of a list', () => {
  it('is learned without its walks, so that a first walk stretches nothing', async () => {
    watch([150, 1, 1, 1]);
    for (let n = 0; n < 60; n++) {
      await clock.advance(10_000);
      for (const { operations } of states.all()) expect(operations.list.scheduledIntervalMs).toBe(30_000);
    }
    await poller.stop();
  });
});
