import { describe, expect, it } from 'vitest';
import { JobQueue } from '../../src/poller/schedule/job-queue.ts';
import { newPollJob } from '../support/new-poll-job.ts';
import { IDLE, ScriptedWorkApi } from '../support/scripted-work-api.ts';

const BOTH = { stats: true, list: true };
const ids = (size: number) => Array.from({ length: size }, (_, n) => `env_${n}`);
const LATE = { httpStatus: null, requestId: null, message: 'late', remedy: '' } as const;
const TIMED_OUT = { ...LATE, reason: 'timeout' } as const;
const GATEWAY = { ...LATE, reason: 'server_error', httpStatus: 504 } as const;

const NOBODY: Slow = { ids: [], afterMs: 0 };

const FREE: TokenSource = {
  tryTake: () => true,
  take: async () => {},
  giveBack: () => {},
  waiting: 0,
  timeUntilNextMs: () => 0,
  timeUntilFullMs: () => 0,
  configuredPerMinute: 1_000_000,
  pauseMs: 0,
  isRateLimited: false,
};

interface FleetOptions {
  /** Null: as many as are wanted, and when they are. */
  readonly requestsPerMinute: number | null;
  readonly slots?: number;
  readonly slow?: Slow;
  /** Over which they are spread. */
  readonly connections?: number;
  readonly statsIntervalMs?: number;
}

/** Environments that answer late. */
interface Slow {
  readonly ids: readonly string[];
  readonly afterMs: number;
  /** Since when; the start by default. */
  readonly fromMs?: number;
  /** Until when; for good by default. */
  readonly untilMs?: number;
  /** What is late; both by default. */
  readonly operation?: Operation;
  /** How it ends; with an answer by default. */
  readonly failure?: Failure;
}

/** What a server of a fleet sees: which environment was asked for what, and when. */
class Fleet {
  readonly clock = new ManualClock();
  readonly asked: { readonly at: number; readonly id: string; readonly operation: Operation }[] = [];
  readonly #states = new MemoryStateStore();
  /** Reads that were called off before their answer. */
  calledOff = 0;
  readonly #slow: Slow;
  readonly #slowIds: ReadonlySet<string>;

  constructor(size: number, options: FleetOptions) {
    const { requestsPerMinute, slots = 32, slow = NOBODY, connections = 1, statsIntervalMs = 15_000 } = options;
    const { clock } = this;
    this.#slow = slow;
    this.#slowIds = new Set(slow.ids);
    const states = this.#states;
    const random = seededRandom(7);
    const api = new ScriptedWorkApi();
    api.onStats = (id, _, { signal }) => this.#answer(id, 'stats', IDLE, signal);
    api.onListPage = (id, _, { signal }) => this.#answer(id, 'list', { items: [], nextPage: null }, signal);
    const ignore = () => {};
    const poller = new Poller({
      states,
      clock,
      random,
      log: {
        pollEnded: ignore,
        listRescanned: ignore,
        intervalsScaled: ignore,
        connectionPaused: ignore,
        connectionResumed: ignore,
        end: ignore,
      },
    });
    const environments = ids(size).map((id, n) =>
      environment(id, { connection: `connection_${n % connections}`, poll: { ...POLL, statsIntervalMs } }),
    );
    states.replaceAll(environments.map((env) => initialState(env, BOTH, clock.now())));
    const budget = requestsPerMinute === null ? FREE : new Budget(requestsPerMinute, { clock, random });
    const connection = (_: unknown, n: number) => ({
      ...{ name: `connection_${n}`, api, budget, maxConcurrent: slots },
      ...{ pageSize: 100, fallbackPageSize: 100, startedAtIsEnqueueStamp: true, idsRotate: false },
      ...{ skewMs: () => 0, historySkewMs: () => 0 },
    });
    poller.watch(
      Array.from({ length: connections }, connection),
      environments.map((env) => ({ environment: env, attempted: BOTH })),
    );
    poller.start();
  }

  async #answer<T>(id: string, operation: Operation, value: T, signal: AbortSignal | undefined): Promise<T> {
    const at = this.clock.monotonic();
    this.asked.push({ at, id, operation });
    const {
      afterMs,
      fromMs = 0,
      untilMs = Number.POSITIVE_INFINITY,
      operation: late = operation,
      failure,
    } = this.#slow;
    if (!this.#slowIds.has(id) || operation !== late || at < fromMs || at >= untilMs) return value;
    await sleep(this.clock, afterMs, signal).catch((error: unknown) => {
      this.calledOff++;
      throw error;
    });
    if (failure !== undefined) throw new ApiError(failure, { requests: 1 });
    return value;
  }

