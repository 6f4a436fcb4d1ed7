import { describe, expect, it } from 'vitest';
import { Secret } from '../../src/base/secret.ts';
import type { Environment } from '../../src/domain/environment.ts';
import type { SessionFacts } from '../../src/domain/work.ts';
import { apiError, RUNNING } from '../support/scripted-work-api.ts';
import { environment } from '../support/states.ts';
import { HOUR, IDLE, MINUTE, pollSessions } from './polled-sessions.ts';

describe('which sessions are read, and how often', () => {
  it('those of runs that are older than `after`, from when they are', async () => {
    const { clock, service, watch, sessions, timesOf } = pollSessions();
    sessions('env_1', 1, 5 * MINUTE);
    watch([environment('env_1')]);
    await clock.advance(5 * MINUTE - 1000);
    expect(service.asked).toEqual([]);
    await clock.advance(7000);
    expect(timesOf('sesn_env_1_0')).toHaveLength(1);
  });

  it('each session is read at most once an interval', async () => {
    const { clock, watch, sessions, timesOf } = pollSessions();
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
    const { clock, runs, watch, sessions, timesOf } = pollSessions();
    sessions('env_1', 200);
    watch([
      environment('env_1', { sessions: { enabled: true, afterMs: 600_000, intervalMs: 120_000, maxItems: 1000 } }),
    ]);
    await clock.advance(HOUR);
    const times = [...runs.get('env_1')!.keys()].map(timesOf);
    const counts = times.map(({ length }) => length);
    expect(Math.max(...counts) - Math.min(...counts)).toBeLessThanOrEqual(1);
  });

  it('an idle one with its last idle event right after, any other without', async () => {
    const { clock, service, watch, sessions, sessionsOf } = pollSessions();
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

  it.each<[string, Partial<Environment>, 'both' | 'none']>([
    ['switched off', { sessions: { enabled: false, afterMs: 1, intervalMs: 1, maxItems: 50 } }, 'both'],
    ['without a key', {}, 'none'],
  ])('no session is read where they are %s', async (_, change, keys) => {
    const { clock, states, service, watch, sessions } = pollSessions();
    service.keys = keys;
    sessions('env_1', 3);
    watch([environment('env_1', change)]);
    await clock.advance(HOUR);
    expect(service.asked).toEqual([]);
    expect(states.get('env_1')!.sessions?.attempted ?? false).toBe(false);
  });
});

describe('the budget', () => {
  /** The most requests in any minute. */
  function mostAMinute(times: readonly number[]): number {
    return Math.max(0, ...times.map((from) => times.filter((at) => at >= from && at < from + MINUTE).length));
  }

  it.each([10, 60, 240, 1200])('of %i a minute: at most a tenth of what is scheduled', async (requestsPerMinute) => {
    const { clock, service, watch, sessions } = pollSessions(requestsPerMinute);
    sessions('env_1', 300);
    service.onSession = () => IDLE;
    watch([
      environment('env_1', { sessions: { enabled: true, afterMs: 600_000, intervalMs: 10_000, maxItems: 1000 } }),
    ]);
    await clock.advance(30 * MINUTE);
    const times = service.asked.map(({ at }) => at);
    const part = 0.1 * 0.9 * requestsPerMinute;
    // Each read is of two requests.
    expect(mostAMinute(times)).toBeLessThanOrEqual(part + 2);
    expect(times.length).toBeLessThanOrEqual(30 * part + 2);
    expect(times.length).toBeGreaterThan(0.5 * 30 * Math.min(part, 100));
  });

  it('lists and stats keep their cadence beside 200 long runs, and come first', async () => {
    const environments = Array.from({ length: 60 }, (_, i) => environment(`env_${i}`));
    const count = async (withSessions: boolean) => {
      const { clock, service, watch, sessions } = pollSessions(400);
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

  it('a session that hangs does not hold up lists and stats', async () => {
    const { clock, service, watch, sessions } = pollSessions();
    sessions('env_1', 50);
    service.onSession = () => new Promise(() => {});
    watch([environment('env_1')], { maxConcurrent: 2 });
    await clock.advance(10 * MINUTE);
    expect(service.count('stats')).toBeGreaterThan(35);
    expect(service.asked.length).toBe(1);
  });
});

it('ends what is under way when it stops', async () => {
  const { clock, service, poller, watch, sessions, sessionsOf } = pollSessions();
  sessions('env_1', 1);
  let signal: AbortSignal | undefined;
  const { promise, reject } = Promise.withResolvers<SessionFacts>();
  service.session = async (_, __, options = {}) => {
    signal = options.signal;
    signal?.addEventListener('abort', () => reject(signal!.reason));
    return { value: await promise, requests: 1 };
  };
  watch([environment('env_1')]);
  await clock.advance(MINUTE);
  await poller.stop();
  expect(signal!.aborted).toBe(true);
  expect(sessionsOf()).toMatchObject({ failure: null, lastReadAt: null });
});

describe('a service that does not answer', () => {
  it('with 404 for all: each session is tried once an hour, and read when it is known', async () => {
    const { clock, service, watch, sessions, sessionsOf } = pollSessions();
    sessions('env_1', 20);
    service.onSession = () => {
      throw apiError('not_found', { httpStatus: 404 });
    };
    watch([environment('env_1')]);
    await clock.advance(5 * HOUR);
    expect(service.asked.length).toBeLessThanOrEqual(20 * 5);
    expect(sessionsOf()).toMatchObject({ attempted: true, lastReadAt: null, failure: null });
    service.onSession = () => RUNNING;
    await clock.advance(90 * MINUTE);
    expect(sessionsOf()).toMatchObject({ attempted: true, longRuns: 20 });
    expect(sessionsOf().readings.size).toBe(20);
  });

  it.each([
    ['server_error', 500],
    ['timeout', null],
    ['rate_limited', 429],
    ['bad_response', 403],
  ] as const)(
    '%s (%s): every ten minutes; what was read is dropped after three intervals, and comes back',
    async (reason, httpStatus) => {
      const { clock, service, watch, sessions, sessionsOf } = pollSessions();
      sessions('env_1', 5);
      watch([environment('env_1')]);
      await clock.advance(2 * MINUTE);
      expect(sessionsOf().readings.size).toBe(5);
      service.onSession = () => {
        throw apiError(reason, { httpStatus });
      };
      await clock.advance(3 * MINUTE);
      expect(sessionsOf().readings.size).toBe(5);
      await clock.advance(3 * MINUTE);
      expect(sessionsOf()).toMatchObject({ readings: new Map(), failure: { reason } });
      const before = service.asked.length;
      await clock.advance(6 * HOUR);
      expect(service.asked.length - before).toBeLessThan(40);
      service.onSession = () => RUNNING;
      await clock.advance(90 * MINUTE);
      expect(sessionsOf()).toMatchObject({ failure: null, longRuns: 5 });
      expect(sessionsOf().readings.size).toBe(5);
    },
  );

  it('the trouble of one environment is its own', async () => {
    const { clock, service, watch, sessions, sessionsOf, timesOf } = pollSessions();
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

  it('a refusal of the first of two keys is no reason to wait: the second one reads the next session', async () => {
    const { clock, service, watch, sessions, sessionsOf } = pollSessions();
    sessions('env_1', 5);
    service.onSession = () => {
      if (service.keys === 'second') return RUNNING;
      service.keys = 'second';
      throw apiError('forbidden', { httpStatus: 403 });
    };
    watch([environment('env_1')]);
    await clock.advance(5 * MINUTE);
    expect(sessionsOf()).toMatchObject({ attempted: true, failure: null });
    expect(sessionsOf().readings.size).toBe(5);
  });
});

it.each([
  ['unauthorized', 401],
  ['not_found', 404],
] as const)('after a reload with another key, sessions that were %s are read at once', async (reason, httpStatus) => {
  const { clock, service, watch, sessions, sessionsOf } = pollSessions();
  const key = (value: string) => ({ apiKey: new Secret(value, 'a test') });
  sessions('env_1', 5);
  service.onSession = () => {
    throw apiError(reason, { httpStatus });
  };
  watch([environment('env_1')], key('old'));
  await clock.advance(6 * HOUR);
  service.onSession = () => RUNNING;
  watch([environment('env_1')], key('new'));
  await clock.advance(3 * MINUTE);
  expect(sessionsOf()).toMatchObject({ attempted: true, longRuns: 5 });
  expect(sessionsOf().readings.size).toBe(5);
});
