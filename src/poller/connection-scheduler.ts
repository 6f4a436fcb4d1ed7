import { ConnectionPause } from './connection-pause.ts';
import { IntervalScaler } from './interval-scaler.ts';
import { triggersList } from './list-trigger.ts';
import { planPoll } from './plan-poll.ts';
import { asksAnew, type PollConnection } from './poll-connection.ts';
import { pollPermits } from './poll-permits.ts';
import type { ReadContext } from './poll-read.ts';
import type { PollerDeps } from './poller-deps.ts';
import { type EndedPoll, runPoll } from './run-poll.ts';
import { RunningReads } from './running-reads.ts';
import { type EarlyRead, mustWait } from './schedule/early-read.ts';
import { JobQueue } from './schedule/job-queue.ts';
import { type PollJob, runsUrgentFullScan } from './schedule/poll-job.ts';
import { ScanQuota } from './schedule/scan-quota.ts';
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
  readonly #quota: ScanQuota;
  readonly #pause: ConnectionPause;
  readonly #sessions: SessionReads;
  #state: 'waiting' | 'running' | 'stopped' = 'waiting';

  constructor(connection: PollConnection, deps: PollerDeps) {
    this.#connection = connection;
    this.#deps = deps;
    this.#running = new RunningReads(deps.clock);
    this.#sessions = new SessionReads({
      ...deps,
      connection: () => this.#connection,
      environmentIds: () => this.#queue.listedIds,
      pump: () => this.#pump(),
    });
    this.#quota = new ScanQuota({ budget: () => this.#connection.budget, clock: deps.clock });
    this.#scaler = new IntervalScaler({
      ...deps,
      connection: () => this.#connection,
      jobs: () => [...this.#queue.all()],
      scaled: (isRescheduled) => {
        if (isRescheduled) this.#queue.reschedule();
        this.#pump();
      },
    });
    this.#pause = new ConnectionPause({ ...deps, over: () => this.#pump() });
    const { clock } = deps;
    this.#wakeTimer = new WakeTimer(clock, () => this.#pump());
    this.#tokenWait = new TokenWait({ clock, look: () => this.#pump(), granted: () => this.#startWithToken() });
  }

  /** From now on reads go through this connection of the same name. */
  use(connection: PollConnection): void {
    const before = this.#connection;
    this.#connection = connection;
    if (!asksAnew(before, connection)) return;
    this.#sessions.forget();
    for (const { scanState } of this.#queue.all()) scanState.limits.recheck();
  }

  /** Runs exactly these jobs from now on; a known job keeps its due time and its present read. */
  replace(jobs: readonly PollJob[]): void {
    for (const left of this.#queue.replace(jobs)) this.#running.abort(left);
    this.#sessions.changed();
    this.#pump();
  }

  /** Starts to read. Until then, jobs only accumulate. */
  start(): void {
    this.#state = 'running';
    this.#pump();
    this.#scaler.start();
  }

  async stop(): Promise<void> {
    this.#state = 'stopped';
    this.#wakeTimer.wakeAt(Number.POSITIVE_INFINITY);
    this.#tokenWait.end();
    this.#scaler.stop();
    this.#pause.stop();
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
  #pump(): void {
    if (this.#state === 'running') this.#wakeTimer.wakeAt(this.#startDue());
  }

  /** Returns when to look again, monotonic: Infinity if something else will say so. */
  #startDue(): number {
    const { name, budget, maxConcurrent } = this.#connection;
    this.#pause.look({ name, budget, environmentIds: this.#queue.environmentIds });
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
    if (this.#queue.slotsInUse >= maxConcurrent) return this.#running.makeRoom(this.#queue.hasQuickDue);
    const untilSessions = this.#queue.hasDue ? Number.POSITIVE_INFINITY : this.#sessions.pump();
    return Math.min(this.#queue.moreAt(), now + untilSessions);
  }

  /** Picks what is due now: since the wait began, another job may have become the latest. */
  #startWithToken(): void {
    if (this.#state !== 'running') return;
    const job = this.#queue.next(this.#deps.clock.monotonic(), this.#connection.maxConcurrent);
    if (job === null) this.#connection.budget.giveBack();
    else this.#start(job);
    this.#pump();
  }

  #start(job: PollJob): void {
    this.#queue.started(job);
    const read = (signal: AbortSignal) => this.#run(job, signal);
    this.#running.begin(job, read, () => {
      this.#queue.ended(job);
      this.#pump();
    });
  }

  /** One read, and what follows from it: run, then plan, then trigger, then report. */
  async #run(job: PollJob, signal: AbortSignal): Promise<void> {
    const ended = await runPoll(job, this.#contextOf(job, signal));
    if (signal.aborted) return;
    planPoll(job, ended, { ...this.#deps, quota: this.#quota, queue: this.#queue });
    this.#trigger(job, ended);
    this.#report(job, ended);
  }

  #contextOf(job: PollJob, signal: AbortSignal): ReadContext {
    const { states, clock, keepLedger } = this.#deps;
    return {
      connection: this.#connection,
      api: () => this.#connection.api,
      states,
      clock,
      signal,
      permits: pollPermits(job, {
        quota: this.#quota,
        scanning: this.#queue.scanning().length,
        waits: (waits) => {
          this.#queue.waits(job, waits);
          if (waits) this.#pump();
        },
      }),
      keepLedger,
    };
  }

  /** Stats may be a reason to read the list at once. */
  #trigger({ environment, operation }: PollJob, { before }: EndedPoll): void {
    if (operation !== 'stats') return;
    const after = this.#deps.states.get(environment.id);
    const list = this.#queue.get({ environment, operation: 'list' });
    if (list === undefined || !before || !after) return;
    if (triggersList(before, after, { runsUrgentFullScan: runsUrgentFullScan(list) })) this.#readNow(list);
  }

  #report({ environment, operation, scanState }: PollJob, { before, lastRescan }: EndedPoll): void {
    const { states, log } = this.#deps;
    log.pollEnded(operation, before, states.get(environment.id));
    const { last } = scanState.rescans;
    if (last !== null && last !== lastRescan) log.listRescanned(environment, last.reason);
  }

  /** Now, or once more after the read under way, which may already have passed the relevant page. */
  #readNow(job: PollJob): void {
    if (job.failing !== null) return;
    job.again = job.running;
    job.dueAt = Math.min(job.dueAt, this.#deps.clock.monotonic());
    this.#queue.moved(job);
  }
}