  /** Environments of which an operation shows a failure. */
  get failing(): readonly string[] {
    const hasFailure = ({ operations: { stats, list } }: EnvironmentState) => (stats.failure ?? list.failure) !== null;
    return this.#states.all().flatMap((state) => (hasFailure(state) ? state.environment.id : []));
  }

  /** Milliseconds from a time to the first read of each of these that is asked for after it. */
  firstReads(of: readonly string[], operation: Operation, from: number): number[] {
    const first = new Map<string, number>();
    const wanted = new Set(of);
    for (const one of this.asked) {
      if (one.at >= from && one.operation === operation && wanted.has(one.id) && !first.has(one.id))
        first.set(one.id, one.at - from);
    }
    return [...first.values()];
  }

  /** The most requests in any 60 s. */
  get mostInAMinute(): number {
    let [most, begin] = [0, 0];
    for (const [end, { at }] of this.asked.entries()) {
      while (this.asked[begin]!.at <= at - 60_000) begin++;
      most = Math.max(most, end - begin + 1);
    }
    return most;
  }

  /** The longest time without an answer of each of these, milliseconds. */
  longestGaps(of: readonly string[], operation: Operation, from: number): number[] {
    const times = new Map(of.map((id) => [id, [from]]));
    for (const one of this.asked) if (one.at >= from && one.operation === operation) times.get(one.id)?.push(one.at);
    return [...times.values()].map((at) => Math.max(...at.slice(1).map((time, n) => time - at[n]!)));
  }

  /** Milliseconds between two reads of the stats of each of these, in the mean, after a time to begin in. */
  gaps(of: readonly string[], from: number): number[] {
    const times = new Map(of.map((id) => [id, [] as number[]]));
    for (const { at, id, operation } of this.asked) if (at >= from && operation === 'stats') times.get(id)?.push(at);
    return [...times.values()].map((at) => (at.at(-1)! - at[0]!) / (at.length - 1));
  }
}

describe('with fewer slots than environments of a thousand that answer late, the others are read as often as ever', () => {
  // Each of them is known to be slow once it was read: with half of the fleet, that takes minutes.
  it.each<{ what: string; count: number; slots: number; knownMs?: number } & Omit<Slow, 'ids'>>([
    { what: 'hang to their deadline', count: 20, slots: 16, afterMs: 10_000, failure: TIMED_OUT },
    { what: 'hang to a deadline of a second', count: 50, slots: 8, afterMs: 1000, failure: TIMED_OUT },
    { what: 'get an answer just before it', count: 50, slots: 32, afterMs: 9900 },
    { what: 'get an answer after a few seconds', count: 100, slots: 32, afterMs: 3000 },
    { what: 'hear from a gateway that gave up', count: 20, slots: 16, afterMs: 9000, failure: GATEWAY },
    { what: 'have lists alone that are late', count: 40, slots: 16, afterMs: 9000, operation: 'list' },
    { what: 'have stats alone that are late', count: 40, slots: 16, afterMs: 9000, operation: 'stats' },
    { what: 'are half of the fleet', count: 500, slots: 32, afterMs: 9900, knownMs: 420_000 },
  ])('$count that $what', async ({ count, slots, knownMs = 90_000, ...late }) => {
    const slow = { ...late, ids: ids(1000).filter((_, n) => n % (1000 / count) === 7 % (1000 / count)) };
    expect(slow.ids).toHaveLength(count);
    const fleet = new Fleet(1000, { requestsPerMinute: 10_000, slots, slow });
    await fleet.clock.advance(knownMs + 120_000);
    const well = ids(1000).filter((id) => !slow.ids.includes(id));
    const gaps = fleet.gaps(well, knownMs);
    expect(gaps).toHaveLength(1000 - count);
    expect(Math.max(...gaps)).toBeLessThan(15_000 * 1.1);
    expect(Math.min(...gaps)).toBeGreaterThan(15_000 * 0.9);
  });
});

