import type { CancelTimer } from '../base/clock.ts';
import type { FailureReason } from '../domain/failure.ts';
import type { Rescans } from '../scan/rescans.ts';
import { type ScanPermits, ScanQuota } from '../scan/scan-quota.ts';
import type { EnvironmentState } from '../state/environment-state.ts';
import { nextPollPlanned } from '../state/transitions.ts';
import { mayEndTogether } from './backoff.ts';
import { ConnectionPause } from './connection-pause.ts';
import { type EarlyRead, mustWait } from './early-read.ts';
import { NO_SCALING, type StretchFactors, scaleIntervals } from './interval-scaling.ts';
import { triggersList } from './list-trigger.ts';
import { nextDue } from './next-due.ts';
import type { PollConnection } from './poll-connection.ts';
import { hasChanged, learnFromList } from './poll-demand.ts';
import {
  adoptPollJob,
  nextDueAt,
  nextPollJob,
  type PollJob,
  pollJobKey,
  runsFullScan,
  runsUrgentFullScan,
} from './poll-job.ts';
import { type ReadEnd, readStats } from './poll-result.ts';
import type { PollerDeps } from './poller-deps.ts';
import { readList } from './read-list.ts';
import { SessionLane } from './session-lane.ts';

/** How often the schedule is compared with the budget: docs/design/budget.md#interval-scaling. */
const SCALE_EVERY_MS = 10_000;

interface Running {
  readonly abort: AbortController;
  readonly done: Promise<void>;
}

/** How a read ended, and what was so when it began. */
interface EndedRead {
  /** Monotonic. */
  readonly startedAt: number;
  readonly end: ReadEnd;
  readonly before: EnvironmentState | undefined;
  readonly wasFailing: FailureReason | null;
  readonly lastRescan: Rescans['last'];
  readonly fullScanRequests: number;
}

/** The jobs of one connection: they share its budget and its slots, and nothing with other connections. */
export class ConnectionScheduler {
  connection: PollConnection;
  readonly #deps: PollerDeps;
  #jobs = new Map<string, PollJob>();
  readonly #running = new Map<PollJob, Running>();
  #cancelTimer: CancelTimer = () => {};
  #cancelScaling: CancelTimer = () => {};
  #factors: StretchFactors = NO_SCALING;
  readonly #quota: ScanQuota;
  readonly #pause: ConnectionPause;
  readonly #sessions: SessionLane;
  #state: 'waiting' | 'running' | 'stopped' = 'waiting';

