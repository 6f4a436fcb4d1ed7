import { leaveRooms } from '../scan/memory/scan-state.ts';
import { ConnectionPause } from './connection-pause.ts';
import { IntervalScaler } from './interval-scaler.ts';
import { PollRunner } from './poll-runner.ts';
import { mayAnswerDifferently, type PollConnection } from './reads/poll-connection.ts';
import type { PollerDeps } from './reads/poller-deps.ts';
import { RunningReads } from './reads/running-reads.ts';
import { type EarlyRead, mustWait } from './schedule/early-read.ts';
import { JobQueue } from './schedule/job-queue.ts';
import type { PollJob } from './schedule/poll-job.ts';
import { ScanQuota } from './schedule/scan-quota.ts';
import type { FleetSize } from './schedule/ticks.ts';
import { TokenWait } from './schedule/token-wait.ts';
import { WakeTimer } from './schedule/wake-timer.ts';
import { SessionReads } from './session-reads.ts';

/** The jobs of one connection: they share its budget and its slots, and nothing with other connections. */
export class ConnectionScheduler {
  #connection: PollConnection;
  readonly #deps: PollerDeps;
  readonly #queue = new JobQueue();
  readonly #running: RunningReads;
  readonly #wakeTimer: WakeTimer;
  readonly #tokenWait: TokenWait;
  readonly #scaler: IntervalScaler;
  readonly #pause: ConnectionPause;
  readonly #sessions: SessionReads;
  readonly #runner: PollRunner;
  #state: 'waiting' | 'running' | 'stopped' = 'waiting';

  constructor(connection: PollConnection, deps: PollerDeps & { readonly fleet: FleetSize }) {
    this.#connection = connection;
    this.#deps = deps;
    this.#running = new RunningReads(deps.clock, (since) => this.#queue.forgetProvenBefore(since));
    this.#sessions = new SessionReads({
      ...deps,
      connection: () => this.#connection,
      environmentIds: () => this.#queue.listedIds,
      dispatch: () => this.#dispatch(),
    });
    this.#runner = new PollRunner({
      ...deps,
      connection: () => this.#connection,
      queue: this.#queue,
      quota: new ScanQuota({ budget: () => this.#connection.budget, clock: deps.clock }),
      dispatch: () => this.#dispatch(),
    });
    this.#scaler = new IntervalScaler({
      ...deps,
      connection: () => this.#connection,
      jobs: () => [...this.#queue.all()],
      scaled: (isRescheduled) => {
        if (isRescheduled) this.#queue.reschedule();
        this.#dispatch();
      },
    });
    this.#pause = new ConnectionPause({ ...deps, ended: () => this.#dispatch() });
    const { clock } = deps;
    this.#wakeTimer = new WakeTimer(clock, () => this.#dispatch());
    this.#tokenWait = new TokenWait({ clock, tryAgain: () => this.#dispatch(), granted: () => this.#startWithToken() });
  }

  /** Replaces the connection by another one of the same name, for all reads from now on. */
  use(connection: PollConnection): void {
    const before = this.#connection;
    this.#connection = connection;
    if (!mayAnswerDifferently(before, connection)) return;
    this.#sessions.forget();
    for (const { scanState } of this.#queue.all()) scanState.limits.recheck();
  }

  /** Runs exactly these jobs from now on; a known job keeps its due time and its present read. */
  replace(jobs: readonly PollJob[]): void {
    for (const left of this.#queue.replace(jobs)) {
      this.#running.abort(left);
      leaveRooms(left.scanState);
    }
    this.#sessions.environmentsChanged();
    this.#dispatch();
  }

  /** Starts to read. Until then, jobs only accumulate. */
  start(): void {
    this.#state = 'running';
    this.#dispatch();
    this.#scaler.start();
  }

  async stop(): Promise<void> {
    this.#state = 'stopped';
    this.#wakeTimer.wakeAt(Number.POSITIVE_INFINITY);
    this.#tokenWait.end();
    this.#scaler.stop();
    this.#pause.stop();
    for (const { scanState } of this.#queue.all()) leaveRooms(scanState);
    await Promise.all([this.#sessions.stop(), this.#running.abortAll()]);
  }

  /** Reads stats ahead of the schedule, or waits for the read under way; undefined: no such job. */
  async readEarly(environmentId: string): Promise<EarlyRead | undefined> {
    const job = this.#queue.get({ environment: { id: environmentId }, operation: 'stats' });
    if (job === undefined) return undefined;
    if (!job.running) {
      const { budget, maxConcurrent } = this.#connection;
      if (this.#state !== 'running' || mustWait(job, this.#deps.clock.monotonic())) return 'not_now';
      if (this.#queue.slotsInUse >= maxConcurrent || !budget.tryTake()) return 'over_budget';
      this.#start(job);
    }
    return (await this.#running.endOf(job)) ? 'read' : 'not_now';
  }

  /** Starts what is due while slots and tokens last, then sleeps until something can change. */
  #dispatch(): void {
    if (this.#state === 'running') this.#wakeTimer.wakeAt(this.#startDue());
  }

  /** Returns when to check again, monotonic; Infinity if an event will trigger the next check. */
  #startDue(): number {
    const { name, budget, maxConcurrent } = this.#connection;
    this.#pause.update({ name, budget, environmentIds: this.#queue.environmentIds });
    const now = this.#deps.clock.monotonic();
    for (;;) {
      const job = this.#queue.next(now, maxConcurrent);
      if (job === null) break;
      if (!budget.tryTake()) {
        this.#tokenWait.begin(budget, this.#queue.tickMs);
        return Number.POSITIVE_INFINITY;
      }
      this.#start(job);
    }
    this.#tokenWait.end();
    // A job that waits for a slot proceeds when a read ends. One that may not use another slot must not block the rest.
    if (this.#queue.slotsInUse >= maxConcurrent) return this.#running.cancelHanging(this.#queue.hasQuickDue);
    const untilSessions = this.#queue.hasDue ? Number.POSITIVE_INFINITY : this.#sessions.startDue();
    return Math.min(this.#queue.nextDueAt(), now + untilSessions);
  }

  /** Picks the job anew: since the wait for the token began, another one may have become the latest. */
  #startWithToken(): void {
    if (this.#state !== 'running') return;
    const job = this.#queue.next(this.#deps.clock.monotonic(), this.#connection.maxConcurrent);
    if (job === null) this.#connection.budget.giveBack();
    else this.#start(job);
    this.#dispatch();
  }

  #start(job: PollJob): void {
    this.#queue.started(job);
    const read = (signal: AbortSignal) => this.#runner.run(job, signal);
    this.#running.begin(job, read, () => {
      this.#queue.ended(job);
      this.#dispatch();
    });
  }
}