describe('when nearly all environments of a thousand hang, the others are read as often as ever once they are found', () => {
  it.each([
    { count: 990, slots: 32, fromMs: 0, foundMs: 90_000 },
    { count: 990, slots: 8, fromMs: 0, foundMs: 330_000 },
    { count: 990, slots: 8, fromMs: 120_000, foundMs: 330_000 },
    { count: 900, slots: 8, fromMs: 120_000, foundMs: 310_000 },
    { count: 900, slots: 5, fromMs: 0, foundMs: 480_000 },
  ])('$count with $slots slots, from $fromMs ms on', async ({ count, slots, fromMs, foundMs }) => {
    const hang = { ids: ids(1000).filter((_, n) => (n * 7919) % 1000 < count), afterMs: 10_000, failure: TIMED_OUT };
    const fleet = new Fleet(1000, { requestsPerMinute: 10_000, slots, slow: { ...hang, fromMs } });
    await fleet.clock.advance(fromMs + foundMs + 240_000);
    const well = ids(1000).filter((id) => !hang.ids.includes(id));
    for (const [operation, intervalMs] of [
      ['stats', 15_000],
      ['list', 30_000],
    ] as const) {
      const found = fleet.firstReads(well, operation, fromMs);
      expect(found).toHaveLength(1000 - count);
      expect(Math.max(...found)).toBeLessThan(foundMs);
      const gaps = fleet.longestGaps(well, operation, fromMs + foundMs);
      expect(Math.max(...gaps)).toBeLessThan(intervalMs * 1.1 + 10_000);
    }
  });
});

describe('when environments of a thousand begin to hang at once, the others are read again soon', () => {
  // Without calling off what hangs: 42, 149 and 308 s for the lists.
  it.each([
    { count: 50, stats: 17, list: 34 },
    { count: 200, stats: 25, list: 46 },
    { count: 500, stats: 45, list: 90 },
    // Hardly any of the first reads is answered. By slots in proportion, and without calling off: 382 and 906 s.
    { count: 900, stats: 85, list: 170 },
    { count: 990, stats: 90, list: 180 },
  ])('$count: stats within $stats s, lists within $list s', async ({ count, stats, list }) => {
    const hang = { ids: ids(1000).filter((_, n) => (n * 7919) % 1000 < count), afterMs: 10_000, failure: TIMED_OUT };
    const fleet = new Fleet(1000, { requestsPerMinute: 10_000, slow: { ...hang, fromMs: 120_000 } });
    await fleet.clock.advance(420_000);
    const well = ids(1000).filter((id) => !hang.ids.includes(id));
    expect(well).toHaveLength(1000 - count);
    expect(Math.max(...fleet.longestGaps(well, 'stats', 90_000))).toBeLessThan(stats * 1000);
    expect(Math.max(...fleet.longestGaps(well, 'list', 90_000))).toBeLessThan(list * 1000);
  });

  it.each([500, 990, 1000])(
    'and when the %d that hung answer again, each is read within 20 s, and within the budget',
    async (count) => {
      const requestsPerMinute = 6000;
      const untilMs = 720_000;
      const hanging = ids(1000).filter((_, n) => (n * 7919) % 1000 < count);
      const slow = { ids: hanging, afterMs: 10_000, failure: TIMED_OUT, fromMs: 120_000, untilMs };
      const fleet = new Fleet(1000, { requestsPerMinute, slow });
      await fleet.clock.advance(untilMs + 180_000);
      for (const operation of ['stats', 'list'] as const) {
        const again = fleet.firstReads(hanging, operation, untilMs);
        expect(again).toHaveLength(count);
        expect(Math.max(...again)).toBeLessThan(20_000);
      }
      expect(fleet.mostInAMinute).toBeLessThanOrEqual(requestsPerMinute);
      // Else there was nothing to be too many.
      expect(fleet.mostInAMinute).toBeGreaterThan(requestsPerMinute / 2);
    },
  );

  it('and what is called off, because it is late, counts as no failure', async () => {
    const slow = { ids: ids(1000).filter((_, n) => n % 5 === 1), afterMs: 9000, fromMs: 120_000 };
    const fleet = new Fleet(1000, { requestsPerMinute: 10_000, slow });
    await fleet.clock.advance(360_000);
    expect(fleet.calledOff).toBeGreaterThan(100);
    expect(fleet.failing).toEqual([]);
  });

  it('and nothing is called off where all begin to answer late', async () => {
    const slow = { ids: ids(1000), afterMs: 3000, fromMs: 120_000 };
    const fleet = new Fleet(1000, { requestsPerMinute: 10_000, slow });
    await fleet.clock.advance(360_000);
    expect(fleet.calledOff).toBe(0);
  });
});

it('all slots are used where all environments answer late', async () => {
  const slow = { ids: ids(100), afterMs: 4000 };
  const fleet = new Fleet(100, { requestsPerMinute: 10_000, slots: 16, slow });
  await fleet.clock.advance(360_000);
  const reads = fleet.asked.filter(({ at }) => at >= 120_000).length;
  expect(reads).toBeGreaterThan(0.95 * 16 * 60);
});

