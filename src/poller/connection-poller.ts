import type { Clock } from '../base/clock.ts';
import type { Random } from '../base/random.ts';
import { ListReader } from '../scan/list-reader.ts';
import { connectionPaused, nextPollPlanned, withOperation } from '../state/changes.ts';
import type { StateStore } from '../state/environment-state.ts';
import { NO_STRETCH, type StretchFactors } from './intervals.ts';
import type { PollLog } from './log.ts';
import { mayAnswerDifferently, type PollConnection } from './poll-connection.ts';
import { readList } from './read-list.ts';
import { isActive, type ReadContext, readStats, type SaveLedger, triggersList } from './reads.ts';
import { type EarlyRead, type Job, type ReadEnd, Scheduler } from './scheduler.ts';
import { SessionReads } from './sessions.ts';

/** What the poller depends on. */
export interface PollerDeps {
  readonly states: StateStore;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: PollLog;
  readonly saveLedger?: SaveLedger;
}

/** The part of the budget that full scans of long lists may use. */
const FULL_SCAN_SHARE = 0.25;
/** The same moment, computed from two clocks, may differ by this much. */
const ROUNDING_MS = 1;

/** Reads the environments of one connection: they share its budget and its slots, and nothing with other connections. */
export class ConnectionPoller {
  #connection: PollConnection;
  readonly #deps: PollerDeps;
  readonly #scheduler: Scheduler;
  readonly #sessions: SessionReads;
  readonly #lists = new Map<string, ListReader>();
  /** When pages of full scans were asked for lately. */
  #scanned: number[] = [];
  #environmentIds: readonly string[] = [];
  #factors: StretchFactors = NO_STRETCH;
  /** The end of the pause that is shown, on the own clock, and the environments that show it. */
  #pausedUntil: number | null = null;
  #shownOn: readonly string[] = [];
  #isPauseLogged = false;

  constructor(connection: PollConnection, deps: PollerDeps) {
    this.#connection = connection;
    this.#deps = deps;
    this.#scheduler = new Scheduler({
      clock: deps.clock,
      random: deps.random,
      budget: connection.budget,
      slots: () => this.#connection.maxConcurrent,
      read: (job, signal, leaveSlot) => this.#read(job, signal, leaveSlot),
      planned: (job) => this.#planned(job),
      intervalChanged: ({ environment: { id }, operation, intervalMs: scheduledIntervalMs }) =>
        deps.states.update(id, (state) =>
          withOperation(state, operation, { ...state.operations[operation], scheduledIntervalMs }),
        ),
      stretched: (factors) => {
        deps.log.intervalsScaled(connection.name, this.#factors, factors);
        this.#factors = factors;
      },
      looking: () => this.#showPause(),
    });
    this.#sessions = new SessionReads({
      states: deps.states,
      clock: deps.clock,
      connection: () => this.#connection,
      environmentIds: () => this.#lists.keys(),
      isIdle: () => this.#scheduler.isIdle,
    });
  }

  /** Replaces the connection by another one of the same name and budget, and what is read, from now on. */
  use(connection: PollConnection, jobs: readonly Pick<Job, 'environment' | 'operation'>[]): void {
    const isOther = mayAnswerDifferently(this.#connection, connection);
    this.#connection = connection;
    this.#environmentIds = [...new Set(jobs.map(({ environment }) => environment.id))];
    const listed = new Set(jobs.flatMap(({ environment, operation }) => (operation === 'list' ? environment.id : [])));
    for (const [id, list] of this.#lists) {
      if (isOther) list.recheck();
      if (!listed.has(id)) this.#lists.delete(id);
    }
    for (const id of listed) if (!this.#lists.has(id)) this.#lists.set(id, new ListReader());
    if (isOther) this.#sessions.forget();
    this.#scheduler.replace(jobs);
    this.#showPause();
  }

  start(): void {
    this.#scheduler.start();
    this.#sessions.start();
  }

  readEarly(environmentId: string): Promise<EarlyRead | undefined> {
    return this.#scheduler.readEarly(environmentId);
  }

  async stop(): Promise<void> {
    await Promise.all([this.#sessions.stop(), this.#scheduler.stop()]);
  }

  async #read(
    { environment, operation, intervalMs }: Job,
    signal: AbortSignal,
    leaveSlot: () => void,
  ): Promise<ReadEnd> {
    const { states, clock, saveLedger, log } = this.#deps;
    const { id } = environment;
    const connection = this.#connection;
    const context: ReadContext = {
      connection,
      api: () => this.#connection.api,
      states,
      clock,
      signal,
      leaveSlot,
      saveLedger,
    };
    const before = states.get(id);
    const list = this.#lists.get(id);
    const surprise = list?.surprise;
    const end =
      operation === 'list' && list !== undefined
        ? await readList({ environment, list, intervalMs, scanWaitMs: () => this.#scanWaitMs() }, context)
        : await readStats(environment, intervalMs, context);
    const after = states.get(id);
    if (!signal.aborted) {
      const isNews = operation === 'stats' && before !== undefined && after !== undefined;
      if (isNews && triggersList(before, after, connection.skewMs())) this.#scheduler.readSoon(id, 'list');
      log.pollEnded(operation, before, after);
      if (list?.surprise && list.surprise !== surprise) log.listRescanned(environment, list.surprise.reason);
    }
    return { ...end, isActive: isActive(before, after) };
  }

  /** Takes one page of a full scan, if less than its part of the budget went to them within a minute; or says how long to wait. */
  #scanWaitMs(): number {
    const now = this.#deps.clock.monotonic();
    this.#scanned = this.#scanned.filter((at) => now - at < 60_000);
    const most = Math.max(1, Math.floor(this.#connection.budget.allowedPerMinute * FULL_SCAN_SHARE));
    const waitMs = this.#scanned.length < most ? 0 : Math.max(1, this.#scanned.at(-most)! + 60_000 - now);
    if (waitMs === 0) this.#scanned.push(now);
    return waitMs;
  }

  #planned({ environment, operation, dueAt, failing }: Job): void {
    const { states, clock } = this.#deps;
    const nextAttemptAt = clock.now() + Math.max(0, dueAt - clock.monotonic());
    const plan = { nextAttemptAt, backingOff: failing !== null };
    states.update(environment.id, (state) => nextPollPlanned(state, operation, plan));
  }

  /** Shows a pause after a 429 on every environment, whichever got the 429: none of them is read. */
  #showPause(): void {
    const { states, clock, log } = this.#deps;
    const { name, budget } = this.#connection;
    const { pauseMs, isRateLimited } = budget;
    const until = pauseMs > 0 ? clock.now() + pauseMs : null;
    const isSame =
      until === null || this.#pausedUntil === null
        ? until === this.#pausedUntil
        : Math.abs(until - this.#pausedUntil) <= ROUNDING_MS;
    if (!isSame) this.#pausedUntil = until;
    if (!isSame || this.#environmentIds !== this.#shownOn) {
      this.#shownOn = this.#environmentIds;
      for (const id of this.#shownOn) {
        if ((states.get(id)?.pausedUntil ?? null) === this.#pausedUntil) continue;
        states.update(id, (state) => connectionPaused(state, this.#pausedUntil));
      }
    }
    if (until !== null && !this.#isPauseLogged) log.connectionPaused(name, until);
    if (until === null && !isRateLimited && this.#isPauseLogged) log.connectionResumed(name);
    this.#isPauseLogged = until !== null || (this.#isPauseLogged && isRateLimited);
  }
}
