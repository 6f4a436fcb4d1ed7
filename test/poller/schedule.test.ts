import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { FailureReason } from '../../src/domain/failure.ts';
import { PolledFleet } from '../support/polled-fleet.ts';
import { apiError, deferred } from '../support/scripted-work-api.ts';
import { SILENT_POLL_LOG } from '../support/silent.ts';
import { environment, POLL } from '../support/states.ts';

const MINUTE = 60_000;
const STATS_ONLY = { attempted: { stats: true, list: false } };

let fleet: PolledFleet;

beforeEach(() => {
  fleet = new PolledFleet({ requestsPerMinute: 6000, maxConcurrent: 32 });
});

afterEach(async () => {
  await fleet.poller.stop();
  expect(fleet.clock.timers).toBe(0);
});

const numbered = (count: number) => Array.from({ length: count }, (_, n) => environment(`env_${n}`));
const asked = (from = -1) => fleet.since(from).map(({ environmentId }) => environmentId);

/** Makes the stats of `env_0` fail. Returns when they were asked for, on the monotonic clock. */
function failStats(reason: FailureReason, options: Parameters<typeof apiError>[1] = {}): number[] {
  const stats = fleet.stats.bind(fleet);
  const times: number[] = [];
  fleet.stats = async (id, call) => {
    if (id !== 'env_0') return stats(id, call);
    times.push(fleet.clock.monotonic());
    throw apiError(reason, options);
  };
  return times;
}

describe('the cadence', () => {
  it('reads stats and list at once and then each on its own interval', async () => {
    fleet.watch(numbered(1));
    await fleet.clock.advance(0);
    expect(fleet.requests.map(({ operation }) => operation)).toEqual(['stats', 'list']);
    await fleet.clock.advance(10 * MINUTE);
    // 600 s in steps of 15 s and 30 s, each ±10 %.
    expect(Math.abs(fleet.since(-1, 'stats').length - 41)).toBeLessThan(5);
    expect(Math.abs(fleet.since(-1, 'list').length - 21)).toBeLessThan(3);
  });

  it('does not read an operation without a credential', async () => {
    fleet.watch(numbered(1), {}, STATS_ONLY);
    await fleet.clock.advance(2 * MINUTE);
    expect(new Set(fleet.requests.map(({ operation }) => operation))).toEqual(new Set(['stats']));
  });

  it('keeps to the slots of a connection, and never overlaps reads of one environment and operation', async () => {
    const held: Array<ReturnType<typeof deferred<void>>> = [];
    let isHeld = true;
    const stats = fleet.stats.bind(fleet);
    fleet.stats = async (...args) => {
      const reply = await stats(...args);
      if (isHeld) await held[held.push(deferred()) - 1]!.promise;
      return reply;
    };
    fleet.watch(numbered(5), { maxConcurrent: 2 }, STATS_ONLY);
    await fleet.clock.advance(5 * MINUTE);
    expect(asked()).toEqual(['env_0', 'env_1']);
    held[0]!.resolve();
    await fleet.clock.advance(0);
    expect(asked()).toEqual(['env_0', 'env_1', 'env_2']);
    isHeld = false;
    for (const { resolve } of held) resolve();
  });

  it('begins with the start, not when targets are given, and ends with the stop', async () => {
    fleet = new PolledFleet({ isStarted: false });
    fleet.watch(numbered(1));
    await fleet.clock.advance(MINUTE);
    expect(asked()).toEqual([]);
    fleet.poller.start();
    await fleet.clock.advance(MINUTE);
    const { length } = fleet.requests;
    expect(length).toBeGreaterThan(2);
    await fleet.poller.stop();
    await fleet.clock.advance(10 * MINUTE);
    expect(fleet.requests).toHaveLength(length);
  });
});

