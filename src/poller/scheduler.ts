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
import { backoffMs, mayEndTogether, needsRepair } from './backoff.ts';
import { type Demand, neededFactors, type StretchFactors, stretchedMs } from './intervals.ts';

/** Intervals vary by this part, so that environments are not read in lockstep. */
const JITTER = 0.1;
/** So many new environments are read at once; the others are spread over one interval. */
const AT_ONCE = 100;
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
  /** False once all of its requests have ended, although what it showed is not published yet. */
  hasSlot: boolean;
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
  /** How many reads may be under way. */
  slots(): number;
  /** Never rejects. Call `leaveSlot` when all requests have ended and only the disk is waited for. */
  read(job: Job, signal: AbortSignal, leaveSlot: () => void): Promise<ReadEnd>;
  /** A read has ended, and its job is due again. */
  planned(job: Job): void;
  /** The interval of a job is another one. */
  intervalChanged(job: Job): void;
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
  readonly #running = new Set<Job>();
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

  /** Runs exactly these jobs from now on. A known one keeps its place in time; one that is gone is called off. */
  replace(wanted: readonly Pick<Job, 'environment' | 'operation'>[]): void {
    const now = this.#deps.clock.monotonic();
    const before = this.#jobs;
    const added: Job[] = [];
    this.#jobs = new Map();
    for (const { environment, operation } of wanted) {
      const key = keyOf(environment.id, operation);
      const known = before.get(key);
      const job = known ?? newJob(environment, operation, now);
      if (known === undefined) added.push(job);
      job.environment = environment;
      // A changed configuration has probably mended it.
      if (job.failing !== null && needsRepair(job.failing)) job.dueAt = Math.min(job.dueAt, now);
      this.#jobs.set(key, job);
    }
    for (const [key, job] of before) if (!this.#jobs.has(key)) job.running?.abort.abort();
    this.#fit(now);
    const places = new Map([...new Set(added.map((job) => job.environment.id))].map((id, place) => [id, place]));
    for (const job of added) {
      const later = places.get(job.environment.id)! - AT_ONCE;
      job.dueAt = now + (Math.max(0, later) / places.size) * job.intervalMs;
    }
    this.#dispatch();
  }

  start(): void {
    this.#state = 'running';
    this.#fittedAt = Number.NEGATIVE_INFINITY;
    this.#dispatch();
  }

  /** Calls off all reads; resolves when none is under way. */
  async stop(): Promise<void> {
    this.#state = 'stopped';
    this.#cancelTimer();
    this.#leaveTurn?.();
    const running = [...this.#running];
    for (const job of running) job.running?.abort.abort();
    await Promise.all(running.map((job) => job.running?.done));
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
      if (this.#slotsInUse().all >= this.#deps.slots() || !this.#deps.budget.isFree) return 'over_budget';
      this.#start(job);
    }
    return (await job.running!.done) ? 'read' : 'not_now';
  }

  /** Starts what is due, the latest in its own intervals first, while slots and tokens last. Then sleeps. */
  #dispatch(): void {
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
    const started = this.#startSome(due);
    this.#isLate = due.length > started;
    this.#cancelTimer();
    this.#wakesAt = Number.POSITIVE_INFINITY;
    this.#wakeAt(nextAt);
  }

  /** Returns how many have started. The others wait for a token, or for a slot: each read that ends comes here again. */
  #startSome(due: readonly Job[]): number {
    const { budget } = this.#deps;
    const most = slotsOf(this.#deps.slots());
    const inUse = this.#slotsInUse();
    let started = 0;
    for (const job of due) {
      if (inUse.all >= most.all) break;
      const isList = job.operation === 'list';
      const isFailing = job.failing !== null;
      if ((isList && inUse.lists >= most.lists) || (isFailing && inUse.failing >= most.failing)) continue;
      if (!budget.isFree) {
        this.#awaitTurn();
        break;
      }
      inUse.all++;
      if (isList) inUse.lists++;
      if (isFailing) inUse.failing++;
      started++;
      this.#start(job);
    }
    return started;
  }

  /** Joins the queue for tokens: a long read asks for its next token as soon as it has a page, and would leave none. */
  #awaitTurn(): void {
    if (this.#leaveTurn !== null) return;
    this.#leaveTurn = () => {};
    const leave = this.#deps.budget.turn(() => {
      this.#leaveTurn = null;
      this.#dispatch();
    });
    if (this.#leaveTurn !== null) this.#leaveTurn = leave;
  }

  #start(job: Job): void {
    const begunAt = this.#deps.clock.monotonic();
    const abort = new AbortController();
    const running: Running = { abort, hasSlot: true, done: Promise.resolve(false) };
    const leaveSlot = () => {
      running.hasSlot = false;
      this.#dispatch();
    };
    job.running = running;
    this.#running.add(job);
    running.done = this.#deps.read(job, abort.signal, leaveSlot).then((end) => {
      job.running = null;
      this.#running.delete(job);
      const isOver = !abort.signal.aborted;
      if (isOver) this.#plan(job, end, begunAt);
      this.#ended(job);
      return isOver;
    });
  }

  /** Nearly always nothing waits for what the read has left. */
  #ended({ dueAt }: Job): void {
    this.#deps.looking();
    if (this.#isLate || this.#leaveTurn !== null || dueAt <= this.#deps.clock.monotonic()) this.#dispatch();
    else this.#wakeAt(dueAt);
  }

  #wakeAt(at: number): void {
    if (at >= this.#wakesAt || this.#state !== 'running') return;
    this.#cancelTimer();
    this.#wakesAt = at;
    const delayMs = Math.max(at - this.#deps.clock.monotonic(), Math.min(this.#jobs.size, MOST_TOGETHER_MS));
    this.#cancelTimer = this.#deps.clock.setTimer(delayMs, () => this.#dispatch());
  }

  /** When a job whose read has ended is due again: an interval after it began, or a backoff after its end. */
  #plan(job: Job, end: ReadEnd, begunAt: number): void {
    const { clock, random } = this.#deps;
    const now = clock.monotonic();
    const wasFailing = job.failing;
    job.failing = end.failure;
    if (end.isActive) job.activeAt = now;
    if (end.failure === null) {
      job.failures = 0;
      job.cost += NEWEST * (Math.min(Math.max(1, end.requests), MOST_REQUESTS) - job.cost);
      job.dueAt = job.again ? now : begunAt + jitter(job.intervalMs, JITTER, random);
      if (wasFailing !== null && mayEndTogether(wasFailing)) this.#tryOthersSoon(now);
    } else {
      job.failures++;
      const failed = { reason: end.failure, retryAfterMs: end.retryAfterMs, failures: job.failures };
      const { waitMs, heldMs } = backoffMs(failed, { intervalMs: job.intervalMs, among: this.#jobs.size }, random);
      job.dueAt = now + waitMs;
      job.heldUntil = now + heldMs;
    }
    job.again = false;
    this.#deps.planned(job);
  }

  /** Most outages end for all at once: what else fails for such a reason is tried within one interval. */
  #tryOthersSoon(now: number): void {
    for (const job of this.#jobs.values()) {
      if (job.running !== null || job.failing === null || !mayEndTogether(job.failing)) continue;
      job.dueAt = Math.min(job.dueAt, Math.max(now + this.#deps.random() * job.intervalMs, job.heldUntil));
      this.#wakeAt(job.dueAt);
    }
  }

  /** Lengthens the intervals until the schedule fits into the budget, and shortens them when possible. */
  #fit(now: number): void {
    const { budget, intervalChanged, stretched } = this.#deps;
    this.#fittedAt = now;
    const jobs = [...this.#jobs.values()];
    const demands = jobs.map((job) => demandOf(job, now));
    const factors = neededFactors(demands, SCHEDULED_SHARE * budget.perMinute);
    for (const [index, job] of jobs.entries()) {
      const intervalMs = stretchedMs(demands[index]!, factors);
      if (intervalMs === job.intervalMs) continue;
      // A shorter interval applies from now; a failing job has its own wait.
      if (intervalMs < job.intervalMs && job.failing === null) job.dueAt = Math.min(job.dueAt, now + intervalMs);
      job.intervalMs = intervalMs;
      intervalChanged(job);
    }
    if (this.#state === 'running') stretched(factors);
  }

  #slotsInUse(): { all: number; lists: number; failing: number } {
    const inUse = { all: 0, lists: 0, failing: 0 };
    for (const { running, operation, failing } of this.#running) {
      if (running?.hasSlot !== true) continue;
      inUse.all++;
      if (operation === 'list') inUse.lists++;
      if (failing !== null) inUse.failing++;
    }
    return inUse;
  }
}

/** Lists may hold three quarters of the slots, so that stats never wait for long lists; what fails may hold half. */
function slotsOf(all: number): { readonly all: number; readonly lists: number; readonly failing: number } {
  return { all, lists: Math.max(1, Math.floor((all * 3) / 4)), failing: Math.max(1, Math.floor(all / 2)) };
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
  const none = { dueAt: now, heldUntil: now, failing: null, failures: 0, running: null, again: false };
  return { environment, operation, intervalMs: 0, activeAt: now, cost: 1, ...none };
}

function keyOf(environmentId: string, operation: Operation): string {
  return `${environmentId} ${operation}`;
}
