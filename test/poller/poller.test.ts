import { beforeEach, describe, expect, it } from 'vitest';
import { seededRandom } from '../../src/base/random.ts';
import type { Environment, Operation } from '../../src/domain/environment.ts';
import type { PollConnection } from '../../src/poller/poll-connection.ts';
import { Poller } from '../../src/poller/poller.ts';
import type { EnvironmentState } from '../../src/state/environment-state.ts';
import { MemoryStateStore } from '../../src/state/store.ts';
import { initialState } from '../../src/state/transitions.ts';
import { apiError } from '../support/api-errors.ts';
import { environment, POLL } from '../support/environments.ts';
import { ManualClock } from '../support/manual-clock.ts';
import { deferred, IDLE, ScriptedWorkApi } from '../support/scripted-work-api.ts';

const BOTH = { stats: true, list: true };
const STATS_ONLY = { stats: true, list: false };

let clock: ManualClock;
let states: MemoryStateStore;
let api: ScriptedWorkApi;
let poller: Poller;
let reported: Array<[Operation, EnvironmentState | undefined, EnvironmentState | undefined]>;
let tokens: number;

function connection(change: Partial<PollConnection> = {}): PollConnection {
  return {
    name: 'default',
    api,
    budget: {
      tryTake: () => tokens-- > 0,
      take: async () => {},
      giveBack: () => tokens++,
      waiting: 0,
      timeUntilFullMs: () => 0,
      pauseMs: 0,
      isRateLimited: false,
      timeUntilNextMs: () => 1_000,
      configuredPerMinute: 240,
    },
    maxConcurrent: 32,
    pageSize: 1000,
    fallbackPageSize: 100,
    startedAtIsEnqueueStamp: true,
    idsRotate: false,
    skewMs: () => 0,
    likelySkewMs: () => 0,
    ...change,
  };
}

function watch(environments: Environment[], attempted = BOTH, connections = [connection()]): void {
  states.replaceAll(environments.map((env) => states.get(env.id) ?? initialState(env, attempted, clock.now())));
  poller.watch(
    connections,
    environments.map((env) => ({ environment: env, attempted })),
  );
}

beforeEach(() => {
  clock = new ManualClock();
  states = new MemoryStateStore();
  api = new ScriptedWorkApi();
  reported = [];
  tokens = Number.POSITIVE_INFINITY;
  poller = new Poller({
    states,
    clock,
    random: seededRandom(1),
    log: {
      pollEnded: (...args) => reported.push(args),
      listRescanned: () => {},
      intervalsScaled: () => {},
      connectionPaused: () => {},
      connectionResumed: () => {},
    },
  });
  poller.start();
});

describe('the cadence', () => {
  it('reads stats and list at once and then each on its own interval', async () => {
    watch([environment('env_1')]);
    await clock.advance(0);
    expect([api.count('stats'), api.count('list')]).toEqual([1, 1]);
    await clock.advance(600_000);
    // 600 s in steps of 15 s and 30 s, each ±10 %.
    expect(api.count('stats')).toBeGreaterThan(36);
    expect(api.count('stats')).toBeLessThan(46);
    expect(api.count('list')).toBeGreaterThan(18);
    expect(api.count('list')).toBeLessThan(24);
  });

  it('does not read an operation without a credential', async () => {
    watch([environment('env_1')], STATS_ONLY);
    await clock.advance(120_000);
    expect(api.count('list')).toBe(0);
    expect(api.count('stats')).toBeGreaterThan(5);
  });

  it('never overlaps reads of one environment and operation', async () => {
    const pending = deferred<typeof IDLE>();
    api.onStats = () => pending.promise;
    watch([environment('env_1')], STATS_ONLY);
    await clock.advance(300_000);
    expect(api.count('stats')).toBe(1);
    pending.resolve(IDLE);
    await clock.advance(20_000);
    expect(api.count('stats')).toBeGreaterThan(1);
  });

  it('keeps to the slots of a connection', async () => {
    const answers: Array<() => void> = [];
    api.onStats = () => new Promise((resolve) => answers.push(() => resolve(IDLE)));
    const environments = [1, 2, 3, 4, 5].map((n) => environment(`env_${n}`));
    watch(environments, STATS_ONLY, [connection({ maxConcurrent: 2 })]);
    await clock.advance(0);
    expect(api.calls.map((call) => call.environmentId)).toEqual(['env_1', 'env_2']);
    answers[0]!();
    await clock.advance(0);
    expect(api.calls.map((call) => call.environmentId)).toEqual(['env_1', 'env_2', 'env_3']);
  });

  it('starts a read only with a token, and waits for the next one', async () => {
    tokens = 1;
    watch([environment('env_1'), environment('env_2')], STATS_ONLY);
    await clock.advance(500);
    expect(api.count('stats')).toBe(1);
    tokens = 1;
    await clock.advance(500);
    expect(api.count('stats')).toBe(2);
    expect(api.calls.every((call) => call.options.prepaid === true)).toBe(true);
  });
});

