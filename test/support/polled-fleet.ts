import { seededRandom, sleep, systemClock } from '../../src/base/clock.ts';
import { Budget } from '../../src/client/budget.ts';
import type { CallOptions, CredentialUse, PageRequest, WorkApi } from '../../src/client/work-api.ts';
import type { ApiOperation, Environment, Operation } from '../../src/domain/environment.ts';
import type { QueueStats } from '../../src/domain/work.ts';
import type { PollLog } from '../../src/poller/log.ts';
import { Poller } from '../../src/poller/poller.ts';
import type { PollConnection } from '../../src/poller/reads.ts';
import { initialState, requestCounted } from '../../src/state/changes.ts';
import { MemoryStateStore } from '../../src/state/environment-state.ts';
import type { StateFile } from '../../src/statefile/state-file.ts';
import { type FakeListOptions, FakeWorkList } from './fake-work-list.ts';
import { ManualClock } from './manual-clock.ts';
import { IDLE, ScriptedWorkApi } from './scripted-work-api.ts';
import { SILENT_POLL_LOG } from './silent.ts';

const MINUTE = 60_000;
const BOTH = { stats: true, list: true };

export interface PolledFleetOptions {
  readonly requestsPerMinute?: number;
  /** Items a page. */
  readonly limit?: number;
  readonly maxConcurrent?: number;
  /** Keeps what was counted. */
  readonly save?: StateFile['save'];
  readonly log?: PollLog;
  /** True unless told otherwise. */
  readonly isStarted?: boolean;
  /** How long each answer takes. */
  readonly answerMs?: number;
}

interface Request {
  /** Monotonic. */
  readonly at: number;
  readonly operation: Operation;
  readonly environmentId: string;
  readonly page: string | null;
}

/** Many environments behind one budget, and the poller that reads them. */
export class PolledFleet extends ScriptedWorkApi {
  readonly clock = new ManualClock();
  readonly states = new MemoryStateStore();
  readonly budget: Budget;
  readonly poller: Poller;
  readonly lists = new Map<string, FakeWorkList>();
  /** What the stats of an environment say, where they are not those of its list. */
  readonly stated = new Map<string, Partial<QueueStats>>();
  readonly requests: Request[] = [];
  readonly #limit: number;
  readonly #maxConcurrent: number;
  readonly #answerMs: number;

  constructor(options: PolledFleetOptions = {}) {
    super();
    const {
      requestsPerMinute = 240,
      limit = 10,
      maxConcurrent = 4,
      answerMs = 0,
      save,
      log = SILENT_POLL_LOG,
    } = options;
    const random = seededRandom(1);
    const { clock, states } = this;
    this.budget = new Budget(requestsPerMinute, { clock, random });
    this.poller = new Poller({ states, clock, random, log, ...(save && { stateFile: () => ({ save }) }) });
    this.#limit = limit;
    this.#maxConcurrent = maxConcurrent;
    this.#answerMs = answerMs;
    if (options.isStarted ?? true) this.poller.start();
  }

  /** A list with so many pages of items that ended more than an hour ago, one a minute. */
  fill(id: string, pages: number, order: FakeListOptions['order'] = 'newest'): FakeWorkList {
    const list = new FakeWorkList({ order, cursors: 'keyset' });
    for (let i = pages * this.#limit; i > 0; i--) {
      const at = this.clock.now() - i * MINUTE - 3_600_000;
      list.add(at, { state: 'stopped', acknowledgedAt: at, stoppedAt: at + 1000 });
    }
    this.lists.set(id, list);
    return list;
  }

  /** Watches exactly these from now on; what is known of them stays known. */
  watch(
    environments: readonly Environment[],
    change: Partial<PollConnection> = {},
    { attempted = BOTH, retry = false } = {},
  ): void {
    const known = (env: Environment) => this.states.get(env.id) ?? initialState(env, attempted, this.clock);
    this.states.replaceAll(environments.map(known));
    const connection = pollConnection({
      api: this,
      budget: this.budget,
      maxConcurrent: this.#maxConcurrent,
      pageSize: this.#limit,
      fallbackPageSize: this.#limit,
      ...change,
    });
    const targets = environments.map((environment) => ({ environment, attempted }));
    this.poller.watch([connection], targets, { retry });
  }

  /** Stats of work that waits and of no worker. */
  loseWorkers(id: string): void {
    this.stated.set(id, { depth: 1, workersPolling: 0 });
  }

  /** How old the last good read of each environment is, in milliseconds; Infinity without one. */
  ages(operation: Operation): number[] {
    const now = this.clock.now();
    return this.states.all().map(({ operations }) => now - (operations[operation].lastSuccessAt ?? -Infinity));
  }

  /** Requests since then, monotonic. */
  since(from: number, operation?: Operation): Request[] {
    return this.requests.filter((asked) => asked.at > from && (operation ?? asked.operation) === asked.operation);
  }

  override async stats(id: string, { signal }: CallOptions = {}) {
    if (!this.budget.tryTake()) await this.budget.take(signal);
    this.#count(id, { operation: 'stats', page: null });
    await this.#answer(signal);
    const list = this.lists.get(id) ?? this.fill(id, 0);
    const reply = await list.stats();
    const stated = this.stated.get(id);
    return stated === undefined ? reply : { ...reply, value: { ...IDLE, ...stated } };
  }

  override async listPage(id: string, page: PageRequest, { signal }: CallOptions = {}) {
    if (!this.budget.tryTake()) await this.budget.take(signal);
    this.#count(id, { operation: 'list', page: page.page });
    await this.#answer(signal);
    const list = this.lists.get(id) ?? this.fill(id, 0);
    return list.listPage(id, page);
  }

  override credentialFor(operation: ApiOperation): CredentialUse | null {
    return operation === 'retrieve' || operation === 'session' ? null : { kind: 'environment_key', source: 'the test' };
  }

  async #answer(signal: AbortSignal | undefined): Promise<void> {
    if (this.#answerMs > 0) await sleep(this.clock, this.#answerMs, signal);
  }

  /** As the client's observer does. */
  #count(environmentId: string, { operation, page }: Pick<Request, 'operation' | 'page'>): void {
    this.requests.push({ at: this.clock.monotonic(), operation, environmentId, page });
    const request = { credential: 'environment_key', reason: null } as const;
    this.states.update(environmentId, (state) => requestCounted(state, operation, request));
  }
}

/** A connection whose API takes no tokens of its budget, and whose clock is the exporter's. */
export function pollConnection(change: Partial<PollConnection> & { readonly api: WorkApi }): PollConnection {
  return {
    name: 'default',
    budget: new Budget(240, { clock: systemClock, random: Math.random }),
    maxConcurrent: 1,
    pageSize: 100,
    fallbackPageSize: 100,
    startedAtIsEnqueueStamp: true,
    idsRotate: false,
    skewMs: () => 0,
    ...change,
  };
}
