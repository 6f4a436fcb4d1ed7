import { sleep } from '../../src/base/clock.ts';
import { seededRandom } from '../../src/base/random.ts';
import { Budget } from '../../src/client/budget/budget.ts';
import { ApiError } from '../../src/client/failure/api-error.ts';
import type { Operation } from '../../src/domain/environment.ts';
import type { Failure } from '../../src/domain/failure.ts';
import { Poller } from '../../src/poller/poller.ts';
import type { EnvironmentState } from '../../src/state/environment-state.ts';
import { initialState } from '../../src/state/initial-state.ts';
import { MemoryStateStore } from '../../src/state/store.ts';
import { environment, POLL } from '../support/environments.ts';
import { ManualClock } from '../support/manual-clock.ts';
import { ENDLESS_BUDGET } from '../support/poll-connection.ts';
import { IDLE, ScriptedWorkApi } from '../support/scripted-work-api.ts';

const BOTH = { stats: true, list: true };
/** Ids of environments. */
export const ids = (size: number) => Array.from({ length: size }, (_, n) => `env_${n}`);

const NOBODY: Slow = { ids: [], afterMs: 0 };

export interface FleetOptions {
  /** Null for no limit. */
  readonly requestsPerMinute: number | null;
  readonly slots?: number;
  readonly slow?: Slow;
  /** How many connections the environments are spread over. */
  readonly connections?: number;
  readonly statsIntervalMs?: number;
}

/** Environments that answer late. */
export interface Slow {
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

/** A fleet of which some environments may answer late, and what its server sees: who was asked for what, and when. */
export class LateFleet {
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
    states.replaceAll(environments.map((env) => initialState(env, BOTH, clock)));
    const budget = requestsPerMinute === null ? ENDLESS_BUDGET : new Budget(requestsPerMinute, { clock, random });
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
