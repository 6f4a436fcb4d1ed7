import { type Clock, sleep } from '../base/clock.ts';
import type { Secret } from '../base/secret.ts';
import type { Budget } from '../client/budget.ts';
import { ApiError, failureOf } from '../client/failures.ts';
import type { Reply, WorkApi } from '../client/work-api.ts';
import type { Environment } from '../domain/environment.ts';
import { countRead, hasCounted } from '../lifecycle/count-read.ts';
import { type ListRead, ListReader } from '../scan/list-reader.ts';
import type { Counted } from '../scan/live-items.ts';
import { isUnserved, UNSERVED_SCAN_MS } from '../scan/stats-mismatch.ts';
import { ledgerOf, listRead, readFailed, statsRead } from '../state/changes.ts';
import type { EnvironmentState, StateStore } from '../state/environment-state.ts';
import type { StateFile } from '../statefile/state-file.ts';
import type { PollLog } from './log.ts';
import type { Job, ReadEnd } from './scheduler.ts';

/** A connection as the poller uses it. */
export interface PollConnection {
  readonly name: string;
  readonly api: WorkApi;
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
}

/** The part of the budget that full scans of long lists may use. */
const FULL_SCAN_SHARE = 0.25;

type Answered = Pick<Reply<unknown>, 'credential' | 'httpStatus'>;
const NO_ANSWER: Answered = { credential: 'environment_key', httpStatus: 0 };

/** The requests of one read. */
class Requests {
  count = 0;
  /** What the first answer said. */
  first: Answered | null = null;
  /** When the last one ended, monotonic. */
  endedAt = 0;
  readonly signal: AbortSignal;
  readonly #clock: Clock;

  constructor(clock: Clock, signal: AbortSignal) {
    this.#clock = clock;
    this.signal = signal;
  }

  async answerTo<T>(request: Promise<Reply<T>>): Promise<T> {
    try {
      const answer = await request;
      this.first ??= answer;
      this.count += answer.requests;
      return answer.value;
    } catch (error) {
      if (error instanceof ApiError) this.count += error.requests;
      throw error;
    } finally {
      this.endedAt = this.#clock.monotonic();
      // A read that is called off stops between requests.
      this.signal.throwIfAborted();
    }
  }
}

type ReadJob = Pick<Job, 'environment' | 'operation' | 'intervalMs'>;
type Change = (state: EnvironmentState, poll: Parameters<typeof statsRead>[1]) => EnvironmentState;

/** The reads of one connection, each from its first request to the new state. */
export class Reads {
  readonly #deps: ReadsDeps;
  readonly #lists = new Map<string, ListReader>();
  /** When pages of full scans were asked for lately. */
  #scanned: number[] = [];

  constructor(deps: ReadsDeps) {
    this.#deps = deps;
  }

  /** Whose lists are read. */
  get listed(): Iterable<string> {
    return this.#lists.keys();
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
    const { states, clock, log, connection, listSoon } = this.#deps;
    const { environment, operation } = job;
    const { id } = environment;
    const before = states.get(id);
    const [at, from] = [clock.now(), clock.monotonic()];
    const requests = new Requests(clock, signal);
    const isList = operation === 'list';
    const reading = isList ? this.#readList(environment, requests, leaveSlot) : this.#readStats(job, requests);
    const result: Change | { readonly error: unknown } = await reading.catch((error: unknown) => ({ error }));
    // A read that was called off (reload, shutdown) says nothing about the environment.
    if (signal.aborted) return { failure: null, retryAfterMs: null, requests: requests.count, isActive: false };
    const isGood = typeof result === 'function';
    // Without the time that the disk took.
    const endedAt = isGood ? requests.endedAt : clock.monotonic();
    const facts = { at, durationSeconds: (endedAt - from) / 1000, requests: requests.count };
    states.update(id, (state) => {
      if (!isGood) return readFailed(state, { ...facts, operation, failure: failureOf(result.error) });
      const { credential, httpStatus } = requests.first ?? NO_ANSWER;
      const ended = { endedAt: clock.now(), endedMonotonic: clock.monotonic() };
      return result(state, { ...facts, credential, httpStatus, ...ended });
    });
    const after = states.get(id);
    if (operation === 'stats' && triggersList(before, after, connection().skewMs())) listSoon(id);
    log.pollEnded(operation, before, after);
    return {
      failure: after?.operations[operation].failure?.reason ?? null,
      retryAfterMs: !isGood && result.error instanceof ApiError ? result.error.retryAfterMs : null,
      requests: requests.count,
      isActive: isActive(before, after),
    };
  }

