import { type Clock, sleep } from '../base/clock.ts';
import type { Secret } from '../base/secret.ts';
import type { Budget } from '../client/budget.ts';
import { ApiError, failureOf } from '../client/failures.ts';
import type { Reply, WorkApi } from '../client/work-api.ts';
import type { Environment } from '../domain/environment.ts';
import { countRead, hasCounted } from '../lifecycle/count-read.ts';
import { type ListRead, ListReader } from '../scan/list-reader.ts';
import type { Counted } from '../scan/live-items.ts';
import { type GoodPoll, ledgerOf, listRead, readFailed, statsRead } from '../state/changes.ts';
import type { EnvironmentState, StateStore } from '../state/environment-state.ts';
import type { StateFile } from '../statefile/state-file.ts';
import type { PollLog } from './log.ts';
import type { Job, ReadEnd } from './scheduler.ts';

/** A connection as the poller uses it. */
export interface PollConnection {
  readonly name: string;
  readonly api: WorkApi;
  /** Another object after a reload that changes where requests go, or how. */
  readonly place?: object;
  /** Only compared with that of another connection; null or absent if there is none. */
  readonly apiKey?: Secret | null;
  readonly budget: Budget;
  /** How many slots it has. */
  readonly maxConcurrent: number;
  /** Items per list page, and what to ask for if that is rejected. */
  readonly pageSize: number;
  readonly fallbackPageSize: number;
  /** Whether `started_at` is the time of queueing. */
  readonly startedAtIsEnqueueStamp: boolean;
  /** Whether an item that is handed out again gets a new id. */
  readonly idsRotate: boolean;
  /** API clock − own clock in milliseconds, 0 while unknown. */
  skewMs(): number;
}

export interface ReadsDeps {
  readonly states: StateStore;
  readonly clock: Clock;
  readonly log: PollLog;
  /** Keeps what was counted, before it is published. Absent or null without a state file. */
  readonly stateFile?: () => Pick<StateFile, 'save'> | null;
  /** In force when a request is made: a reload may replace it in the middle of a long read. */
  connection(): PollConnection;
  /** The stats are a reason to read the list at once. */
  listSoon(environmentId: string): void;
  /** The read of a list has ended, and its state says what came of it. */
  listEnded(environmentId: string): void;
}

/** The part of the budget that full scans of long lists may use, and how much must be unused for the first of a list. */
const FULL_SCAN_SHARE = 0.25;
const ENOUGH_SPARE = 0.25;

/** One read: what calls it off, and what counts its requests. */
interface OneRead {
  readonly signal: AbortSignal;
  answerTo<T>(request: Promise<Reply<T>>): Promise<T>;
}

type ReadJob = Pick<Job, 'environment' | 'operation' | 'intervalMs'>;
type Change = (state: EnvironmentState, poll: GoodPoll) => EnvironmentState;

/** The reads of one connection, each from its first request to the new state. */
export class Reads {
  readonly #deps: ReadsDeps;
  readonly #lists = new Map<string, ListReader>();
  /** When pages of full scans were asked for lately. */
  #scanned: number[] = [];

  constructor(deps: ReadsDeps) {
    this.#deps = deps;
  }

  /** Reads exactly these lists from now on. `isOther`: the API may answer differently than it did. */
  use(listed: ReadonlySet<string>, isOther: boolean): void {
    for (const [id, list] of this.#lists) {
      if (isOther) list.recheck();
      if (!listed.has(id)) this.#lists.delete(id);
    }
    for (const id of listed) if (!this.#lists.has(id)) this.#lists.set(id, new ListReader());
  }

  /** One read. Never throws: a fault in one environment stays there. */
  async read(job: ReadJob, signal: AbortSignal, leaveSlot: () => void): Promise<ReadEnd> {
    const { states, clock, log, listSoon, listEnded } = this.#deps;
    const { environment, operation } = job;
    const { id } = environment;
    const before = states.get(id);
    const [at, from] = [clock.now(), clock.monotonic()];
    let [requests, answeredAt] = [0, from];
    const one: OneRead = {
      signal,
      answerTo: async (request) => {
        try {
          const answer = await request;
          requests += answer.requests;
          return answer.value;
        } catch (error) {
          if (error instanceof ApiError) requests += error.requests;
          throw error;
        } finally {
          answeredAt = clock.monotonic();
          // A read that is called off stops between requests.
          signal.throwIfAborted();
        }
      },
    };
    const reading = operation === 'list' ? this.#readList(environment, one, leaveSlot) : this.#readStats(job, one);
    const result: Change | { readonly error: unknown } = await reading.catch((error: unknown) => ({ error }));
    // A read that was called off (reload, shutdown) says nothing about the environment.
    if (signal.aborted) return { failure: null, retryAfterMs: null, requests, isActive: false };
    const isGood = typeof result === 'function';
    // Without the time that the disk took.
    const [endedAt, endedMonotonic] = [clock.now(), isGood ? answeredAt : clock.monotonic()];
    const facts = { at, durationSeconds: (endedMonotonic - from) / 1000, requests };
    states.update(id, (state) => {
      if (!isGood) return readFailed(state, operation, facts, failureOf(result.error));
      return result(state, { ...facts, endedAt, endedMonotonic });
    });
    const after = states.get(id);
    if (operation === 'stats' && triggersList(before, after)) listSoon(id);
    if (operation === 'list') listEnded(id);
    log.pollEnded(operation, before, after);
    return {
      failure: after?.operations[operation].failure?.reason ?? null,
      retryAfterMs: !isGood && result.error instanceof ApiError ? result.error.retryAfterMs : null,
      requests,
      isActive: isActive(before, after),
    };
  }

  async #readStats(
    { environment: { id }, intervalMs: maxAgeMs }: ReadJob,
    { signal, answerTo }: OneRead,
  ): Promise<Change> {
    const { api } = this.#deps.connection();
    const stats = await answerTo(api.stats(id, { signal, maxAgeMs }));
    return (state, poll) => statsRead(state, poll, stats);
  }

