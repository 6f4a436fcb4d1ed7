import type { CancelTimer, Clock } from '../base/clock.ts';
import { ApiError, failureOf } from '../client/failures.ts';
import { SCHEDULED_SHARE } from '../domain/environment.ts';
import { isRejectedOnTheWay } from '../domain/failure.ts';
import type { StateStore } from '../state/environment-state.ts';
import { type LongRun, longRuns, longRunsUpdated, sessionFailed, sessionGone, sessionRead } from '../state/sessions.ts';
import type { PollConnection } from './poll-connection.ts';

/** How often the live items are checked for runs that have become long, and how often it is tried to read one. */
const LOOK_EVERY_MS = 5000;
/** The part of the scheduled requests that sessions may take, and which part of the budget must be unused. */
const SESSION_SHARE = 0.1;
const ENOUGH_SPARE = 0.05;
const FIRST_PAUSE_MS = 60_000;
const LONGEST_PAUSE_MS = 3_600_000;
/** Nobody replaces a refused key within minutes, and no service learns what a session is. */
const LONG_FIRST_PAUSE_MS = 600_000;
/** After so many different unknown sessions, and none that was ever read, the service counts as one without sessions. */
const ENOUGH_UNKNOWN = 3;
const MOST_DOUBLINGS = 10;

/** What was tried in vain is left alone for a while, twice as long each time. Times are monotonic milliseconds. */
class Pause {
  until = Number.NEGATIVE_INFINITY;
  #failures = 0;

  failed(now: number, firstMs = FIRST_PAUSE_MS, leastMs = 0): void {
    const ms = Math.min(firstMs * 2 ** Math.min(this.#failures++, MOST_DOUBLINGS), LONGEST_PAUSE_MS);
    this.until = now + Math.max(ms, leastMs);
  }

  ended(): void {
    this.#failures = 0;
    this.until = Number.NEGATIVE_INFINITY;
  }
}

interface Tried {
  /** When it was last tried. */
  at: number;
  readonly pause: Pause;
}

interface EnvironmentRuns {
  readonly id: string;
  readonly pause: Pause;
  /** By session id. */
  readonly tried: Map<string, Tried>;
  runs: ReadonlyMap<string, LongRun>;
}

interface Target extends LongRun {
  readonly environment: EnvironmentRuns;
}

export interface SessionReadsDeps {
  readonly states: StateStore;
  readonly clock: Clock;
  readonly connection: () => PollConnection;
  /** Environments whose lists are read. */
  readonly environmentIds: () => Iterable<string>;
  /** Whether no stats or list is due. */
  readonly isIdle: () => boolean;
}

/**
 * Reads the sessions of long runs, one after the other, the least recently read first: only while stats and lists leave
 * something of the budget, and never more than a tenth of it.
 */
export class SessionReads {
  readonly #deps: SessionReadsDeps;
  readonly #abort = new AbortController();
  #environments = new Map<string, EnvironmentRuns>();
  /** Of the service: it seems to have no sessions. */
  #lacking = new Pause();
  readonly #unknown = new Set<string>();
  #wasEverRead = false;
  #reading: Promise<void> | null = null;
  /** When the next request may be sent. */
  #paceUntil = Number.NEGATIVE_INFINITY;
  #cancelTimer: CancelTimer = () => {};

  constructor(deps: SessionReadsDeps) {
    this.#deps = deps;
  }

  start(): void {
    this.#look();
  }

  /** Forgets what was refused or unknown: another server, or another key, may answer otherwise. */
  forget(): void {
    this.#environments = new Map();
    this.#lacking = new Pause();
    this.#unknown.clear();
    this.#wasEverRead = false;
  }

  async stop(): Promise<void> {
    this.#abort.abort();
    this.#cancelTimer();
    await this.#reading;
  }

  /** Learns which runs are long now, and reads one of their sessions if that is possible. */
  #look(): void {
    const { clock, connection, isIdle } = this.#deps;
    const { budget } = connection();
    const now = clock.monotonic();
    this.#update(now);
    const target = this.#next(now);
    const mayRead =
      target !== null && isIdle() && budget.isFree && budget.spare >= ENOUGH_SPARE && now >= this.#paceUntil;
    if (mayRead) {
      this.#reading = this.#read(target).finally(() => {
        this.#reading = null;
        this.#lookIn(this.#paceUntil - clock.monotonic());
      });
      return;
    }
    const untilPaceMs = target === null ? LOOK_EVERY_MS : Math.max(this.#paceUntil - now, 1000);
    this.#lookIn(untilPaceMs);
  }

  #lookIn(ms: number): void {
    if (this.#abort.signal.aborted) return;
    this.#cancelTimer = this.#deps.clock.setTimer(Math.min(Math.max(ms, 1), LOOK_EVERY_MS), () => this.#look());
  }

