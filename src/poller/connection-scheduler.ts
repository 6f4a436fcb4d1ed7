import type { CancelTimer } from '../base/clock.ts';
import { WalkShare, type WalkTurns } from '../scan/scan-quota.ts';
import { nextPollPlanned } from '../state/transitions.ts';
import { adoptJob, keyOf } from './adopt-job.ts';
import { mayEndTogether } from './backoff.ts';
import { fitIntoBudget } from './fit-into-budget.ts';
import { NO_STRETCH, type Stretch } from './interval-scaling.ts';
import { learnFromList } from './learn-from-list.ts';
import { wantsListNow } from './list-trigger.ts';
import { nextDue } from './next-due.ts';
import type { PollConnection } from './poll-connection.ts';
import { hasChanged } from './poll-demand.ts';
import { isWalking, type Job, nextDueAt, nextJob, walksUrgently } from './poll-job.ts';
import type { PollerDeps } from './poller.ts';
import { readEnvironment } from './read-environment.ts';

/** How often the schedule is compared with the budget: algorithms.md, 3. */
const STRETCH_EVERY_MS = 10_000;

interface Running {
  readonly abort: AbortController;
  readonly done: Promise<void>;
}

/** The jobs of one connection: they share its budget and its slots, and nothing with other connections. */
export class Lane {
  connection: PollConnection;
  readonly #deps: PollerDeps;
  #jobs = new Map<string, Job>();
  readonly #running = new Map<Job, Running>();
  #cancelTimer: CancelTimer = () => {};
  #cancelStretch: CancelTimer = () => {};
  #stretch: Stretch = NO_STRETCH;
  readonly #share: WalkShare;
  #state: 'waiting' | 'running' | 'stopped' = 'waiting';

  constructor(connection: PollConnection, deps: PollerDeps) {
    this.connection = connection;
    this.#deps = deps;
    this.#share = new WalkShare({ budget: () => this.connection.budget, clock: deps.clock });
  }

