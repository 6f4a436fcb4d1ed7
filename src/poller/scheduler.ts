import type { CancelTimer, Clock } from '../base/clock.ts';
import { jitter, type Random } from '../base/random.ts';
import type { Budget } from '../client/budget.ts';
import {
  configuredIntervalMs,
  type Environment,
  longestIntervalMs,
  type Operation,
  SCHEDULED_SHARE,
} from '../domain/environment.ts';
import type { FailureReason } from '../domain/failure.ts';
import { nextPollPlanned, withOperation } from '../state/changes.ts';
import type { StateStore } from '../state/environment-state.ts';
import { type Demand, neededFactors, type StretchFactors, stretchedMs } from './intervals.ts';

/** Intervals vary by this part, so that environments are not read in lockstep. */
const JITTER = 0.1;
/** How often the schedule is compared with the budget. */
const FIT_EVERY_MS = 10_000;
/** How long something that changed keeps an environment active. */
const ACTIVE_MS = 300_000;
/** Jobs that become due within this time share a wake-up, in a large fleet. */
const MOST_TOGETHER_MS = 250;
/** A failing job counts as so much less late: it goes after what works, and yet not never. */
const FAILING_LATENESS = 0.1;
/** The weight of the last read in the mean number of requests, and the most that one counts: further pages use what is spare. */
const NEWEST = 0.2;
const MOST_REQUESTS = 5;
/** How long a failing read waits at most; and one that a person mends, who then waits for the exporter to notice. */
const LONGEST_MS = 300_000;
const LONGEST_UNTIL_REPAIRED_MS = 60_000;
/** While all reads of a connection fail, one of them is tried this often: the first success brings the others. */
const PROBE_EVERY_MS = 30_000;
const MOST_DOUBLINGS = 6;

const NEED_REPAIR: ReadonlySet<FailureReason> = new Set(['unauthorized', 'forbidden', 'not_found', 'not_self_hosted']);
/** Reasons that usually end for all environments of a connection at once. */
const SHARED: ReadonlySet<FailureReason> = new Set([
  'rate_limited',
  'timeout',
  'network',
  'server_error',
  'bad_response',
]);

/** Whether a person must fix something before the next try can succeed. */
export function needsRepair(reason: FailureReason): boolean {
  return NEED_REPAIR.has(reason);
}

/** How a read ended. */
export interface ReadEnd {
  /** The failure that the operation shows now; null if it succeeded. */
  readonly failure: FailureReason | null;
  /** The wait that the API asked for; null if it asked for none. */
  readonly retryAfterMs: number | null;
  readonly requests: number;
  /** Work waits or runs, or the numbers have changed. */
  readonly isActive: boolean;
}

interface Running {
  readonly abort: AbortController;
  /** Whether it ended without being called off. */
  done: Promise<boolean>;
}

/** One operation of one environment on its schedule. Times are monotonic milliseconds. */
export interface Job {
  environment: Environment;
  readonly operation: Operation;
  /** Stretched by the budget, without backoff. */
  intervalMs: number;
  dueAt: number;
  /** The API asked not to be asked before. */
  heldUntil: number;
  failing: FailureReason | null;
  failures: number;
  activeAt: number;
  /** Requests per read, lately. */
  cost: number;
  running: Running | null;
  /** Something happened that the read under way may have missed. */
  again: boolean;
}

export interface SchedulerDeps {
  readonly clock: Clock;
  readonly random: Random;
  readonly budget: Pick<Budget, 'isFree' | 'turn' | 'pauseMs' | 'perMinute'>;
  /** Learns when each operation is read next, and at which interval. */
  readonly states: Pick<StateStore, 'update'>;
  /** How many reads may be under way. */
  slots(): number;
  /** Never rejects. Call `leaveSlot` when all requests have ended and only the disk is waited for. */
  read(job: Job, signal: AbortSignal, leaveSlot: () => void): Promise<ReadEnd>;
  /** The factors by which intervals are stretched now. */
  stretched(factors: StretchFactors): void;
  /** Called at each look at the jobs. */
  looking(): void;
}

