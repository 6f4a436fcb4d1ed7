import type { CancelTimer, Clock } from '../base/clock.ts';
import { PriorityQueue } from '../base/priority-queue.ts';
import { ApiError, failureOf } from '../client/failures.ts';
import { type Environment, SCHEDULED_SHARE } from '../domain/environment.ts';
import { isRejectedOnTheWay } from '../domain/failure.ts';
import type { EnvironmentState, StateStore } from '../state/environment-state.ts';
import {
  longRuns,
  longRunsUpdated,
  readingLifeMs,
  sessionFailed,
  sessionGone,
  sessionRead,
  untilLongRunsChangeMs,
} from '../state/sessions.ts';
import type { PollConnection } from './reads.ts';
import { type LongRun, SessionQueue } from './session-queue.ts';

/** Runs that become long one soon after the other are learned together, at most this late. */
const LEARN_TOGETHER_MS = 5000;
/** A session is due, and stats, lists or the budget leave no room for it: how soon that is tried again. */
const RETRY_MS = 1000;
/** The part of the scheduled requests that sessions may take, and which part of the budget must be unused. */
const SESSION_SHARE = 0.1;
const ENOUGH_SPARE = 0.05;
/** An environment whose session could not be read is left alone for this long. */
const PAUSE_MS = 600_000;
/** A session that is unknown or cannot be read: nobody mends that within minutes. */
const LONG_PAUSE_MS = 3_600_000;

export interface SessionReadsDeps {
  readonly states: StateStore;
  readonly clock: Clock;
  readonly connection: () => PollConnection;
  /** Whether no stats or list is due. */
  readonly isIdle: () => boolean;
}

/**
 * Reads the sessions of long runs, one after the other, the least recently read first: only while stats and lists leave
 * something of the budget, and never more than a tenth of it. Which runs are long is learned when a list was read, and when
 * the time has come at which a run becomes long; in between, nothing walks over items.
 */
export class SessionReads {
  readonly #deps: SessionReadsDeps;
  readonly #abort = new AbortController();
  #queue = new SessionQueue();
  /** Environments whose long runs or readings change by time alone, by when that is; monotonic. */
  readonly #toLearn = new PriorityQueue<string>();
  /** Environments whose lists are read, as they were configured when their long runs were learned; null before. */
  #listed = new Map<string, Environment | null>();
  #isRunning = false;
  #reading: Promise<void> | null = null;
  /** When the next request may be sent. */
  #paceUntil = Number.NEGATIVE_INFINITY;
  #cancelTimer: CancelTimer = () => {};

  constructor(deps: SessionReadsDeps) {
    this.#deps = deps;
  }

  start(): void {
    this.#isRunning = true;
    this.#learnChanged();
    this.#look();
  }

  /**
   * Reads sessions of exactly these environments from now on. `isOther`: another server, or another key, may answer otherwise, so
   * what was refused or unknown is forgotten.
   */
  use(environmentIds: ReadonlySet<string>, isOther: boolean): void {
    if (isOther) this.#queue = new SessionQueue();
    this.#queue.keepOnly(environmentIds);
    const previous = isOther ? new Map<string, Environment | null>() : this.#listed;
    this.#listed = new Map([...environmentIds].map((id) => [id, previous.get(id) ?? null]));
    if (!this.#isRunning) return;
    this.#learnChanged();
    this.#look();
  }

  /** The read of a list has ended: other runs may be long now, or none. */
  learn(environmentId: string): void {
    if (!this.#isRunning) return;
    this.#learn(environmentId);
    this.#look();
  }

  async stop(): Promise<void> {
    this.#isRunning = false;
    this.#abort.abort();
    this.#cancelTimer();
    await this.#reading;
  }

  /** Learns the long runs of the environments that are new or were configured anew. */
  #learnChanged(): void {
    for (const [id, learnedAs] of this.#listed) {
      const state = this.#deps.states.get(id);
      if (state === undefined) continue;
      const isSame = state.environment === learnedAs && state.sessions?.attempted === this.#isAttempted(state);
      if (!isSame) this.#learn(id);
    }
  }

  /** Learns which runs of an environment are long now, and when that changes by time alone. */
  #learn(environmentId: string): void {
    const { states, clock, connection } = this.#deps;
    const state = states.get(environmentId);
    this.#toLearn.delete(environmentId);
    if (state === undefined || !this.#listed.has(environmentId)) return;
    const now = clock.now();
    const apiNow = now + connection().skewMs();
    const attempted = this.#isAttempted(state);
    const runs = attempted ? longRuns(state, apiNow) : new Map<string, number>();
    const learned = longRunsUpdated(state, { attempted, runs, now });
    if (learned !== state) states.update(environmentId, () => learned);
    this.#listed.set(environmentId, state.environment);
    const settings = state.environment.sessions;
    this.#queue.update({ environmentId, settings, longRuns: runs }, clock.monotonic());
    if (attempted) this.#learnIn(environmentId, untilLongRunsChangeMs(learned, { now, apiNow }));
  }

  /** Learns the long runs of an environment again in so many milliseconds, or before. */
  #learnIn(environmentId: string, delayMs: number): void {
    if (delayMs === Number.POSITIVE_INFINITY) return;
    const learnAt = this.#deps.clock.monotonic() + Math.max(delayMs, LEARN_TOGETHER_MS);
    const plannedAt = this.#toLearn.priorityOf(environmentId) ?? Number.POSITIVE_INFINITY;
    this.#toLearn.set(environmentId, Math.min(learnAt, plannedAt));
  }

