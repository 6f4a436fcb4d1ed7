import type { CancelTimer, Clock } from '../base/clock.ts';
import { jitter, type Random } from '../base/clock.ts';
import type { Budget } from '../client/budget.ts';
import {
  configuredIntervalMs,
  type Environment,
  longestIntervalMs,
  type Operation,
  SCHEDULED_SHARE,
} from '../domain/environment.ts';
import type { FailureReason } from '../domain/failure.ts';
import { withOperation } from '../state/changes.ts';
import type { StateStore } from '../state/environment-state.ts';

/** Intervals vary by this part, so that environments are not read in lockstep. */
const JITTER = 0.1;
/** How often the schedule is compared with the budget. */
const FIT_EVERY_MS = 10_000;
/** How long something that changed keeps an environment active. */
const ACTIVE_MS = 300_000;
/** Idle environments are stretched so many times as far as active ones. */
const IDLE_SHARE = 4;
const MOST_STRETCH = 4096;
const BISECTIONS = 20;
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

/** A person must fix something before the next try can succeed. What else fails usually ends for all of a connection at once. */
const NEED_REPAIR: ReadonlySet<FailureReason> = new Set(['unauthorized', 'forbidden', 'not_found', 'not_self_hosted']);

/** By how much intervals are lengthened so that all reads fit into the budget: 1 where they do. */
export interface StretchFactors {
  readonly idle: number;
  readonly active: number;
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
  /** When something last showed that work waits or runs, or has changed. */
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
  /** The intervals were fitted to the budget. */
  stretched(before: StretchFactors, after: StretchFactors): void;
  /** Called at each look at the jobs. */
  looking(): void;
}

/** The outcome of a read ahead of the schedule: it has ended; there is no token or slot for it; or it must wait. */
export type EarlyRead = 'read' | 'over_budget' | 'not_now';

/** Reads the jobs of one connection in time, as far as its budget and its slots allow. */
export class Scheduler {
  /** Whether nothing waits for a slot or a token. */
  isIdle = true;
  readonly #deps: SchedulerDeps;
  #jobs = new Map<string, Job>();
  readonly #running = new Set<Running>();
  /** Slots in use, and what each of them was taken for. */
  readonly #slots = new Set<{ readonly isList: boolean; readonly isFailing: boolean }>();
  #factors: StretchFactors = { idle: 1, active: 1 };
  #fittedAt = Number.NEGATIVE_INFINITY;
  #leaveTurn: (() => void) | null = null;
  #cancelTimer: CancelTimer = () => {};
  #wakesAt = Number.POSITIVE_INFINITY;
  #isRunning = false;

  constructor(deps: SchedulerDeps) {
    this.#deps = deps;
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
      if (retry && job.failing !== null && NEED_REPAIR.has(job.failing)) job.dueAt = Math.min(job.dueAt, now);
      this.#jobs.set(key, job);
    }
    for (const [key, job] of before) if (!this.#jobs.has(key)) job.running?.abort.abort();
    this.#fit(now);
    this.#look();
  }

  start(): void {
    this.#isRunning = true;
    this.#look();
  }

