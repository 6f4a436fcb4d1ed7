import { beforeEach, describe, expect, it } from 'vitest';
import { seededRandom } from '../../src/base/random.ts';
import { Budget } from '../../src/client/budget.ts';
import type { CallOptions } from '../../src/client/work-api.ts';
import type { Environment } from '../../src/domain/environment.ts';
import type { SessionFacts } from '../../src/domain/session.ts';
import type { PollConnection } from '../../src/poller/poll-connection.ts';
import { Poller } from '../../src/poller/poller.ts';
import { initialState } from '../../src/state/initial-state.ts';
import { MemoryStateStore } from '../../src/state/store.ts';
import { apiError } from '../support/api-errors.ts';
import { environment } from '../support/environments.ts';
import { ManualClock } from '../support/manual-clock.ts';
import { RUNNING, ScriptedWorkApi } from '../support/scripted-work-api.ts';
import { buildItem } from '../support/states.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const IDLE: SessionFacts = { ...RUNNING, status: 'idle' };

/** A session that was asked for: when, and what of it. */
interface Asked {
  readonly at: number;
  readonly environmentId: string;
  readonly sessionId: string;
  readonly what: 'status' | 'event';
}

/** A service with sessions: it remembers who asked for which, and takes a token for each request. */
class Service extends ScriptedWorkApi {
  readonly asked: Asked[] = [];
  readonly budget: Budget;
  readonly clock: ManualClock;
  keys: 'both' | 'none' = 'both';

  constructor(clock: ManualClock, requestsPerMinute: number) {
    super();
    this.clock = clock;
    this.budget = new Budget(requestsPerMinute, { clock, random: seededRandom(1) });
  }

  override async session(environmentId: string, sessionId: string, options: CallOptions = {}) {
    this.asked.push({ at: this.clock.monotonic(), environmentId, sessionId, what: 'status' });
    return super.session(environmentId, sessionId, options);
  }

  override async lastIdleEvent(environmentId: string, sessionId: string, options: CallOptions = {}) {
    if (!options.prepaid) await this.budget.take(options.signal);
    this.asked.push({ at: this.clock.monotonic(), environmentId, sessionId, what: 'event' });
    return super.lastIdleEvent(environmentId, sessionId, options);
  }

  override credentialFor(operation?: string) {
    return operation === 'session' && this.keys === 'none' ? null : super.credentialFor();
  }
}

let clock: ManualClock;
let states: MemoryStateStore;
let service: Service;
let poller: Poller;
/** When each session's run was acknowledged, by environment. */
let runs: Map<string, Map<string, number>>;

function start(requestsPerMinute = 240): void {
  clock = new ManualClock();
  states = new MemoryStateStore();
  runs = new Map();
  service = new Service(clock, requestsPerMinute);
  service.onListPage = (id) => ({
    nextPage: null,
    items: [...(runs.get(id) ?? [])].map(
      ([sessionId, acknowledgedAt]) =>
        buildItem(sessionId, {
          sessionId,
          state: 'active',
          createdAt: acknowledgedAt - 1000,
          acknowledgedAt,
          latestHeartbeatAt: clock.now(),
        }).item,
    ),
  });
  const log = {
    pollEnded: () => {},
    listRescanned: () => {},
    intervalsScaled: () => {},
    connectionPaused: () => {},
    connectionResumed: () => {},
  };
  poller = new Poller({ states, clock, random: seededRandom(1), log });
  poller.start();
}

function watch(environments: readonly Environment[], change: Partial<PollConnection> = {}): void {
  const both = { stats: true, list: true };
  states.replaceAll(environments.map((env) => states.get(env.id) ?? initialState(env, both, clock.now())));
  const connection: PollConnection = {
    name: 'default',
    api: service,
    budget: service.budget,
    maxConcurrent: 32,
    pageSize: 1000,
    fallbackPageSize: 100,
    startedAtIsEnqueueStamp: false,
    idsRotate: false,
    skewMs: () => 0,
    likelySkewMs: () => 0,
    ...change,
  };
  poller.watch(
    [connection],
    environments.map((env) => ({ environment: env, attempted: both })),
  );
}