  #update(now: number): void {
    const { states, clock, environmentIds, connection } = this.#deps;
    const { api, skewMs } = connection();
    const known = this.#environments;
    this.#environments = new Map();
    for (const id of environmentIds()) {
      const state = states.get(id);
      if (state === undefined) continue;
      const isReadable = state.environment.sessions.enabled && api.credentialFor('session', id) !== null;
      const attempted = isReadable && now >= this.#lacking.until;
      const runs = attempted ? longRuns(state, clock.now() + skewMs()) : new Map<string, LongRun>();
      states.update(id, (before) => longRunsUpdated(before, { attempted, runs, now: clock.now() }));
      const environment = known.get(id) ?? { id, pause: new Pause(), tried: new Map(), runs };
      environment.runs = runs;
      for (const sessionId of environment.tried.keys()) if (!runs.has(sessionId)) environment.tried.delete(sessionId);
      this.#environments.set(id, environment);
    }
  }

  /** Each session is read at most once per interval, and at most `maxItems` of an environment within one. */
  #next(now: number): Target | null {
    let [next, nextAt]: [Target | null, number] = [null, Number.POSITIVE_INFINITY];
    for (const environment of this.#environments.values()) {
      const { id, pause, tried, runs } = environment;
      if (runs.size === 0 || now < pause.until) continue;
      const { intervalMs, maxItems } = this.#deps.states.get(id)!.environment.sessions;
      let lately = 0;
      for (const { at } of tried.values()) if (at > now - intervalMs) lately++;
      if (lately >= maxItems) continue;
      for (const run of runs.values()) {
        const { at, pause } = tried.get(run.sessionId) ?? { at: Number.NEGATIVE_INFINITY, pause: null };
        const mayBeRead = at <= now - intervalMs && now >= (pause?.until ?? now);
        if (mayBeRead && (next === null || at < nextAt)) [next, nextAt] = [{ ...run, environment }, at];
      }
    }
    return next;
  }

  /** The status comes first: the last idle event of a session that is running again is history. */
  async #read({ environment, sessionId, acknowledgedAt }: Target): Promise<void> {
    const { states, clock, connection } = this.#deps;
    const { api, budget } = connection();
    const { id, pause } = environment;
    const { signal } = this.#abort;
    const begunAt = clock.monotonic();
    const tried: Tried = { at: begunAt, pause: environment.tried.get(sessionId)?.pause ?? new Pause() };
    environment.tried.set(sessionId, tried);
    const keyBefore = api.credentialFor('session', id)?.kind;
    // Nothing waits for it: a failed read is repeated when its turn comes.
    const options = { signal, maxAgeMs: states.get(id)?.environment.sessions.intervalMs ?? 0, retry: false };
    let requests = 1;
    try {
      const { value: facts } = await api.session(id, sessionId, options);
      const isIdle = facts.status === 'idle';
      if (isIdle) requests++;
      const idle = isIdle ? (await api.lastIdleEvent(id, sessionId, options)).value : null;
      this.#wasEverRead = true;
      this.#unknown.clear();
      pause.ended();
      tried.pause.ended();
      states.update(id, (state) => sessionRead(state, sessionId, { acknowledgedAt, readAt: clock.now(), facts, idle }));
    } catch (error) {
      // Called off: that says nothing about the session.
      if (signal.aborted) return;
      const failure = failureOf(error);
      const now = clock.monotonic();
      if (failure.reason === 'not_found') {
        tried.pause.failed(now);
        this.#noteUnknown(sessionId, now);
        states.update(id, (state) => sessionGone(state, sessionId));
        return;
      }
      states.update(id, (state) => sessionFailed(state, failure, clock.now()));
      if (failure.reason === 'bad_response' && !isRejectedOnTheWay(failure)) {
        // That of one session cannot be read, such as one too large.
        tried.pause.failed(now);
      } else if (api.credentialFor('session', id)?.kind === keyBefore) {
        const isRefused = failure.reason === 'unauthorized' || failure.reason === 'forbidden';
        const retryAfterMs = error instanceof ApiError ? (error.retryAfterMs ?? 0) : 0;
        pause.failed(now, isRefused ? LONG_FIRST_PAUSE_MS : FIRST_PAUSE_MS, retryAfterMs);
      }
    } finally {
      this.#paceUntil = begunAt + (requests * 60_000) / (SESSION_SHARE * SCHEDULED_SHARE * budget.perMinute);
    }
  }

  /** A session is gone, or there are no sessions at all. A misrouted gateway answers like that too, so not for ever. */
  #noteUnknown(sessionId: string, now: number): void {
    if (this.#wasEverRead || this.#unknown.add(sessionId).size < ENOUGH_UNKNOWN) return;
    this.#unknown.clear();
    this.#lacking.failed(now, LONG_FIRST_PAUSE_MS);
    this.#update(now);
  }
}