  async #readStats({ environment: { id }, intervalMs: maxAgeMs }: ReadJob, requests: Requests): Promise<Change> {
    const { api } = this.#deps.connection();
    const stats = await requests.answerTo(api.stats(id, { signal: requests.signal, maxAgeMs }));
    return (state, poll) => statsRead(state, poll, stats);
  }

  /** What the list shows is counted and published at once. What is about to be published must be on the disk first. */
  async #readList(environment: Environment, requests: Requests, leaveSlot: () => void): Promise<Change> {
    const { clock, stateFile } = this.#deps;
    const list = this.#lists.get(environment.id)!;
    const read = this.#listRead(environment, requests);
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
      return { ...listRead(state, poll, items), ledger, lifecycle: ledger.totals };
    };
  }

  #listRead(environment: Environment, requests: Requests): ListRead {
    const { states, clock, log, connection } = this.#deps;
    const { id, poll, metadata, thresholds } = environment;
    const { pageSize, fallbackPageSize, startedAtIsEnqueueStamp, idsRotate, skewMs } = connection();
    const { signal } = requests;
    const state = states.get(id);
    const intervalMs = state?.operations.list.scheduledIntervalMs ?? poll.listIntervalMs;
    const options = { signal, maxAgeMs: intervalMs, metadataKeys: metadata.keys };
    const api = () => connection().api;
    const mayRetrieve = poll.singleReads === 'auto' && api().credentialFor('retrieve', id) !== null;
    return {
      page: (page, limit) => requests.answerTo(api().listPage(id, { limit, page }, options)),
      retrieve: mayRetrieve ? (workId) => requests.answerTo(api().retrieve(id, workId, options)) : null,
      sleep: (ms) => sleep(clock, ms, signal),
      scanWaitMs: () => this.#scanWaitMs(),
      surprised: (reason) => log.listRescanned(environment, reason),
      clock,
      apiNow: () => clock.now() + skewMs(),
      counted: (): Counted => ({
        ledger: ledgerOf(states.get(id), clock, skewMs()),
        startedAtIsEnqueueStamp,
        idsRotate,
      }),
      poll,
      intervalMs,
      pageSize,
      fallbackPageSize,
      queue: state?.queue ?? null,
      staleHeartbeatSeconds: thresholds.staleHeartbeatSeconds,
    };
  }

  /** Takes one page of a full scan, if less than its part of the budget went to them within a minute; or says how long to wait. */
  #scanWaitMs(): number {
    const { clock, connection } = this.#deps;
    const now = clock.monotonic();
    this.#scanned = this.#scanned.filter((at) => now - at < 60_000);
    const most = Math.max(1, Math.floor(connection().budget.allowedPerMinute * FULL_SCAN_SHARE));
    const waitMs = this.#scanned.length < most ? 0 : Math.max(1, this.#scanned.at(-most)! + 60_000 - now);
    if (waitMs === 0) this.#scanned.push(now);
    return waitMs;
  }
}

/**
 * Whether the stats are a reason to read the list at once: the last worker stopped polling, work arrived in an empty
 * queue, or nobody seems to serve waiting work and the last full read is a minute old.
 *
 * @param skewMs - API clock − own clock, because heartbeats have the API's time
 */
export function triggersList(
  before: EnvironmentState | undefined,
  after: EnvironmentState | undefined,
  skewMs: number,
): boolean {
  const was = before?.queue?.stats;
  const is = after?.queue?.stats;
  if (!after?.queue || is === undefined || after.operations.list.failure !== null) return false;
  if (was !== undefined && was.workersPolling !== 0 && is.workersPolling === 0) return true;
  if (was !== undefined && was.depth === 0 && is.depth > 0) return true;
  const now = after.queue.observedAt;
  if (now - (after.items?.lastFullRead?.at ?? Number.NEGATIVE_INFINITY) < UNSERVED_SCAN_MS) return false;
  const live = (after.items?.live ?? []).map(({ item }) => item);
  return isUnserved(is, live, { now: now + skewMs, ...after.environment.thresholds });
}

/** Whether work waits or runs, or a read brought other numbers than the one before. */
function isActive(before: EnvironmentState | undefined, after: EnvironmentState | undefined): boolean {
  const [was, is] = [before?.queue?.stats, after?.queue?.stats];
  const live = after?.items?.live.length ?? 0;
  if (live > 0 || (is !== undefined && is.depth + is.pending > 0)) return true;
  const hasWorked = (before?.items?.live.length ?? 0) > 0 || (was !== undefined && was.depth + was.pending > 0);
  return hasWorked || was?.workersPolling !== is?.workersPolling || was?.oldestQueuedAt !== is?.oldestQueuedAt;
}