describe('failures', () => {
  it('stay with the environment and operation that failed', async () => {
    api.onStats = (id) => {
      if (id === 'env_1') throw apiError('server_error', { httpStatus: 500 });
      return IDLE;
    };
    watch([environment('env_1'), environment('env_2')]);
    await clock.advance(10);
    const [first, second] = states.all();
    expect(first!.operations.stats.failure).toMatchObject({ reason: 'server_error', httpStatus: 500 });
    expect(first!.operations.list.failure).toBeNull();
    expect(second!.operations.stats.failure).toBeNull();
    expect(second!.queue?.stats).toEqual(IDLE);
  });

  it('keep the last good values and count on', async () => {
    let well = true;
    api.onStats = () => {
      if (well) return { ...IDLE, depth: 7 };
      throw apiError('timeout');
    };
    watch([environment('env_1')], STATS_ONLY);
    await clock.advance(10);
    well = false;
    await clock.advance(120_000);
    const state = states.get('env_1')!;
    expect(state.queue?.stats.depth).toBe(7);
    expect(state.operations.stats.consecutiveFailures).toBeGreaterThan(1);
    expect(state.operations.stats.backoffUntil).toBeGreaterThan(clock.now() - 1);
  });

  it('are told from a mistake of this program, which ends as a failing read too', async () => {
    api.onStats = () => {
      throw new TypeError('sk-ant-api03-never-quote-this');
    };
    watch([environment('env_1')], STATS_ONLY);
    await clock.advance(10);
    const { failure } = states.get('env_1')!.operations.stats;
    expect(failure).toMatchObject({ reason: 'bad_response' });
    expect(JSON.stringify(failure)).not.toContain('sk-ant');
  });

  it('honour the wait that the API asks for', async () => {
    api.onStats = () => {
      throw apiError('rate_limited', { httpStatus: 429, retryAfterMs: 200_000 });
    };
    watch([environment('env_1')], STATS_ONLY);
    await clock.advance(199_000);
    expect(api.count('stats')).toBe(1);
    await clock.advance(2_000);
    expect(api.count('stats')).toBe(2);
  });

  it('end for all soon after they end for one', async () => {
    let down = true;
    api.onStats = () => {
      if (down) throw apiError('network');
      return IDLE;
    };
    const environments = Array.from({ length: 20 }, (_, n) => environment(`env_${n}`));
    watch(environments, STATS_ONLY);
    await clock.advance(3_600_000);
    down = false;
    // Backoff alone would take up to five minutes for each of them.
    const first = () => states.all().some((state) => state.operations.stats.failure === null);
    while (!first()) await clock.advance(1_000);
    await clock.advance(POLL.statsIntervalMs + 1_000);
    expect(states.all().filter((state) => state.operations.stats.failure !== null)).toEqual([]);
  });

  it('do not reach other environments when one connection refuses a key', async () => {
    let refused = true;
    api.onStats = (id) => {
      if (refused || id === 'env_1') throw apiError('unauthorized', { httpStatus: 401 });
      return IDLE;
    };
    watch([environment('env_1'), environment('env_2')], STATS_ONLY);
    await clock.advance(600_000);
    refused = false;
    await clock.advance(70_000);
    expect(states.get('env_2')!.operations.stats.failure).toBeNull();
    expect(states.get('env_1')!.operations.stats.failure?.reason).toBe('unauthorized');
  });
});

describe('a cloud environment', () => {
  it('is down for both operations although its stats answer', async () => {
    api.onStats = () => ({ depth: 0, pending: 0, oldestQueuedAt: null, workersPolling: null });
    api.onListPage = () => {
      throw apiError('not_found', { httpStatus: 404 });
    };
    watch([environment('env_1')]);
    await clock.advance(120_000);
    const { operations, queue } = states.get('env_1')!;
    expect(operations.stats.failure?.reason).toBe('not_self_hosted');
    expect(operations.list.failure?.reason).toBe('not_self_hosted');
    expect(queue).toBeNull();
  });

  it('is well again when it turns out to have a queue', async () => {
    let cloud = true;
    api.onStats = () => ({ ...IDLE, workersPolling: cloud ? null : 0 });
    api.onListPage = () => {
      if (cloud) throw apiError('not_self_hosted', { httpStatus: 404 });
      return { items: [], nextPage: null };
    };
    watch([environment('env_1')]);
    await clock.advance(120_000);
    expect(states.get('env_1')!.operations.stats.failure?.reason).toBe('not_self_hosted');
    cloud = false;
    await clock.advance(120_000);
    expect(states.get('env_1')!.operations).toMatchObject({ stats: { failure: null }, list: { failure: null } });
  });

  it('is not presumed from either answer alone', async () => {
    api.onListPage = () => {
      throw apiError('not_found', { httpStatus: 404 });
    };
    watch([environment('env_1')]);
    await clock.advance(60_000);
    const { operations } = states.get('env_1')!;
    expect(operations.stats.failure).toBeNull();
    expect(operations.list.failure?.reason).toBe('not_found');
  });
});

