import { expect } from 'vitest';
import { Budget } from '../../src/client/budget.ts';
import type { Environment } from '../../src/domain/environment.ts';
import type { QueueStats } from '../../src/domain/work.ts';
import type { Ledger } from '../../src/lifecycle/ledger.ts';
import { type PollConnection, Reads } from '../../src/poller/reads.ts';
import { initialState } from '../../src/state/changes.ts';
import { type EnvironmentState, MemoryStateStore } from '../../src/state/environment-state.ts';
import { type FakeListOptions, FakeWorkList } from '../support/fake-work-list.ts';
import { ManualClock } from '../support/manual-clock.ts';
import { pollConnection } from '../support/polled-fleet.ts';
import { SILENT_POLL_LOG } from '../support/silent.ts';
import { environment, POLL } from '../support/states.ts';

export const MINUTE = 60_000;
export const INTERVAL = 30_000;
/** `full_list_interval` of the test's environment. */
export const FULL = 300_000;
/** Items of a page, unless told otherwise. */
export const LIMIT = 10;

export interface ReadListOptions {
  readonly list: FakeWorkList;
  readonly clock: ManualClock;
  readonly poll?: Partial<Environment['poll']>;
  readonly connection?: Partial<PollConnection>;
  /** What a state file gave back. */
  readonly ledger?: Ledger;
  /** Pages of full scans a minute; as many as are asked for unless told otherwise. */
  readonly scanPagesPerMinute?: number;
}

/** One environment's list, read as the poller would, but when the test says so. */
export class ReadList {
  readonly list: FakeWorkList;
  readonly clock: ManualClock;
  readonly #states = new MemoryStateStore();
  readonly #environment: Environment;
  readonly #reads: Reads;
  /** Why the whole list was wanted ahead of time. */
  readonly surprises: string[] = [];

  constructor({ list, clock, poll, connection, ledger, scanPagesPerMinute = 1e6 }: ReadListOptions) {
    this.list = list;
    this.clock = clock;
    this.#environment = environment('env_1', { poll: { ...POLL, ...poll } });
    const state = initialState(this.#environment, { stats: true, list: true }, clock);
    this.#states.replaceAll([ledger === undefined ? state : { ...state, ledger }]);
    const inForce = pollConnection({
      ...{ api: list, pageSize: LIMIT, fallbackPageSize: LIMIT },
      budget: new Budget(4 * scanPagesPerMinute, { clock, random: Math.random }),
      ...connection,
    });
    const log = { ...SILENT_POLL_LOG, listRescanned: (_: Environment, why: string) => void this.surprises.push(why) };
    this.#reads = new Reads({
      states: this.#states,
      clock,
      log,
      connection: () => inForce,
      listSoon() {},
      listEnded() {},
    });
    this.#reads.use(new Set(['env_1']), false);
  }

  get state(): EnvironmentState {
    return this.#states.get('env_1')!;
  }

  /** Ids of the live items that are shown, sorted. */
  get live(): string[] {
    return (this.state.items?.live ?? []).map(({ item }) => item.id).sort();
  }

  /** One read now; returns its failure, if any. */
  async look() {
    const job = { environment: this.#environment, operation: 'list', intervalMs: INTERVAL } as const;
    await this.#reads.read(job, new AbortController().signal, () => {});
    return this.state.operations.list.failure;
  }

  /** Another key is used from now on. */
  useOtherKey(): void {
    this.#reads.use(new Set(['env_1']), true);
  }

  /** The requests of one read, 30 s after the last. */
  async read(): Promise<FakeWorkList['requests']> {
    await this.clock.advance(INTERVAL);
    const before = this.list.requests.length;
    expect(await this.look()).toBeNull();
    return this.list.requests.slice(before);
  }

  /** How many requests each of so many reads takes. */
  async readTimes(count: number): Promise<number[]> {
    const costs: number[] = [];
    for (let n = 0; n < count; n++) costs.push((await this.read()).length);
    return costs;
  }

  /** A read whose nth request, and all after it, fail. */
  async readWithFailure(nth: number, error: Error) {
    await this.clock.advance(INTERVAL);
    let seen = 0;
    const { before } = this.list;
    this.list.before = (request) => {
      if (++seen >= nth) throw error;
      before(request);
    };
    const failure = await this.look();
    this.list.before = before;
    return failure;
  }

  /** What a poll of the stats has just brought. */
  showStats(stats: Partial<QueueStats>): void {
    const idle = { depth: 0, pending: 0, oldestQueuedAt: null, workersPolling: 1 };
    const queue = { observedAt: this.clock.now(), stats: { ...idle, ...stats } };
    this.#states.update('env_1', (state) => ({ ...state, queue }));
  }
}

/** A list of stopped items, one a minute, the latest an hour old, and its reader. */
export function listOf(
  stopped: number,
  { order = 'newest', cursors = 'keyset', ...options }: Partial<FakeListOptions> = {},
  change: Partial<ReadListOptions> = {},
  List: new (options: FakeListOptions) => FakeWorkList = FakeWorkList,
): ReadList {
  const clock = change.clock ?? new ManualClock();
  const list = new List({ order, cursors, ...options });
  for (let i = stopped; i > 0; i--) {
    const at = clock.now() - i * MINUTE - 3_600_000;
    list.add(at, { state: 'stopped', acknowledgedAt: at + 1000, stoppedAt: at + 30_000 });
  }
  return new ReadList({ list, clock, ...change });
}