describe('a read of the stats that shows', () => {
  it.each([
    ['that the last worker stopped polling', { workersPolling: 2 }, { workersPolling: 0 }, true],
    ['that none polls, where it was unknown', { workersPolling: null }, { workersPolling: 0 }, true],
    ['that some workers still poll', { workersPolling: 2 }, { workersPolling: 1 }, false],
    ['that the count of workers is unknown', { workersPolling: 2 }, { workersPolling: null }, false],
    ['work in a queue that was empty', { depth: 0 }, { depth: 1 }, true],
    ['more work', { depth: 1 }, { depth: 5 }, false],
  ])('%s: is the list read at once? %s %s %s', async (_, before, after, isReadAtOnce) => {
    fleet.stated.set('env_0', before);
    fleet.watch([environment('env_0', { poll: { ...POLL, listIntervalMs: 10 * MINUTE } })]);
    await fleet.clock.advance(MINUTE);
    fleet.stated.set('env_0', after);
    const from = fleet.clock.monotonic();
    await fleet.clock.advance(20_000);
    expect(fleet.since(from, 'stats').length).toBeGreaterThan(0);
    expect(fleet.since(from, 'list')).toHaveLength(Number(isReadAtOnce));
  });
});

describe('a budget that is too small', () => {
  const scheduled = () => fleet.states.all().map(({ operations }) => operations.stats.scheduledIntervalMs / 1000);

  beforeEach(async () => {
    fleet = new PolledFleet({ maxConcurrent: 32 });
    fleet.stated.set('env_0', { depth: 5 });
    fleet.watch(numbered(100), {}, STATS_ONLY);
    await fleet.clock.advance(15 * MINUTE);
  });

  it('lengthens the intervals of idle environments, and shows it', () => {
    const [active, ...idle] = scheduled();
    expect(active).toBe(15);
    // 216 requests a minute less the 4 of the active one, for 99 idle ones.
    for (const seconds of idle) expect(seconds).toBeCloseTo((99 * 60) / 212, 1);
    expect(fleet.since(fleet.clock.monotonic() - MINUTE).length).toBeLessThan(240);
  });

  it('shortens them again at once when there is less to read', async () => {
    fleet.watch(numbered(10), {}, STATS_ONLY);
    await fleet.clock.advance(10_000);
    expect(new Set(scheduled())).toEqual(new Set([15]));
    const from = fleet.clock.monotonic();
    await fleet.clock.advance(MINUTE);
    for (const { id } of numbered(10)) expect(asked(from).filter((one) => one === id).length).toBeGreaterThanOrEqual(3);
  });
});

describe('watching something else', () => {
  it('calls off the reads of environments that left, and their results have no home', async () => {
    const held = deferred<void>();
    let signal: AbortSignal | undefined;
    const stats = fleet.stats.bind(fleet);
    fleet.stats = async (id, options) => {
      signal = options?.signal;
      const reply = await stats(id, options);
      await held.promise;
      return reply;
    };
    fleet.watch(numbered(1), {}, STATS_ONLY);
    await fleet.clock.advance(10);
    fleet.watch([]);
    expect(signal?.aborted).toBe(true);
    held.resolve();
    await fleet.clock.advance(5 * MINUTE);
    expect(fleet.states.all()).toEqual([]);
    expect(asked()).toHaveLength(1);
  });

  it('applies a shorter interval at once', async () => {
    fleet.watch([environment('env_0', { poll: { ...POLL, statsIntervalMs: 3_600_000 } })], {}, STATS_ONLY);
    await fleet.clock.advance(MINUTE);
    fleet.watch(numbered(1), {}, STATS_ONLY);
    await fleet.clock.advance(20_000);
    expect(asked()).toHaveLength(2);
  });

  it.each([true, false])(
    'tries again at once what was refused, if a reload may bring the new key: %s',
    async (retry) => {
      const times = failStats('unauthorized', { httpStatus: 401 });
      fleet.watch(numbered(1), {}, STATS_ONLY);
      await fleet.clock.advance(10 * MINUTE);
      const before = times.length;
      fleet.watch(numbered(1), {}, { ...STATS_ONLY, retry });
      await fleet.clock.advance(10);
      expect(times.length - before).toBe(Number(retry));
    },
  );
});