/** The outcome of a read ahead of the schedule: it has ended; there is no token or slot for it; or it must wait. */
export type EarlyRead = 'read' | 'over_budget' | 'not_now';

/** Reads the jobs of one connection in time, as far as its budget and its slots allow. */
export class Scheduler {
  readonly #deps: SchedulerDeps;
  #jobs = new Map<string, Job>();
  readonly #running = new Set<Running>();
  /** Slots in use: of all reads, of lists, and of what fails. */
  readonly #used = { all: 0, lists: 0, failing: 0 };
  #fittedAt = Number.NEGATIVE_INFINITY;
  /** Whether a job is due and waits. */
  #isLate = false;
  #leaveTurn: (() => void) | null = null;
  #cancelTimer: CancelTimer = () => {};
  #wakesAt = Number.POSITIVE_INFINITY;
  #state: 'waiting' | 'running' | 'stopped' = 'waiting';

  constructor(deps: SchedulerDeps) {
    this.#deps = deps;
  }

  /** Whether nothing is due that is not under way. */
  get isIdle(): boolean {
    return !this.#isLate;
  }

  /**
   * Runs exactly these jobs from now on. A known one keeps its place in time; one that is gone is called off. `retry`: what
   * only a person can mend may have been mended.
   */
  replace(wanted: readonly Pick<Job, 'environment' | 'operation'>[], retry: boolean): void {
    const now = this.#deps.clock.monotonic();
    const before = this.#jobs;
    this.#jobs = new Map();
    for (const { environment, operation } of wanted) {
      const key = keyOf(environment.id, operation);
      const job = before.get(key) ?? newJob(environment, operation, now);
      job.environment = environment;
      if (retry && job.failing !== null && needsRepair(job.failing)) job.dueAt = Math.min(job.dueAt, now);
      this.#jobs.set(key, job);
    }
    for (const [key, job] of before) if (!this.#jobs.has(key)) job.running?.abort.abort();
    this.#fit(now);
    this.#look();
  }

  start(): void {
    this.#state = 'running';
    this.#fittedAt = Number.NEGATIVE_INFINITY;
    this.#look();
  }

  /** Calls off all reads; resolves when none is under way. */
  async stop(): Promise<void> {
    this.#state = 'stopped';
    this.#cancelTimer();
    this.#leaveTurn?.();
    for (const { abort } of this.#running) abort.abort();
    await Promise.all([...this.#running].map(({ done }) => done));
  }

  /** Something happened that the next read should show, so it comes at once; if one is under way, another one after it. */
  readSoon(environmentId: string, operation: Operation): void {
    const job = this.#jobs.get(keyOf(environmentId, operation));
    if (job === undefined || job.failing !== null) return;
    job.again = job.running !== null;
    job.dueAt = Math.min(job.dueAt, this.#deps.clock.monotonic());
    this.#wakeAt(job.dueAt);
  }

  /** Reads stats ahead of the schedule, or waits for the read under way; undefined: no such job. */
  async readEarly(environmentId: string): Promise<EarlyRead | undefined> {
    const job = this.#jobs.get(keyOf(environmentId, 'stats'));
    if (job === undefined) return undefined;
    if (job.running === null) {
      const now = this.#deps.clock.monotonic();
      // Backoff, and a wait that the API asked for, apply to early reads too.
      const mustWait = job.heldUntil > now || (job.failing !== null && job.dueAt > now);
      if (this.#state !== 'running' || mustWait) return 'not_now';
      if (!this.#hasSlotFor(job) || !this.#deps.budget.isFree) return 'over_budget';
      this.#start(job);
    }
    return (await job.running!.done) ? 'read' : 'not_now';
  }

  /** Starts what is due, the latest in its own intervals first, while slots and tokens last. Then sleeps. */
  #look(): void {
    if (this.#state !== 'running') return;
    const { clock, budget, looking } = this.#deps;
    looking();
    const now = clock.monotonic();
    if (now - this.#fittedAt >= FIT_EVERY_MS) this.#fit(now);
    const due: Job[] = [];
    let nextAt = budget.pauseMs > 0 ? now + budget.pauseMs : Number.POSITIVE_INFINITY;
    for (const job of this.#jobs.values()) {
      if (job.running !== null) continue;
      if (job.dueAt <= now) due.push(job);
      else nextAt = Math.min(nextAt, job.dueAt);
    }
    due.sort((one, other) => lateness(other, now) - lateness(one, now) || firstOf(one) - firstOf(other));
    // What does not start waits for a token, or for a slot: each read that ends comes here again.
    for (const job of due) {
      if (!this.#hasSlotFor(job)) continue;
      if (!budget.isFree) {
        this.#awaitTurn();
        break;
      }
      this.#start(job);
    }
    this.#isLate = due.some(({ running }) => running === null);
    this.#cancelTimer();
    this.#wakesAt = Number.POSITIVE_INFINITY;
    this.#wakeAt(nextAt);
  }

  /** Lists may hold three quarters of the slots, so that stats never wait for long lists; what fails may hold half. */
  #hasSlotFor({ operation, failing }: Job): boolean {
    const most = this.#deps.slots();
    const { all, lists, failing: failed } = this.#used;
    if (operation === 'list' && lists >= Math.max(1, Math.floor((most * 3) / 4))) return false;
    if (failing !== null && failed >= Math.max(1, Math.floor(most / 2))) return false;
    return all < most;
  }

  #useSlot({ operation, failing }: Job, change: 1 | -1): void {
    this.#used.all += change;
    if (operation === 'list') this.#used.lists += change;
    if (failing !== null) this.#used.failing += change;
  }

  /** Joins the queue for tokens: a long read asks for its next token as soon as it has a page, and would leave none. */
  #awaitTurn(): void {
    if (this.#leaveTurn !== null) return;
    this.#leaveTurn = () => {};
    const leave = this.#deps.budget.turn(() => {
      this.#leaveTurn = null;
      this.#look();
    });
    if (this.#leaveTurn !== null) this.#leaveTurn = leave;
  }

  #start(job: Job): void {
    const begunAt = this.#deps.clock.monotonic();
    const abort = new AbortController();
    const running: Running = { abort, done: Promise.resolve(false) };
    let hasSlot = true;
    const leaveSlot = () => {
      if (hasSlot) this.#useSlot(job, -1);
      hasSlot = false;
    };
    job.running = running;
    this.#running.add(running);
    this.#useSlot(job, 1);
    const reading = this.#deps.read(job, abort.signal, () => {
      leaveSlot();
      this.#look();
    });
    running.done = reading.then((end) => {
      leaveSlot();
      job.running = null;
      this.#running.delete(running);
      const isOver = !abort.signal.aborted;
      if (isOver) this.#plan(job, end, begunAt);
      this.#deps.looking();
      // Nearly always nothing waits for what the read has left.
      if (this.#isLate || this.#leaveTurn !== null || job.dueAt <= this.#deps.clock.monotonic()) this.#look();
      else this.#wakeAt(job.dueAt);
      return isOver;
    });
  }

  #wakeAt(at: number): void {
    if (at >= this.#wakesAt || this.#state !== 'running') return;
    this.#cancelTimer();
    this.#wakesAt = at;
    const delayMs = Math.max(at - this.#deps.clock.monotonic(), Math.min(this.#jobs.size, MOST_TOGETHER_MS));
    this.#cancelTimer = this.#deps.clock.setTimer(delayMs, () => this.#look());
  }

  /** When a job whose read has ended is due again: an interval after it began, or a backoff after its end. */
  #plan(job: Job, { failure, retryAfterMs, requests, isActive }: ReadEnd, begunAt: number): void {
    const { clock, random, states } = this.#deps;
    const now = clock.monotonic();
    const wasFailing = job.failing;
    job.failing = failure;
    job.failures = failure === null ? 0 : job.failures + 1;
    if (isActive) job.activeAt = now;
    if (failure === null) {
      job.cost += NEWEST * (Math.min(Math.max(1, requests), MOST_REQUESTS) - job.cost);
      job.dueAt = job.again ? now : begunAt + jitter(job.intervalMs, JITTER, random);
      if (wasFailing !== null && SHARED.has(wasFailing)) this.#tryOthersSoon(now);
    } else {
      const longest = needsRepair(failure) ? LONGEST_UNTIL_REPAIRED_MS : LONGEST_MS;
      const heldMs = Math.min(retryAfterMs ?? 0, longest);
      job.heldUntil = now + heldMs;
      job.dueAt = now + Math.max(heldMs, Math.min(this.#backoffMs(job, failure, heldMs > 0), longest));
    }
    job.again = false;
    const nextAttemptAt = clock.now() + Math.max(0, job.dueAt - now);
    const plan = { nextAttemptAt, backingOff: failure !== null };
    states.update(job.environment.id, (state) => nextPollPlanned(state, job.operation, plan));
  }

  /**
   * The interval, doubled with each further failure, but not where the API names a time: who does that knows more than a guess.
   * Where few reads share the connection they are tried sooner, so that the end of an outage is noticed within a minute.
   */
  #backoffMs({ intervalMs, failures }: Job, reason: FailureReason, isTold: boolean): number {
    const doubled = intervalMs * 2 ** (isTold ? 0 : Math.min(failures - 1, MOST_DOUBLINGS));
    const longest = needsRepair(reason) ? LONGEST_UNTIL_REPAIRED_MS : LONGEST_MS;
    const cap = SHARED.has(reason) ? Math.min(longest, this.#jobs.size * PROBE_EVERY_MS) : longest;
    return Math.max(jitter(Math.min(doubled, cap), JITTER, this.#deps.random), intervalMs);
  }

  /** Most outages end for all at once: what else fails for such a reason is tried within one interval. */
  #tryOthersSoon(now: number): void {
    for (const job of this.#jobs.values()) {
      if (job.running !== null || job.failing === null || !SHARED.has(job.failing)) continue;
      job.dueAt = Math.min(job.dueAt, Math.max(now + this.#deps.random() * job.intervalMs, job.heldUntil));
      this.#wakeAt(job.dueAt);
    }
  }

  /** Lengthens the intervals until the schedule fits into the budget, and shortens them when possible. */
  #fit(now: number): void {
    const { budget, states, stretched } = this.#deps;
    this.#fittedAt = now;
    const demands = new Map<Job, Demand>(this.#jobs.values().map((job) => [job, demandOf(job, now)]));
    const factors = neededFactors([...demands.values()], SCHEDULED_SHARE * budget.perMinute);
    for (const [job, demand] of demands) {
      const intervalMs = stretchedMs(demand, factors);
      if (intervalMs === job.intervalMs) continue;
      // A shorter interval applies from now; a failing job has its own wait.
      if (intervalMs < job.intervalMs && job.failing === null) job.dueAt = Math.min(job.dueAt, now + intervalMs);
      job.intervalMs = intervalMs;
      states.update(job.environment.id, (state) =>
        withOperation(state, job.operation, { scheduledIntervalMs: intervalMs }),
      );
    }
    if (this.#state === 'running') stretched(factors);
  }
}

/** In its own intervals. */
function lateness({ dueAt, intervalMs, failing }: Job, now: number): number {
  return ((now - dueAt) / intervalMs) * (failing === null ? 1 : FAILING_LATENESS);
}

/** Among jobs that are as late as each other, stats go before lists. */
function firstOf({ operation }: Job): number {
  return operation === 'stats' ? 0 : 1;
}

/** An outage must not slow down what works: what fails is idle. */
function demandOf({ environment: { poll }, operation, failing, activeAt, intervalMs, cost }: Job, now: number): Demand {
  return {
    active: failing === null && now - activeAt <= Math.max(ACTIVE_MS, 2 * intervalMs),
    configuredMs: configuredIntervalMs(poll, operation),
    longestMs: longestIntervalMs(poll, operation),
    cost,
  };
}

/** It counts as active: nothing is known of it. */
function newJob(environment: Environment, operation: Operation, now: number): Job {
  const intervalMs = configuredIntervalMs(environment.poll, operation);
  const none = { heldUntil: now, failing: null, failures: 0, running: null, again: false };
  return { environment, operation, intervalMs, dueAt: now, activeAt: now, cost: 1, ...none };
}

function keyOf(environmentId: string, operation: Operation): string {
  return `${environmentId} ${operation}`;
}