/** This many sessions, acknowledged this long ago. */
function sessions(environmentId: string, count: number, agoMs = HOUR): void {
  const known = runs.get(environmentId) ?? new Map<string, number>();
  for (let i = 0; i < count; i++) known.set(`sesn_${environmentId}_${i}`, clock.now() - agoMs);
  runs.set(environmentId, known);
}

const sessionsOf = (id = 'env_1') => states.get(id)!.sessions!;
const timesOf = (sessionId: string) =>
  service.asked.filter((asked) => asked.sessionId === sessionId && asked.what === 'status').map(({ at }) => at);

beforeEach(() => start());

describe('which sessions are read, and how often', () => {
  it('those of runs that are older than `after`, from when they are', async () => {
    sessions('env_1', 1, 5 * MINUTE);
    watch([environment('env_1')]);
    await clock.advance(5 * MINUTE - 1000);
    expect(service.asked).toEqual([]);
    await clock.advance(7000);
    expect(timesOf('sesn_env_1_0')).toHaveLength(1);
  });

  it('each at most every interval', async () => {
    sessions('env_1', 3);
    watch([environment('env_1')]);
    await clock.advance(HOUR);
    for (let i = 0; i < 3; i++) {
      const times = timesOf(`sesn_env_1_${i}`);
      expect(times.length).toBeGreaterThan(25);
      for (const [index, at] of times.entries())
        if (index > 0) expect(at - times[index - 1]!).toBeGreaterThanOrEqual(2 * MINUTE);
    }
  });

  it('the least recently read one first, where not all of them can be read', async () => {
    sessions('env_1', 200);
    watch([
      environment('env_1', { sessions: { enabled: true, afterMs: 600_000, intervalMs: 120_000, maxItems: 1000 } }),
    ]);
    await clock.advance(HOUR);
    const times = [...runs.get('env_1')!.keys()].map(timesOf);
    const counts = times.map(({ length }) => length);
    expect(Math.max(...counts) - Math.min(...counts)).toBeLessThanOrEqual(1);
  });

  it('at most `max_items` of one environment within an interval, taking turns', async () => {
    sessions('env_1', 30);
    watch([environment('env_1', { sessions: { enabled: true, afterMs: 600_000, intervalMs: 120_000, maxItems: 10 } })]);
    await clock.advance(HOUR);
    const at = service.asked.map((asked) => asked.at);
    for (const from of at)
      expect(at.filter((time) => time >= from && time < from + 2 * MINUTE).length).toBeLessThanOrEqual(10);
    expect(new Set(service.asked.map(({ sessionId }) => sessionId)).size).toBe(30);
  });

  it('an idle one with its last idle event right after, any other without', async () => {
    sessions('env_1', 2);
    service.onSession = (id) => (id.endsWith('0') ? IDLE : RUNNING);
    service.onIdleEvent = () => ({ reason: 'requires_action', processedAt: 5 });
    watch([environment('env_1')]);
    await clock.advance(MINUTE);
    expect(service.asked.map(({ sessionId, what }) => `${sessionId} ${what}`)).toEqual([
      'sesn_env_1_0 status',
      'sesn_env_1_0 event',
      'sesn_env_1_1 status',
    ]);
    expect(sessionsOf().readings.get('sesn_env_1_0')).toMatchObject({
      facts: { status: 'idle' },
      idle: { reason: 'requires_action', processedAt: 5 },
    });
    expect(sessionsOf().readings.get('sesn_env_1_1')).toMatchObject({ facts: { status: 'running' }, idle: null });
  });

  it('no retries and no old answers of a cache', async () => {
    sessions('env_1', 1);
    watch([environment('env_1')]);
    await clock.advance(MINUTE);
    const asked = service.calls.filter(({ operation }) => operation === 'session');
    expect(asked).toMatchObject([{ options: { retry: false, prepaid: true, maxAgeMs: 120_000 } }]);
  });

  it.each<[string, Partial<Environment>, 'both' | 'none']>([
    ['switched off', { sessions: { enabled: false, afterMs: 1, intervalMs: 1, maxItems: 50 } }, 'both'],
    ['without a key', {}, 'none'],
  ])('none where they are %s', async (_, change, keys) => {
    service.keys = keys;
    sessions('env_1', 3);
    watch([environment('env_1', change)]);
    await clock.advance(HOUR);
    expect(service.asked).toEqual([]);
    expect(states.get('env_1')!.sessions?.attempted ?? false).toBe(false);
  });

  it('forgets what it read when the run ends or another one begins', async () => {
    sessions('env_1', 2);
    watch([environment('env_1')]);
    await clock.advance(MINUTE);
    expect(sessionsOf().readings.size).toBe(2);
    runs.get('env_1')!.delete('sesn_env_1_0');
    runs.get('env_1')!.set('sesn_env_1_1', clock.now());
    await clock.advance(MINUTE);
    expect(sessionsOf()).toMatchObject({ longRuns: 0, readings: new Map(), attempted: true });
  });
});