  /** Calls off all reads; resolves when none is under way. */
  async stop(): Promise<void> {
    this.#isRunning = false;
    this.#cancelTimer();
    this.#leaveTurn?.();
    for (const { abort } of this.#running) abort.abort();
    await Promise.all([...this.#running].map(({ done }) => done));
  }

  /** The read that now ends shows something that the next one of this should show: it comes at once, or after the one under way. */
  readSoon(environmentId: string, operation: Operation): void {
    const job = this.#jobs.get(keyOf(environmentId, operation));
    if (job === undefined || job.failing !== null) return;
    job.again = job.running !== null;
    job.dueAt = Math.min(job.dueAt, this.#deps.clock.monotonic());
    this.isIdle = false;
  }

  /** Reads stats ahead of the schedule, or waits for the read under way; undefined: no such job. */
  async readEarly(environmentId: string): Promise<EarlyRead | undefined> {
    const job = this.#jobs.get(keyOf(environmentId, 'stats'));
    if (job === undefined) return undefined;
    if (job.running === null) {
      const now = this.#deps.clock.monotonic();
      // Backoff, and a wait that the API asked for, apply to early reads too.
      const mustWait = job.heldUntil > now || (job.failing !== null && job.dueAt > now);
      if (!this.#isRunning || mustWait) return 'not_now';
      if (!this.#hasSlotFor(job) || !this.#deps.budget.isFree) return 'over_budget';
      this.#start(job);
    }
    return (await job.running!.done) ? 'read' : 'not_now';
  }

  /** Starts what is due, the latest in its own intervals first, while slots and tokens last. Then sleeps. */
  #look(): void {
    if (!this.#isRunning) return;
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
    due.sort((one, other) => lateness(other, now) - lateness(one, now) || isList(one) - isList(other));
    // What does not start waits for a token, or for a slot: each read that ends comes here again.
    for (const job of due) {
      if (this.#slots.size >= this.#deps.slots()) break;
      if (!this.#hasSlotFor(job)) continue;
      if (!budget.isFree) {
        this.#awaitTurn();
        break;
      }
      this.#start(job);
    }
    this.isIdle = due.every(({ running }) => running !== null);
    this.#cancelTimer();
    this.#wakesAt = Number.POSITIVE_INFINITY;
    this.#wakeAt(nextAt, now);
  }

  /** Looks again then, or before. */
  #wakeAt(at: number, now: number): void {
    if (at >= this.#wakesAt) return;
    this.#cancelTimer();
    this.#wakesAt = at;
    const delayMs = Math.max(at - now, Math.min(this.#jobs.size, MOST_TOGETHER_MS));
    this.#cancelTimer = this.#deps.clock.setTimer(delayMs, () => this.#look());
  }

  /** Lists may hold three quarters of the slots, so that stats never wait for long lists; what fails may hold half. */
  #hasSlotFor({ operation, failing }: Job): boolean {
    const most = this.#deps.slots();
    const used = [...this.#slots];
    const hasRoom = (part: number, count: number) => count < Math.max(1, Math.floor(most * part));
    if (operation === 'list' && !hasRoom(3 / 4, used.filter(({ isList }) => isList).length)) return false;
    if (failing !== null && !hasRoom(1 / 2, used.filter(({ isFailing }) => isFailing).length)) return false;
    return hasRoom(1, used.length);
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
    const { clock, read } = this.#deps;
    const begunAt = clock.monotonic();
    const abort = new AbortController();
    const running: Running = { abort, done: Promise.resolve(false) };
    const slot = { isList: job.operation === 'list', isFailing: job.failing !== null };
    this.#slots.add(slot);
    this.#running.add(running);
    job.running = running;
    const leaveSlot = () => {
      this.#slots.delete(slot);
      // Where nothing waits, only this job has changed: of thousands, nobody looks at the others.
      const now = clock.monotonic();
      const isDue = job.running === null && job.dueAt <= now;
      if (!this.isIdle || isDue) return this.#look();
      this.#deps.looking();
      if (job.running === null && this.#isRunning) this.#wakeAt(job.dueAt, now);
    };
    running.done = read(job, abort.signal, leaveSlot).then((end) => {
      const isOver = !abort.signal.aborted;
      job.running = null;
      this.#running.delete(running);
      if (isOver) this.#plan(job, end, begunAt);
      leaveSlot();
      return isOver;
    });
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
      if (wasFailing !== null && !NEED_REPAIR.has(wasFailing)) this.#tryOthersSoon(now);
    } else {
      const needsRepair = NEED_REPAIR.has(failure);
      const longest = needsRepair ? LONGEST_UNTIL_REPAIRED_MS : LONGEST_MS;
      const heldMs = Math.min(retryAfterMs ?? 0, longest);
      job.heldUntil = now + heldMs;
      // Who names a time knows more than a guess. Where few reads share the connection they are tried sooner.
      const doubled = job.intervalMs * 2 ** (heldMs > 0 ? 0 : Math.min(job.failures - 1, MOST_DOUBLINGS));
      const cap = needsRepair ? longest : Math.min(longest, this.#jobs.size * PROBE_EVERY_MS);
      const backoffMs = Math.max(jitter(Math.min(doubled, cap), JITTER, random), job.intervalMs);
      job.dueAt = now + Math.max(heldMs, Math.min(backoffMs, longest));
    }
    job.again = false;
    const nextAttemptAt = clock.now() + Math.max(0, job.dueAt - now);
    const plan = { nextAttemptAt, backoffUntil: failure === null ? null : nextAttemptAt };
    states.update(job.environment.id, (state) => withOperation(state, job.operation, plan));
  }

  /** Most outages end for all at once: what else fails for such a reason is tried within one interval. */
  #tryOthersSoon(now: number): void {
    for (const job of this.#jobs.values()) {
      if (job.running !== null || job.failing === null || NEED_REPAIR.has(job.failing)) continue;
      job.dueAt = Math.min(job.dueAt, Math.max(now + this.#deps.random() * job.intervalMs, job.heldUntil));
      this.isIdle = false;
    }
  }

  /**
   * Lengthens the intervals by the smallest factors with which the reads fit into the budget. If even the longest intervals do
   * not fit, the budget delays the reads.
   */
  #fit(now: number): void {
    const { budget, states, stretched } = this.#deps;
    this.#fittedAt = now;
    const jobs = [...this.#jobs.values()];
    const active = new Set(jobs.filter((job) => isActive(job, now)));
    const intervalOf = (job: Job, { idle, active: busy }: StretchFactors): number => {
      const configuredMs = configuredIntervalMs(job.environment.poll, job.operation);
      const longestMs = Math.max(configuredMs, longestIntervalMs(job.environment.poll, job.operation));
      return Math.min(configuredMs * (active.has(job) ? busy : idle), longestMs);
    };
    const factorsOf = (idle: number) => ({ idle, active: Math.max(1, idle / IDLE_SHARE) });
    const fits = (idle: number) => {
      const factors = factorsOf(idle);
      const perMinute = jobs.reduce((sum, job) => sum + (60_000 * job.cost) / intervalOf(job, factors), 0);
      return perMinute <= SCHEDULED_SHARE * budget.perMinute;
    };
    let [low, high] = [1, fits(1) ? 1 : MOST_STRETCH];
    for (let step = 0; step < BISECTIONS && high > 1; step++) {
      const middle = Math.sqrt(low * high);
      if (fits(middle)) high = middle;
      else low = middle;
    }
    const factors = factorsOf(high);
    for (const job of jobs) {
      const intervalMs = intervalOf(job, factors);
      if (intervalMs === job.intervalMs) continue;
      // A shorter interval applies from now; a failing job has its own wait.
      if (intervalMs < job.intervalMs && job.failing === null) job.dueAt = Math.min(job.dueAt, now + intervalMs);
      job.intervalMs = intervalMs;
      states.update(job.environment.id, (state) =>
        withOperation(state, job.operation, { scheduledIntervalMs: intervalMs }),
      );
    }
    stretched(this.#factors, factors);
    this.#factors = factors;
  }
}

/** In its own intervals. */
function lateness({ dueAt, intervalMs, failing }: Job, now: number): number {
  return ((now - dueAt) / intervalMs) * (failing === null ? 1 : FAILING_LATENESS);
}

/** Among jobs that are as late as each other, stats go before lists. */
function isList({ operation }: Job): number {
  return Number(operation === 'list');
}

/** An outage must not slow down what works: what fails is idle. */
function isActive({ failing, activeAt, intervalMs }: Job, now: number): boolean {
  return failing === null && now - activeAt <= Math.max(ACTIVE_MS, 2 * intervalMs);
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