describe('what the API asks for with retry-after', () => {
  it.each<[reason: FailureReason, httpStatus: number, retryAfterMs: number, longestMs: number]>([
    ['server_error', 503, 43_200_000, 5 * MINUTE],
    ['server_error', 529, 43_200_000, 5 * MINUTE],
    ['server_error', 503, 2 * MINUTE, 2 * MINUTE],
    ['rate_limited', 429, 43_200_000, 5 * MINUTE],
    ['unauthorized', 401, 43_200_000, MINUTE],
    ['not_found', 404, 43_200_000, MINUTE],
  ])('after %s (%d) and %d ms, is waited for, %d ms at most; others go on', async (...situation) => {
    const [reason, httpStatus, retryAfterMs, longestMs] = situation;
    const times = failStats(reason, { httpStatus, retryAfterMs });
    fleet.watch(numbered(2));
    await fleet.clock.advance(longestMs - 1);
    expect(times).toHaveLength(1);
    await fleet.clock.advance(1001);
    expect(times).toHaveLength(2);
    expect(times[1]! - times[0]!).toBeGreaterThanOrEqual(longestMs);
    expect(fleet.ages('stats')[1]).toBeLessThan(20_000);
  });

  it.each<[reason: FailureReason, httpStatus: number]>([
    ['server_error', 503],
    ['rate_limited', 429],
  ])('again and again, shorter than the interval, doubles nothing after %s (%d)', async (reason, httpStatus) => {
    const times = failStats(reason, { httpStatus, retryAfterMs: 7000 });
    fleet.watch(numbered(2));
    await fleet.clock.advance(5.5 * POLL.statsIntervalMs);
    const waits = times.slice(1).map((at, index) => Math.round((at - times[index]!) / POLL.statsIntervalMs));
    expect(waits.slice(0, 4)).toEqual([1, 1, 1, 1]);
  });

  it('is not shortened by the success of another environment', async () => {
    const times = failStats('server_error', { httpStatus: 503, retryAfterMs: 4 * MINUTE });
    const stats = fleet.stats.bind(fleet);
    let isDown = true;
    fleet.stats = async (id, options) => {
      if (id === 'env_1' && isDown) throw apiError('server_error', { httpStatus: 503 });
      return stats(id, options);
    };
    fleet.watch(numbered(2));
    await fleet.clock.advance(MINUTE);
    isDown = false;
    await fleet.clock.advance(2 * MINUTE);
    expect(fleet.states.get('env_1')!.operations.stats.failure).toBeNull();
    expect(times).toHaveLength(1);
  });
});

describe('a pause of a connection', () => {
  const told: string[] = [];

  beforeEach(async () => {
    told.length = 0;
    const log = {
      ...SILENT_POLL_LOG,
      connectionPaused: (_: string, until: number) => told.push(`${Math.round((until - fleet.clock.now()) / 1000)} s`),
      connectionResumed: () => told.push('resumed'),
    };
    fleet = new PolledFleet({ log });
    fleet.watch(numbered(3));
    await fleet.clock.advance(2 * MINUTE);
    fleet.budget.answered({ retryAfterMs: 5 * MINUTE });
    await fleet.clock.advance(20_000);
  });

  it('lets nothing through before its end', async () => {
    const from = fleet.clock.monotonic() - 20_000;
    await fleet.clock.advance(5 * MINUTE - 20_001);
    expect(asked(from)).toEqual([]);
    await fleet.clock.advance(MINUTE);
    expect(new Set(asked(from)).size).toBe(3);
  });

  it('is logged when the first one begins, and when the API takes requests again', async () => {
    await fleet.clock.advance(5 * MINUTE);
    fleet.budget.answered({ retryAfterMs: 2 * MINUTE });
    await fleet.clock.advance(3 * MINUTE);
    expect(told).toHaveLength(1);
    fleet.budget.answered(null);
    await fleet.clock.advance(MINUTE);
    expect(told).toEqual([expect.stringMatching(/^(300|28\d|29\d) s$/), 'resumed']);
  });
});