  /** What the list shows is counted and published at once. What is about to be published must be on the disk first. */
  async #readList(environment: Environment, one: OneRead, leaveSlot: () => void): Promise<Change> {
    const { clock, stateFile } = this.#deps;
    const list = this.#lists.get(environment.id)!;
    const read = this.#listRead(environment, one);
    const seen = await list.read(read);
    const before = read.counted();
    const ledger = countRead(before.ledger, seen, { ...before, exemplars: environment.exemplars });
    const isNews = hasCounted(before.ledger, ledger);
    const saved = stateFile?.()?.save(environment.id, ledger, isNews);
    // A slow disk must not take the slots of other reads.
    if (saved !== undefined && isNews) leaveSlot();
    await saved;
    return (state, poll) => {
      const items = { ...list.shown({ ...before, ledger }), observedAt: clock.now() };
      return { ...listRead(state, poll, items), ledger };
    };
  }

  #listRead(environment: Environment, { signal, answerTo }: OneRead): ListRead {
    const { states, clock, log, connection } = this.#deps;
    const { id, poll, metadata } = environment;
    const { pageSize, fallbackPageSize, startedAtIsEnqueueStamp, idsRotate, skewMs } = connection();
    const state = states.get(id);
    const intervalMs = state?.operations.list.scheduledIntervalMs ?? poll.listIntervalMs;
    const options = { signal, maxAgeMs: intervalMs, metadataKeys: metadata.keys };
    const api = () => connection().api;
    const mayRetrieve = poll.singleReads === 'auto' && api().credentialFor('retrieve', id) !== null;
    return {
      page: (page, limit) => answerTo(api().listPage(id, { limit, page }, options)),
      retrieve: mayRetrieve ? (workId) => answerTo(api().retrieve(id, workId, options)) : null,
      mayScan: (isFirst) => this.#mayScan(isFirst, signal),
      surprised: (reason) => log.listRescanned(environment, reason),
      clock,
      apiNow: () => clock.now() + skewMs(),
      counted: (): Counted => ({
        ledger: ledgerOf(states.get(id), clock, skewMs()),
        startedAtIsEnqueueStamp,
        idsRotate,
      }),
      environment,
      intervalMs,
      pageSize,
      fallbackPageSize,
      queue: state?.queue ?? null,
    };
  }

  /** Nothing is shown before the first full scan has ended, so that one waits, and uses what is spare. */
  async #mayScan(isFirst: boolean, signal: AbortSignal): Promise<boolean> {
    const { clock, connection } = this.#deps;
    for (;;) {
      const { allowedPerMinute, spare } = connection().budget;
      const now = clock.monotonic();
      this.#scanned = this.#scanned.filter((at) => now - at < 60_000);
      const hasPart = this.#scanned.length < Math.max(1, Math.floor(allowedPerMinute * FULL_SCAN_SHARE));
      if (hasPart || (isFirst && spare >= ENOUGH_SPARE)) {
        this.#scanned.push(now);
        return true;
      }
      if (!isFirst) return false;
      await sleep(clock, 1000, signal);
    }
  }
}

/** Whether the stats are a reason to read the list at once: the last worker stopped polling, or work came into an empty queue. */
function triggersList(before: EnvironmentState | undefined, after: EnvironmentState | undefined): boolean {
  const [was, is] = [before?.queue?.stats, after?.queue?.stats];
  if (was === undefined || is === undefined) return false;
  return (was.workersPolling !== 0 && is.workersPolling === 0) || (was.depth === 0 && is.depth > 0);
}

/** Whether work waits or runs, or a read brought other numbers than the one before. */
function isActive(before: EnvironmentState | undefined, after: EnvironmentState | undefined): boolean {
  const hasWork = (state: EnvironmentState | undefined) => {
    const { depth = 0, pending = 0 } = state?.queue?.stats ?? {};
    return depth + pending + (state?.items?.live.length ?? 0) > 0;
  };
  return (
    hasWork(before) || hasWork(after) || before?.queue?.stats.workersPolling !== after?.queue?.stats.workersPolling
  );
}