  constructor(connection: PollConnection, deps: PollerDeps) {
    this.connection = connection;
    this.#deps = deps;
    this.#sessions = new SessionLane({
      ...deps,
      connection: () => this.connection,
      environmentIds: () =>
        [...this.#jobs.values()].flatMap(({ environment, operation }) => (operation === 'list' ? environment.id : [])),
      pump: () => this.#pump(),
    });
    this.#quota = new ScanQuota({ budget: () => this.connection.budget, clock: deps.clock });
    this.#pause = new ConnectionPause({ ...deps, over: () => this.#pump() });
  }

  /** Runs exactly these jobs from now on; one that is known keeps its due time and what it is doing. */
  replace(jobs: readonly PollJob[]): void {
    const before = this.#jobs;
    this.#jobs = new Map(jobs.map((job) => [pollJobKey(job), adoptPollJob(before.get(pollJobKey(job)), job)]));
    for (const [key, job] of before) if (this.#jobs.get(key) !== job) this.#running.get(job)?.abort.abort();
    this.#sessions.changed();
    this.#pump();
  }

  /** Starts to read. Before this, jobs only gather. */
  start(): void {
    this.#state = 'running';
    this.#pump();
    this.#scaleInTime();
  }

  async stop(): Promise<void> {
    this.#state = 'stopped';
    this.#cancelTimer();
    this.#cancelScaling();
    this.#pause.stop();
    for (const { abort } of this.#running.values()) abort.abort();
    await Promise.all([this.#sessions.stop(), ...[...this.#running.values()].map(({ done }) => done)]);
  }

  /** Reads stats ahead of the schedule, or waits for the read under way; undefined: no such job. */
  async readEarly(environmentId: string): Promise<EarlyRead | undefined> {
    const job = [...this.#jobs.values()].find(
      ({ environment, operation }) => environment.id === environmentId && operation === 'stats',
    );
    if (job === undefined) return undefined;
    if (!job.running) {
      const { budget, maxConcurrent } = this.connection;
      if (this.#state !== 'running' || mustWait(job, this.#deps.clock.monotonic())) return 'not_now';
      const slots = [...this.#running.keys()].filter(({ waiting }) => !waiting).length;
      if (slots >= maxConcurrent || !budget.tryTake()) return 'over_budget';
      this.#start(job);
    }
    await this.#running.get(job)?.done;
    return 'read';
  }

  #scaleInTime(): void {
    this.#cancelScaling = this.#deps.clock.setTimer(SCALE_EVERY_MS, () => {
      this.#scaleIntervals();
      this.#scaleInTime();
    });
  }

  #scaleIntervals(): void {
    const { states, clock, log } = this.#deps;
    const { name, budget } = this.connection;
    const before = this.#factors;
    this.#factors = scaleIntervals([...this.#jobs.values()], {
      states,
      now: clock.monotonic(),
      requestsPerMinute: budget.configuredPerMinute,
      before,
    });
    log.intervalsScaled(name, before, this.#factors);
    this.#pump();
  }

  /** Starts what is due while slots and tokens last, then sleeps until something can change. */
  #pump(): void {
    this.#cancelTimer();
    if (this.#state !== 'running') return;
    this.#showPause();
    const { clock } = this.#deps;
    const { budget, maxConcurrent } = this.connection;
    const now = clock.monotonic();
    for (;;) {
      const running = [...this.#running.keys()].filter(({ waiting }) => !waiting);
      const job = nextPollJob(this.#jobs.values(), { now, running, maxConcurrent });
      if (job === null) break;
      if (!budget.tryTake()) {
        // At least a millisecond: a budget that says "now" and then refuses has someone waiting in front of us.
        this.#cancelTimer = clock.setTimer(Math.max(budget.timeUntilNextMs(), 1), () => this.#pump());
        return;
      }
      this.#start(job);
    }
    // What is due already waits for a slot, and a read that ends pumps again.
    const untilDue = nextDueAt(this.#jobs.values()) - now;
    if (untilDue <= 0) return;
    const untilNext = Math.min(untilDue, this.#pumpSessions());
    if (untilNext < Number.POSITIVE_INFINITY) this.#cancelTimer = clock.setTimer(untilNext, () => this.#pump());
  }

  /** Sessions get what is left: tokens, and a slot that nobody waits for. */
  #pumpSessions(): number {
    const free = [...this.#running.keys()].filter(({ waiting }) => !waiting).length < this.connection.maxConcurrent;
    return free ? this.#sessions.pump() : Number.POSITIVE_INFINITY;
  }

  #showPause(): void {
    const { name, budget } = this.connection;
    const environmentIds = [...new Set([...this.#jobs.values()].map(({ environment }) => environment.id))];
    this.#pause.look({ name, budget, environmentIds });
  }

  #start(job: PollJob): void {
    const abort = new AbortController();
    job.running = true;
    const done = this.#run(job, abort.signal).finally(() => {
      job.running = false;
      this.#running.delete(job);
      this.#pump();
    });
    this.#running.set(job, { abort, done });
  }

  /** One read, and what follows from it: run, then plan, then trigger, then report. */
  async #run(job: PollJob, signal: AbortSignal): Promise<void> {
    const ended = await this.#read(job, signal);
    if (signal.aborted) return;
    this.#plan(job, ended);
    this.#trigger(job, ended);
    this.#report(job, ended);
  }

  async #read(job: PollJob, signal: AbortSignal): Promise<EndedRead> {
    const { states, clock, keepLedger } = this.#deps;
    const { id } = job.environment;
    const startedAt = clock.monotonic();
    const before = states.get(id);
    const { rescans, fullScans } = job.scanState;
    const [lastRescan, fullScanRequests] = [rescans.last, fullScans.requests];
    const wasFailing = job.failing;
    const read = job.operation === 'stats' ? readStats : readList;
    const end = await read(job, {
      connection: this.connection,
      api: () => this.connection.api,
      states,
      clock,
      signal,
      permits: this.#permitsOf(job),
      ...(keepLedger ? { keepLedger } : {}),
    });
    return { startedAt, end, before, wasFailing, lastRescan, fullScanRequests };
  }

  /** When the job is due again, and what its state shows of that. */
  #plan(job: PollJob, ended: EndedRead): void {
    const { states, clock, random } = this.#deps;
    const { id } = job.environment;
    const { end, before, startedAt } = ended;
    job.neverRead = false;
    if (hasChanged(before, states.get(id))) job.changedAt = clock.monotonic();
    job.failing = end.failure?.reason ?? null;
    if (job.operation === 'list' && end.failure === null) {
      learnFromList(job, states, job.scanState.fullScans.requests - ended.fullScanRequests);
    }
    job.dueAt = nextDue(job, {
      startedAt,
      end,
      state: states.get(id),
      quota: this.#quota,
      urgentFullScans: [...this.#jobs.values()].filter(runsUrgentFullScan).length,
      clock,
      random,
    });
    if (job.again && job.failing === null) job.dueAt = clock.monotonic();
    job.again = false;
    if (ended.wasFailing !== null && job.failing === null && mayEndTogether(ended.wasFailing)) this.#tryOthersSoon(job);
    const nextAttemptAt = clock.now() + Math.max(job.dueAt - clock.monotonic(), 0);
    const plan = { nextAttemptAt, backingOff: job.failing !== null };
    states.update(id, (state) => nextPollPlanned(state, job.operation, plan));
  }

  /** Stats may be a reason to read the list at once. */
  #trigger({ environment, operation }: PollJob, { before }: EndedRead): void {
    const after = this.#deps.states.get(environment.id);
    const list = this.#jobs.get(pollJobKey({ environment, operation: 'list' }));
    if (operation !== 'stats' || list === undefined || !before || !after) return;
    if (triggersList(before, after, { runsUrgentFullScan: runsUrgentFullScan(list) })) this.#readNow(list);
  }

  #report({ environment, operation, scanState }: PollJob, { before, lastRescan }: EndedRead): void {
    const { states, log } = this.#deps;
    log.pollEnded(operation, before, states.get(environment.id));
    const { last } = scanState.rescans;
    if (last !== null && last !== lastRescan) log.listRescanned(environment, last.reason);
  }

  /**
   * The permits of one read: what flows in between two of them, divided by all jobs with a full scan, and more where
   * others leave some.
   */
  #permitsOf(job: PollJob): ScanPermits {
    const scanning = [...this.#jobs.values()].filter(runsFullScan).length;
    let left = this.#quota.flowOf(job.intervalMs) / Math.max(1, scanning);
    return {
      tryTake: (urgent) => this.#quota.tryTake(urgent ? 'urgent' : left-- >= 1 ? 'fair' : 'spare'),
      take: async (signal) => {
        job.waiting = true;
        // Its slot is free for somebody else; the pool of connections is what bounds requests under way.
        this.#pump();
        await this.#quota.take(signal).finally(() => {
          job.waiting = false;
        });
      },
    };
  }

  /** Now, or once more when the read that is under way has ended: it may have passed what there is to see. */
  #readNow(job: PollJob): void {
    if (job.failing !== null) return;
    job.again = job.running;
    job.dueAt = Math.min(job.dueAt, this.#deps.clock.monotonic());
  }

  /**
   * An outage of the API ends for all: those still backing off from the same kind of trouble are tried within an
   * interval.
   */
  #tryOthersSoon(recovered: PollJob): void {
    const { clock, random } = this.#deps;
    const now = clock.monotonic();
    for (const job of this.#jobs.values()) {
      if (job === recovered || job.failing === null || !mayEndTogether(job.failing)) continue;
      const soon = Math.max(now + random() * job.intervalMs, job.heldUntil ?? now);
      job.dueAt = Math.min(job.dueAt, soon);
    }
  }
}