describe('a failure', () => {
  it('stays with the environment and operation that failed', async () => {
    failStats('server_error', { httpStatus: 500 });
    fleet.watch(numbered(2));
    await fleet.clock.advance(10);
    const [first, second] = fleet.states.all();
    expect(first!.operations.stats.failure).toMatchObject({ reason: 'server_error', httpStatus: 500 });
    expect(first!.operations.list.failure).toBeNull();
    expect(second!.operations.stats.failure).toBeNull();
    expect(second!.queue).not.toBeNull();
  });

  it('is what a mistake of this program ends as, without its words', async () => {
    fleet.stats = async () => {
      throw new TypeError('sk-ant-api03-never-quote-this');
    };
    fleet.watch(numbered(1), {}, STATS_ONLY);
    await fleet.clock.advance(10);
    const { failure } = fleet.states.get('env_0')!.operations.stats;
    expect(failure).toMatchObject({ reason: 'bad_response' });
    expect(JSON.stringify(failure)).not.toContain('sk-ant');
  });

  it('is what a mistake in counting ends as, too, and reads go on', async () => {
    let isBroken = true;
    const save = async () => {
      if (isBroken) throw new TypeError('a mistake');
    };
    fleet = new PolledFleet({ save });
    fleet.watch(numbered(1));
    const failure = () => fleet.states.get('env_0')!.operations.list.failure;
    await fleet.clock.advance(1000);
    expect(failure()).toMatchObject({ reason: 'bad_response' });
    isBroken = false;
    await fleet.clock.advance(MINUTE);
    expect(failure()).toBeNull();
  });

  it('of both operations is shown for a cloud environment, although its stats answer, until it has a queue', async () => {
    let isCloud = true;
    const listPage = fleet.listPage.bind(fleet);
    fleet.stated.set('env_0', { workersPolling: null });
    fleet.listPage = async (...request) => {
      if (isCloud) throw apiError('not_found', { httpStatus: 404 });
      return listPage(...request);
    };
    fleet.watch(numbered(1));
    await fleet.clock.advance(2 * MINUTE);
    const reasons = () =>
      Object.values(fleet.states.get('env_0')!.operations).map((operation) => operation.failure?.reason);
    expect(reasons()).toEqual(['not_self_hosted', 'not_self_hosted']);
    expect(fleet.states.get('env_0')!.queue).toBeNull();
    isCloud = false;
    fleet.stated.clear();
    await fleet.clock.advance(2 * MINUTE);
    expect(reasons()).toEqual([undefined, undefined]);
  });
});

describe('a read ahead of the schedule', () => {
  beforeEach(async () => {
    fleet = new PolledFleet({ requestsPerMinute: 60, maxConcurrent: 1 });
    fleet.watch(numbered(1));
    await fleet.clock.advance(25_000);
  });

  const statsSince = (from: number) => fleet.since(from, 'stats').length;

  it('is one for all who ask at the same time, and the schedule starts anew from there', async () => {
    const from = fleet.clock.monotonic();
    await fleet.clock.advance(2000);
    const results = await Promise.all(Array.from({ length: 50 }, () => fleet.poller.readEarly('env_0')));
    expect(new Set(results)).toEqual(new Set(['read']));
    expect(fleet.ages('stats')).toEqual([0]);
    await fleet.clock.advance(9000);
    expect(statsSince(from)).toBe(1);
  });

  it('needs a token: asked for all the time, it stays inside the budget', async () => {
    const from = fleet.clock.monotonic();
    const results = new Set<string>();
    for (let step = 0; step < 1200; step++) {
      await fleet.clock.advance(50);
      results.add(await fleet.poller.readEarly('env_0'));
    }
    expect(asked(from).length).toBeLessThanOrEqual(60);
    expect(results).toEqual(new Set(['read', 'over_budget']));
  });

  it('waits for its time after a failure', async () => {
    failStats('server_error', { httpStatus: 503, retryAfterMs: MINUTE });
    await fleet.clock.advance(20_000);
    expect(fleet.states.get('env_0')!.operations.stats.failure).not.toBeNull();
    expect(await fleet.poller.readEarly('env_0')).toBe('not_now');
  });
});