describe('a service that does not answer', () => {
  it('with 404 for all: three sessions are tried, then none for a day', async () => {
    sessions('env_1', 20);
    sessions('env_2', 20);
    service.onSession = () => {
      throw apiError('not_found', { httpStatus: 404 });
    };
    watch([environment('env_1'), environment('env_2')]);
    await clock.advance(HOUR);
    expect(service.asked.length).toBeLessThanOrEqual(5);
    expect([sessionsOf('env_1').attempted, sessionsOf('env_2').attempted]).toEqual([false, false]);
    const before = service.asked.length;
    await clock.advance(22 * HOUR);
    expect(service.asked).toHaveLength(before);
    service.onSession = () => RUNNING;
    await clock.advance(2 * HOUR);
    expect(sessionsOf('env_1').attempted).toBe(true);
    expect(sessionsOf('env_1').readings.size).toBe(20);
  });

  it('with 404 for one: that one is left alone for a day, the others are read on', async () => {
    sessions('env_1', 5);
    service.onSession = (id) => {
      if (id.endsWith('_3')) throw apiError('not_found', { httpStatus: 404 });
      return RUNNING;
    };
    watch([environment('env_1')]);
    await clock.advance(3 * HOUR);
    expect(timesOf('sesn_env_1_3')).toHaveLength(1);
    expect(timesOf('sesn_env_1_4').length).toBeGreaterThan(80);
    expect(sessionsOf()).toMatchObject({ attempted: true, longRuns: 5 });
    expect(sessionsOf().readings.has('sesn_env_1_3')).toBe(false);
  });

  it.each(['unauthorized', 'forbidden'] as const)('%s: seldom, and the refusal is told', async (reason) => {
    sessions('env_1', 20);
    service.onSession = () => {
      throw apiError(reason);
    };
    watch([environment('env_1')]);
    await clock.advance(6 * HOUR);
    expect(service.asked.length).toBeLessThan(12);
    expect(sessionsOf()).toMatchObject({ attempted: true, failure: { reason } });
  });

  it.each(['server_error', 'timeout', 'bad_response', 'rate_limited'] as const)(
    '%s: less and less often; what was read is dropped after three intervals, and comes back',
    async (reason) => {
      sessions('env_1', 5);
      watch([environment('env_1')]);
      await clock.advance(2 * MINUTE);
      expect(sessionsOf().readings.size).toBe(5);
      service.onSession = () => {
        throw apiError(reason);
      };
      await clock.advance(3 * MINUTE);
      expect(sessionsOf().readings.size).toBe(5);
      await clock.advance(3 * MINUTE);
      expect(sessionsOf()).toMatchObject({ readings: new Map(), failure: { reason } });
      const before = service.asked.length;
      await clock.advance(6 * HOUR);
      expect(service.asked.length - before).toBeLessThan(15);
      service.onSession = () => RUNNING;
      await clock.advance(90 * MINUTE);
      expect(sessionsOf()).toMatchObject({ failure: null, longRuns: 5 });
      expect(sessionsOf().readings.size).toBe(5);
    },
  );

  it('the trouble of one environment is its own', async () => {
    sessions('env_1', 3);
    sessions('env_2', 3);
    service.onSession = (id) => {
      if (id.startsWith('sesn_env_1')) throw apiError('server_error');
      return RUNNING;
    };
    watch([environment('env_1'), environment('env_2')]);
    await clock.advance(HOUR);
    expect(timesOf('sesn_env_2_0').length).toBeGreaterThan(25);
    expect(sessionsOf('env_2').failure).toBeNull();
  });

  it('a failure of the second request alone tells nothing of the session', async () => {
    sessions('env_1', 1);
    service.onSession = () => IDLE;
    service.onIdleEvent = () => {
      throw apiError('server_error');
    };
    watch([environment('env_1')]);
    await clock.advance(MINUTE);
    expect(sessionsOf()).toMatchObject({ readings: new Map(), failure: { reason: 'server_error' } });
  });
});

