import { beforeEach, describe, expect, it } from 'vitest';
import { AnswerRoom } from '../../src/client/answers/answer-room.ts';
import type { KnownRows, WholePage } from '../../src/client/answers/page-rows.ts';
import type { ListOptions, WorkPage } from '../../src/client/work-api.ts';
import type { Environment } from '../../src/domain/environment.ts';
import type { WorkItem } from '../../src/domain/work.ts';
import type { Poller } from '../../src/poller/poller.ts';
import { ItemRoom } from '../../src/scan/memory/item-room.ts';
import { initialState } from '../../src/state/initial-state.ts';
import { apiError } from '../support/api-errors.ts';
import { environment, POLL } from '../support/environments.ts';
import { deferred, IDLE } from '../support/scripted-work-api.ts';
import { buildItem } from '../support/states.ts';
import { BOTH, PollerRig, STATS_ONLY } from './poller-rig.ts';

/** Tells what lists take of it. */
class CountingRoom extends AnswerRoom {
  bytes = 0;

  override replaceTaken(bytes: number, before: number): void {
    this.bytes += bytes - before;
  }
}

let rig: PollerRig;
beforeEach(() => {
  rig = new PollerRig();
});

describe('watching something else', () => {
  it('calls off the reads of environments that left, and their results have no home', async () => {
    const pending = deferred<typeof IDLE>();
    let signal: AbortSignal | undefined;
    rig.api.onStats = () => {
      signal = rig.api.calls.at(-1)!.options.signal;
      return pending.promise;
    };
    rig.watch([environment('env_1')], STATS_ONLY);
    await rig.clock.advance(10);
    rig.watch([]);
    expect(signal?.aborted).toBe(true);
    pending.resolve(IDLE);
    await rig.clock.advance(300_000);
    expect(rig.states.all()).toEqual([]);
    expect(rig.api.count('stats')).toBe(1);
    expect(rig.reported).toEqual([]);
  });

  it('gives a token back that came when what waited for it had just left', async () => {
    const granted = deferred<void>();
    let givenBack = 0;
    const budget = {
      ...rig.connection().budget,
      tryTake: () => false,
      waiting: 1,
      take: () => granted.promise,
      giveBack: () => givenBack++,
    };
    rig.watch([environment('env_1')], STATS_ONLY, [rig.connection({ budget })]);
    await rig.clock.advance(10);
    granted.resolve();
    rig.watch([], STATS_ONLY, [rig.connection({ budget })]);
    await rig.clock.advance(10);
    expect([givenBack, rig.api.calls]).toEqual([1, []]);
  });

  it('leaves the schedule and the counters of what stays alone', async () => {
    rig.watch([environment('env_1')]);
    await rig.clock.advance(5_000);
    const before = rig.api.calls.length;
    rig.watch([environment('env_1'), environment('env_2')]);
    await rig.clock.advance(1_000);
    expect(rig.api.count('stats', 'env_1') + rig.api.count('list', 'env_1')).toBe(before);
    expect(rig.api.count('stats', 'env_2')).toBe(1);
  });

  it('applies a shorter interval at once', async () => {
    const slow = { ...POLL, statsIntervalMs: 3_600_000 };
    rig.watch([environment('env_1', { poll: slow })], STATS_ONLY);
    await rig.clock.advance(60_000);
    expect(rig.api.count('stats')).toBe(1);
    rig.watch([environment('env_1')], STATS_ONLY);
    await rig.clock.advance(20_000);
    expect(rig.api.count('stats')).toBe(2);
  });

  it('tries again at once what was refused, because a reload may bring the new key', async () => {
    rig.api.onStats = () => {
      throw apiError('unauthorized', { httpStatus: 401 });
    };
    rig.watch([environment('env_1')], STATS_ONLY);
    await rig.clock.advance(600_000);
    rig.api.onStats = () => IDLE;
    rig.watch([environment('env_1')], STATS_ONLY);
    await rig.clock.advance(10);
    expect(rig.states.get('env_1')!.operations.stats.failure).toBeNull();
  });

  it('a connection that left is forgotten', async () => {
    rig.watch([environment('env_1')], STATS_ONLY);
    await rig.clock.advance(10);
    rig.poller.watch([], []);
    await rig.clock.advance(300_000);
    expect(rig.api.count('stats')).toBe(1);
  });
});

describe('the rooms of lists', () => {
  const both = [environment('env_1'), environment('env_2', { connection: 'other' })];
  const connections = () => [rig.connection(), rig.connection({ name: 'other' })];
  const watch = (poller: Poller, environments: readonly Environment[], used = connections()) =>
    poller.watch(
      used,
      environments.map((each) => ({ environment: each, attempted: BOTH })),
    );

  const LEAVING: [string, (poller: Poller) => unknown][] = [
    ['an environment', (poller) => watch(poller, both.slice(1))],
    ['a connection', (poller) => watch(poller, both.slice(1), connections().slice(1))],
    ['a poller', (poller) => poller.stop()],
  ];

  it.each(LEAVING)('are left by the items of %s that is no longer read', async (_, leave) => {
    const room = new ItemRoom(1000);
    const poller = rig.newPoller({ items: room });
    rig.api.onListPage = () => ({
      items: Array.from({ length: 1001 }, (__, n) => buildItem(`work_${n}`).item),
      nextPage: null,
    });
    rig.states.replaceAll(both.map((each) => initialState(each, BOTH, rig.clock)));
    watch(poller, both);
    poller.start();
    await rig.clock.advance(1000);
    // Nothing is left, apart from small shares.
    expect(room.isLeftFor(500)).toBe(false);
    await leave(poller);
    expect(room.isLeftFor(500)).toBe(true);
    await poller.stop();
  });

  it.each(LEAVING)('are left by the remembered pages of %s that is no longer read', async (_, leave) => {
    const room = new CountingRoom(Number.POSITIVE_INFINITY);
    const poller = rig.newPoller({ answers: room });
    const page: WorkPage = { items: [], nextPage: null };
    const body = Buffer.from(JSON.stringify({ data: Array.from({ length: 1000 }, (__, n) => ({ id: `work_${n}` })) }));
    const reader = {
      changing: { key: 'latest_heartbeat_at', withText: () => null, isSettled: () => true },
      bytesOf: () => 400,
      reported: () => 0,
      mayKeep: () => true,
      whole: () => page,
      page: (json: unknown, known: KnownRows<WorkItem> | WholePage<WorkItem>) => {
        for (const [n, row] of (json as { data: unknown[] }).data.entries())
          if (known.all === null) known.parsed(n, row, buildItem(`work_${n}`).item);
        return page;
      },
    };
    rig.api.onListPage = (__, ___, options: ListOptions) => {
      const { memory } = options;
      for (let n = 0; n < 2; n++) memory!.pageOf('q', body, reader);
      return page;
    };
    rig.states.replaceAll(both.map((each) => initialState(each, BOTH, rig.clock)));
    watch(poller, both);
    poller.start();
    await rig.clock.advance(1000);
    const ofBoth = room.bytes;
    expect(ofBoth).toBeGreaterThan(2 * 1000 * 400);
    await leave(poller);
    expect([0, ofBoth / 2]).toContain(room.bytes);
    await poller.stop();
    expect(room.bytes).toBe(0);
  });
});