  #isAttempted({ environment: { id, sessions } }: EnvironmentState): boolean {
    return sessions.enabled && this.#deps.connection().api.credentialFor('session', id) !== null;
  }

  /** Learns what changes now, reads a session if one is due and there is room for it, and sleeps until there is more to do. */
  #look(): void {
    this.#cancelTimer();
    if (!this.#isRunning) return;
    const { clock } = this.#deps;
    const now = clock.monotonic();
    while (this.#toLearn.lowest <= now) this.#learn(this.#toLearn.first!);
    const run = this.#queue.next(now);
    if (run !== null && this.#mayRead(now)) {
      this.#reading = this.#read(run, now).finally(() => {
        this.#reading = null;
        this.#look();
      });
    }
    const sleepMs = Math.min(this.#untilReadMs(now), this.#toLearn.lowest - now);
    if (sleepMs === Number.POSITIVE_INFINITY) return;
    // Rounding must not end it before the time has come.
    this.#cancelTimer = clock.setTimer(Math.max(Math.ceil(sleepMs), 1), () => this.#look());
  }

  #mayRead(now: number): boolean {
    const { connection, isIdle } = this.#deps;
    if (this.#reading !== null || now < this.#paceUntil || !isIdle()) return false;
    const { budget } = connection();
    return budget.isFree && budget.spare >= ENOUGH_SPARE;
  }

  /** How long no session can be read, as far as that is known. */
  #untilReadMs(now: number): number {
    // The end of the read is the next occasion.
    if (this.#reading !== null) return Number.POSITIVE_INFINITY;
    if (this.#queue.next(now) === null) return this.#queue.nextDueAt - now;
    return now < this.#paceUntil ? this.#paceUntil - now : RETRY_MS;
  }

  /** The status comes first: the last idle event of a session that is running again is history. */
  async #read(run: LongRun, begunAt: number): Promise<void> {
    const { states, clock, connection } = this.#deps;
    const { environmentId: id, sessionId, acknowledgedAt } = run;
    const { api, budget } = connection();
    const { signal } = this.#abort;
    // A reload may replace it: what the old server or key answers says nothing about the new one.
    const queue = this.#queue;
    queue.tried(run, begunAt);
    const keyBefore = api.credentialFor('session', id)?.kind;
    // Nothing waits for it: a failed read is repeated when its turn comes.
    const options = { signal, maxAgeMs: states.get(id)?.environment.sessions.intervalMs ?? 0, retry: false };
    let requests = 1;
    try {
      const { value: facts } = await api.session(id, sessionId, options);
      const isIdle = facts.status === 'idle';
      if (isIdle) requests++;
      const idle = isIdle ? (await api.lastIdleEvent(id, sessionId, options)).value : null;
      states.update(id, (state) => sessionRead(state, sessionId, { acknowledgedAt, readAt: clock.now(), facts, idle }));
      const state = states.get(id);
      if (state !== undefined) this.#learnIn(id, readingLifeMs(state.environment) + 1);
    } catch (error) {
      // Called off: that says nothing about the session.
      if (signal.aborted) return;
      const failure = failureOf(error);
      const isUnknown = failure.reason === 'not_found';
      states.update(id, (state) =>
        isUnknown ? sessionGone(state, sessionId) : sessionFailed(state, failure, clock.now()),
      );
      // That of one session cannot be read, such as one too large.
      const isOfSession = isUnknown || (failure.reason === 'bad_response' && !isRejectedOnTheWay(failure));
      const askedMs = error instanceof ApiError ? (error.retryAfterMs ?? 0) : 0;
      const now = clock.monotonic();
      if (isOfSession) queue.leaveAlone(run, now + LONG_PAUSE_MS, now);
      // Another key may read the next one.
      else if (api.credentialFor('session', id)?.kind === keyBefore)
        queue.pause(id, now + Math.max(PAUSE_MS, askedMs), now);
    } finally {
      this.#paceUntil = begunAt + (requests * 60_000) / (SESSION_SHARE * SCHEDULED_SHARE * budget.perMinute);
    }
  }
}