describe('watching something else', () => {
  it('calls off the reads of environments that left, and their results have no home', async () => {
    const pending = deferred<typeof IDLE>();
    let signal: AbortSignal | undefined;
    api.onStats = () => {
      signal = api.calls.at(-1)!.options.signal;
      return pending.promise;
    };
    watch([environment('env_1')], STATS_ONLY);
    await clock.advance(10);
    watch([]);
    expect(signal?.aborted).toBe(true);
    pending.resolve(IDLE);
    await clock.advance(300_000);
    expect(states.all()).toEqual([]);
    expect(api.count('stats')).toBe(1);
    expect(reported).toEqual([]);
  });

  it('gives a token back that came when what waited for it had just left', async () => {
    const granted = deferred<void>();
    let givenBack = 0;
    const budget = {
      ...connection().budget,
      tryTake: () => false,
      waiting: 1,
      take: () => granted.promise,
      giveBack: () => givenBack++,
    };
    watch([environment('env_1')], STATS_ONLY, [connection({ budget })]);
    await clock.advance(10);
    granted.resolve();
    watch([], STATS_ONLY, [connection({ budget })]);
    await clock.advance(10);
    expect([givenBack, api.calls]).toEqual([1, []]);
  });

  it('leaves the schedule and the counters of what stays alone', async () => {
    watch([environment('env_1')]);
    await clock.advance(5_000);
    const before = api.calls.length;
    watch([environment('env_1'), environment('env_2')]);
    await clock.advance(1_000);
    expect(api.count('stats', 'env_1') + api.count('list', 'env_1')).toBe(before);
    expect(api.count('stats', 'env_2')).toBe(1);
  });

  it('applies a shorter interval at once', async () => {
    const slow = { ...POLL, statsIntervalMs: 3_600_000 };
    watch([environment('env_1', { poll: slow })], STATS_ONLY);
    await clock.advance(60_000);
    expect(api.count('stats')).toBe(1);
    watch([environment('env_1')], STATS_ONLY);
    await clock.advance(20_000);
    expect(api.count('stats')).toBe(2);
  });

  it('tries again at once what was refused, because a reload may bring the new key', async () => {
    api.onStats = () => {
      throw apiError('unauthorized', { httpStatus: 401 });
    };
    watch([environment('env_1')], STATS_ONLY);
    await clock.advance(600_000);
    api.onStats = () => IDLE;
    watch([environment('env_1')], STATS_ONLY);
    await clock.advance(10);
    expect(states.get('env_1')!.operations.stats.failure).toBeNull();
  });

  it('forgets a connection that left', async () => {
    watch([environment('env_1')], STATS_ONLY);
    await clock.advance(10);
    poller.watch([], []);
    await clock.advance(300_000);
    expect(api.count('stats')).toBe(1);
  });
});

describe('a budget that is too small', () => {
  const scheduled = () => states.all().map(({ operations }) => operations.stats.scheduledIntervalMs / 1000);

  it('lengthens the intervals of idle environments, up to their longest, and shows it', async () => {
    const environments = Array.from({ length: 100 }, (_, n) => environment(`env_${n}`));
    api.onStats = (id) => ({ ...IDLE, depth: id === 'env_0' ? 5 : 0 });
    watch(environments, STATS_ONLY);
    await clock.advance(900_000);
    const [active, ...idle] = scheduled();
    expect(active).toBe(15);
    // 216 requests a minute less the 4 of the active one, for 99 idle ones.
    for (const seconds of idle) expect(seconds).toBeCloseTo((99 * 60) / 212, 1);
    const before = api.calls.length;
    await clock.advance(60_000);
    expect(api.calls.length - before).toBeLessThan(240);
  });

  it('shortens them again at once when there is less to read', async () => {
    const environments = Array.from({ length: 100 }, (_, n) => environment(`env_${n}`));
    watch(environments, STATS_ONLY);
    await clock.advance(900_000);
    expect(Math.max(...scheduled())).toBeGreaterThan(20);
    watch(environments.slice(0, 10), STATS_ONLY);
    await clock.advance(10_000);
    expect(new Set(scheduled())).toEqual(new Set([15]));
  });
});

describe('start', () => {
  it('is when reading begins, not when targets are given', async () => {
    const waiting = new Poller({
      states,
      clock,
      random: seededRandom(1),
      log: {
        pollEnded: () => {},
        listRescanned: () => {},
        intervalsScaled: () => {},
        connectionPaused: () => {},
        connectionResumed: () => {},
      },
    });
    states.replaceAll([initialState(environment('env_1'), STATS_ONLY, clock.now())]);
    waiting.watch([connection()], [{ environment: environment('env_1'), attempted: STATS_ONLY }]);
    await clock.advance(60_000);
    expect(api.calls).toEqual([]);
    waiting.start();
    await clock.advance(1);
    expect(api.count('stats')).toBe(1);
  });
});

describe('stop', () => {
  it('calls everything off and leaves no timer', async () => {
    watch([environment('env_1'), environment('env_2')]);
    await clock.advance(20_000);
    await poller.stop();
    const calls = api.calls.length;
    await clock.advance(600_000);
    expect(api.calls.length).toBe(calls);
    expect(clock.timers).toBe(0);
  });
});