describe('the reads of a large fleet', () => {
  it.each([
    { size: 21, connections: 1, everyMs: 1000 },
    { size: 200, connections: 1, everyMs: 1000 },
    { size: 201, connections: 1, everyMs: 250 },
    { size: 400, connections: 1, everyMs: 250 },
    { size: 30, connections: 30, everyMs: 1000 },
    { size: 400, connections: 40, everyMs: 250 },
  ])(
    'go out together, and as often as they should: $size environments on $connections connections each $everyMs ms',
    async ({ size, connections, everyMs }) => {
      const fleet = new PolledFleet(size, { requestsPerMinute: null, slots: 1000, connections });
      await fleet.clock.advance(300_000);
      const later = fleet.asked.filter(({ at }) => at > 60_000);
      const moments = new Set(later.map(({ at }) => at));
      expect([...moments].filter((at) => at % everyMs !== 0)).toEqual([]);
      expect(moments.size).toBeGreaterThan(0.5 * Math.min(240_000 / everyMs, later.length));
      const gaps = fleet.gaps(ids(size), 60_000);
      expect(gaps.reduce((sum, gap) => sum + gap, 0) / size / 15_000).toBeCloseTo(1, 2);
    },
  );

  it.each([
    { connections: 1, statsIntervalMs: 5000 },
    { connections: 30, statsIntervalMs: 5000 },
    { connections: 30, statsIntervalMs: 10_000 },
  ])(
    'are soon spread, though all began at once: over $connections connections, every $statsIntervalMs ms',
    async ({ connections, statsIntervalMs }) => {
      const fleet = new PolledFleet(30, { requestsPerMinute: null, connections, statsIntervalMs });
      await fleet.clock.advance(600_000);
      const later = fleet.asked.filter(({ at, operation }) => at > 540_000 && operation === 'stats');
      const together = Object.values(Object.groupBy(later, ({ at }) => at)).map((reads) => reads!.length);
      expect(Math.max(...together)).toBeLessThan(15);
    },
  );

  it('begin spread over one interval, but for the first hundred', async () => {
    const queue = new JobQueue();
    queue.replace(ids(10_000).flatMap((id) => (['stats', 'list'] as const).map((one) => newPollJob(id, one))));
    const perSecond = new Map<number, number>();
    for (const { dueAt } of queue.all()) {
      const second = Math.floor(dueAt / 1000);
      perSecond.set(second, (perSecond.get(second) ?? 0) + 1);
    }
    const [first, ...others] = [...perSecond].sort(([a], [b]) => a - b).map(([, count]) => count);
    expect(first).toBeLessThanOrEqual(200 + 10_000 / 15 + 10_000 / 30 + 2);
    expect(Math.max(...others)).toBeLessThanOrEqual(10_000 / 15 + 10_000 / 30 + 2);
    expect(perSecond.size).toBe(30);
  });

  it('keep to the budget in every minute, however they are put together', async () => {
    const requestsPerMinute = 600;
    const fleet = new PolledFleet(400, { requestsPerMinute });
    await fleet.clock.advance(300_000);
    const times = fleet.asked.map(({ at }) => at);
    const most = times.map((from) => times.filter((at) => at >= from && at < from + 60_000).length);
    expect(Math.max(...most)).toBeLessThanOrEqual(requestsPerMinute);
    expect(Math.max(...most)).toBeGreaterThan(0.85 * requestsPerMinute);
  });
});

it('a small fleet reads each environment at its own time', async () => {
  const fleet = new PolledFleet(20, { requestsPerMinute: 10_000 });
  await fleet.clock.advance(120_000);
  const later = fleet.asked.filter(({ at }) => at > 1000);
  expect(later.filter(({ at }) => at % 250 === 0).length).toBeLessThan(0.1 * later.length);
});

it('what is new at a reload does not move what is known', async () => {
  const queue = new JobQueue();
  const known = ids(150).map((id) => newPollJob(id, 'stats', { dueAt: 5000 }));
  queue.replace(known);
  const before = known.map(({ dueAt }) => dueAt);
  queue.replace([...ids(150), 'env_new'].map((id) => newPollJob(id, 'stats', { dueAt: 9000 })));
  expect(known.map(({ dueAt }) => dueAt)).toEqual(before);
  expect(queue.get({ environment: { id: 'env_new' }, operation: 'stats' })!.dueAt).toBe(9000);
});