  /** Runs exactly these jobs from now on; one that is known keeps its due time and what it is doing. */
  replace(jobs: readonly Job[]): void {
    const before = this.#jobs;
    this.#jobs = new Map(jobs.map((job) => [keyOf(job), adoptJob(before.get(keyOf(job)), job)]));
    for (const [key, job] of before) if (this.#jobs.get(key) !== job) this.#running.get(job)?.abort.abort();
    this.#pump();
  }

  /** Starts to read. Before this, jobs only gather. */
  start(): void {
    this.#state = 'running';
    this.#pump();
    this.#stretchInTime();
  }

  async stop(): Promise<void> {
    this.#state = 'stopped';
    this.#cancelTimer();
    this.#cancelStretch();
    for (const { abort } of this.#running.values()) abort.abort();
    await Promise.all([...this.#running.values()].map(({ done }) => done));
  }

  #stretchInTime(): void {
    this.#cancelStretch = this.#deps.clock.setTimer(STRETCH_EVERY_MS, () => {
      this.#fitIntoBudget();
      this.#stretchInTime();
    });
  }

  #fitIntoBudget(): void {
    const { states, clock, reporter } = this.#deps;
    const { name, budget } = this.connection;
    const before = this.#stretch;
    this.#stretch = fitIntoBudget([...this.#jobs.values()], {
      states,
      now: clock.monotonic(),
      requestsPerMinute: budget.configuredPerMinute,
      before,
    });
    reporter.budgetStretched(name, before, this.#stretch);
    this.#pump();
  }

  /** Starts what is due while slots and tokens last, then sleeps until something can change. */
  #pump(): void {
    this.#cancelTimer();
    if (this.#state !== 'running') return;
    const { clock } = this.#deps;
    const { budget, maxConcurrent } = this.connection;
    const now = clock.monotonic();
    for (;;) {
      const running = [...this.#running.keys()].filter(({ waiting }) => !waiting);
      const job = nextJob(this.#jobs.values(), { now, running, maxConcurrent });
      if (job === null) break;
      if (!budget.tryTake()) {
        // At least a millisecond: a budget that says "now" and then refuses has someone waiting in front of us.
        this.#cancelTimer = clock.setTimer(Math.max(budget.timeUntilNextMs(), 1), () => this.#pump());
        return;
      }
      this.#start(job);
    }
    const due = nextDueAt(this.#jobs.values());
    // What is due already waits for a slot, and a read that ends pumps again.
    if (due > now && due < Number.POSITIVE_INFINITY) {
      this.#cancelTimer = clock.setTimer(due - now, () => this.#pump());
    }
  }

  #start(job: Job): void {
    const abort = new AbortController();
    job.running = true;
    const done = this.#run(job, abort.signal).finally(() => {
      job.running = false;
      this.#running.delete(job);
      this.#pump();
    });
    this.#running.set(job, { abort, done });
  }

  async #run(job: Job, signal: AbortSignal): Promise<void> {
    const { states, clock, random, reporter, keepLedger } = this.#deps;
    const { environment, operation } = job;
    const startedAt = clock.monotonic();
    const before = states.get(environment.id);
    const { lastSurprise: surprise, walkRequests } = job.memory;
    const end = await readEnvironment(job, {
      connection: this.connection,
      api: () => this.connection.api,
      states,
      clock,
      signal,
      turns: this.#turnsOf(job),
      ...(keepLedger ? { keepLedger } : {}),
    });
    if (signal.aborted) return;
    const wasFailing = job.failing;
    job.neverRead = false;
    if (hasChanged(before, states.get(environment.id))) job.changedAt = clock.monotonic();
    job.failing = end.failure?.reason ?? null;
    if (operation === 'list' && end.failure === null) {
      learnFromList(job, states, job.memory.walkRequests - walkRequests);
    }
    const urgentWalks = [...this.#jobs.values()].filter(walksUrgently).length;
    job.dueAt = nextDue(job, {
      startedAt,
      end,
      state: states.get(environment.id),
      share: this.#share,
      urgentWalks,
      clock,
      random,
    });
    if (job.again && job.failing === null) job.dueAt = clock.monotonic();
    job.again = false;
    if (wasFailing !== null && job.failing === null && mayEndTogether(wasFailing)) this.#tryOthersSoon(job);
    const nextAttemptAt = clock.now() + Math.max(job.dueAt - clock.monotonic(), 0);
    const plan = { nextAttemptAt, backingOff: job.failing !== null };
    states.update(environment.id, (state) => nextPollPlanned(state, operation, plan));
    const after = states.get(environment.id);
    const list = this.#jobs.get(keyOf({ environment, operation: 'list' }));
    if (operation === 'stats' && list !== undefined && before && after) {
      if (wantsListNow(before, after, { walksUrgently: walksUrgently(list) })) this.#readNow(list);
    }
    reporter.pollEnded(operation, before, after);
    const { lastSurprise } = job.memory;
    if (lastSurprise !== null && lastSurprise !== surprise) reporter.listSurprised(environment, lastSurprise.reason);
  }

  /** The turns of one read: what flows in between two of them, divided by all who walk, and more where others leave some. */
  #turnsOf(job: Job): WalkTurns {
    const walking = [...this.#jobs.values()].filter(isWalking).length;
    let left = this.#share.flowOf(job.intervalMs) / Math.max(1, walking);
    return {
      tryTake: (urgent) => this.#share.tryTake(urgent ? 'urgent' : left-- >= 1 ? 'fair' : 'spare'),
      take: async (signal) => {
        job.waiting = true;
        // Its slot is free for somebody else; the pool of connections is what bounds requests under way.
        this.#pump();
        await this.#share.take(signal).finally(() => {
          job.waiting = false;
        });
      },
    };
  }

  /** Now, or once more when the read that is under way has ended: it may have passed what there is to see. */
  #readNow(job: Job): void {
    if (job.failing !== null) return;
    job.again = job.running;
    job.dueAt = Math.min(job.dueAt, this.#deps.clock.monotonic());
  }

  /** An outage of the API ends for all: those still backing off from the same kind of trouble are tried within an interval. */
  #tryOthersSoon(recovered: Job): void {
    const { clock, random } = this.#deps;
    const now = clock.monotonic();
    for (const job of this.#jobs.values()) {
      if (job === recovered || job.failing === null || !mayEndTogether(job.failing)) continue;
      job.dueAt = Math.min(job.dueAt, now + random() * job.intervalMs);
    }
  }
}