describe('the budget', () => {
  /** The most requests in any minute. */
  function mostAMinute(times: readonly number[]): number {
    return Math.max(0, ...times.map((from) => times.filter((at) => at >= from && at < from + MINUTE).length));
  }

  it.each([10, 60, 240, 1200])(
    'of %i a minute: never more than a tenth of what is scheduled',
    async (requestsPerMinute) => {
      start(requestsPerMinute);
      sessions('env_1', 300);
      service.onSession = () => IDLE;
      watch([
        environment('env_1', { sessions: { enabled: true, afterMs: 600_000, intervalMs: 10_000, maxItems: 1000 } }),
      ]);
      await clock.advance(30 * MINUTE);
      const times = service.asked.map(({ at }) => at);
      const part = 0.1 * 0.9 * requestsPerMinute;
      // A read is of two requests: where the part of a minute is smaller, an hour holds it.
      if (part >= 2) expect(mostAMinute(times)).toBeLessThanOrEqual(part);
      expect(times.length).toBeLessThanOrEqual(30 * part + 2);
      expect(times.length).toBeGreaterThan(0.5 * 30 * Math.min(part, 100));
    },
  );

  it('lists and stats keep their cadence beside 200 long runs, and come first', async () => {
    const environments = Array.from({ length: 60 }, (_, i) => environment(`env_${i}`));
    const count = async (withSessions: boolean) => {
      start(400);
      for (let i = 0; withSessions && i < 20; i++) sessions(`env_${i}`, 10);
      watch(environments);
      await clock.advance(20 * MINUTE);
      const { calls, asked } = service;
      const of = (operation: string) => calls.filter((call) => call.operation === operation).length;
      return { stats: of('stats'), list: of('list'), sessions: asked.length };
    };
    const without = await count(false);
    const beside = await count(true);
    expect(beside.sessions).toBeGreaterThan(200);
    expect(beside.stats).toBeGreaterThan(0.97 * without.stats);
    expect(beside.list).toBeGreaterThan(0.97 * without.list);
  });

  it('none while stats and lists need it all', async () => {
    start(60);
    const environments = Array.from({ length: 100 }, (_, i) => environment(`env_${i}`));
    sessions('env_1', 50);
    watch(environments);
    await clock.advance(30 * MINUTE);
    expect(service.asked).toEqual([]);
  });

  it('a session that hangs does not hold up lists and stats', async () => {
    sessions('env_1', 50);
    service.onSession = () => new Promise(() => {});
    watch([environment('env_1')], { maxConcurrent: 2 });
    await clock.advance(10 * MINUTE);
    expect(service.count('stats')).toBeGreaterThan(35);
    expect(service.asked.length).toBe(1);
  });
});

it('ends what is under way when it stops', async () => {
  sessions('env_1', 1);
  let signal: AbortSignal | undefined;
  const { promise, reject } = Promise.withResolvers<SessionFacts>();
  service.session = async (_, __, options = {}) => {
    signal = options.signal;
    signal?.addEventListener('abort', () => reject(signal!.reason));
    return { value: await promise, httpStatus: 200, requestId: null, credential: 'api_key', requests: 1 };
  };
  watch([environment('env_1')]);
  await clock.advance(MINUTE);
  await poller.stop();
  expect(signal!.aborted).toBe(true);
  expect(sessionsOf()).toMatchObject({ failure: null, lastReadAt: null });
});
