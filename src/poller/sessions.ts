import type { CancelTimer, Clock } from '../base/clock.ts';
import { ApiError, failureOf } from '../client/failures.ts';
import { SCHEDULED_SHARE } from '../domain/environment.ts';
import { isRejectedOnTheWay } from '../domain/failure.ts';
import type { EnvironmentState, StateStore } from '../state/environment-state.ts';
import { type LongRun, longRuns, longRunsUpdated, sessionFailed, sessionGone, sessionRead } from '../state/sessions.ts';
import type { PollConnection } from './reads.ts';

/** How often the live items are checked for runs that have become long, and how often it is tried to read one. */
const LOOK_EVERY_MS = 5000;
/** The part of the scheduled requests that sessions may take, and which part of the budget must be unused. */
const SESSION_SHARE = 0.1;
const ENOUGH_SPARE = 0.05;
/** An environment whose session could not be read is left alone for this long. */
const PAUSE_MS = 600_000;
/** A session that is unknown or cannot be read, and a service that seems to have none: nobody mends that within minutes. */
const LONG_PAUSE_MS = 3_600_000;
/** After so many different unknown sessions, and none that was ever read, the service counts as one without sessions. */
const ENOUGH_UNKNOWN = 3;
const NEVER = Number.NEGATIVE_INFINITY;

/** Of a session, or of all of an environment: when it was last tried, and until when it is left alone; monotonic. */
interface Tries {
  at: number;
  until: number;
}

/** A session that may be read. */
interface Target extends LongRun {
  readonly environmentId: string;
  readonly session: Tries;
  readonly environment: Tries;
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
  /** By the id of an environment, or by that and the id of a session. */
  #tries = new Map<string, Tries>();
  /** Of the service: it seems to have no sessions. */
  #lackingUntil = NEVER;
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
    this.#tries.clear();
    this.#lackingUntil = NEVER;
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
    const target = this.#next(now);
    const mayRead = isIdle() && budget.isFree && budget.spare >= ENOUGH_SPARE && now >= this.#paceUntil;
    if (target !== null && mayRead) {
      this.#reading = this.#read(target).finally(() => {
        this.#reading = null;
        this.#lookIn(this.#paceUntil - clock.monotonic());
      });
    } else this.#lookIn(target === null ? LOOK_EVERY_MS : Math.max(this.#paceUntil - now, 1000));
  }

  #lookIn(ms: number): void {
    if (this.#abort.signal.aborted) return;
    this.#cancelTimer = this.#deps.clock.setTimer(Math.min(Math.max(ms, 1), LOOK_EVERY_MS), () => this.#look());
  }

  /** Each session is read at most once per interval, and at most `maxItems` of an environment within one. */
  #next(now: number): Target | null {
    // Only of what there still is.
    const kept = new Map<string, Tries>();
    const triesOf = (key: string) => {
      const tries = this.#tries.get(key) ?? { at: NEVER, until: NEVER };
      kept.set(key, tries);
      return tries;
    };
    let next: Target | null = null;
    for (const id of this.#deps.environmentIds()) {
      const state = this.#deps.states.get(id);
      if (state === undefined) continue;
      const { intervalMs, maxItems } = state.environment.sessions;
      const environment = triesOf(id);
      const runs = [...this.#longRuns(state, now).values()].map((run) => {
        return { ...run, environmentId: id, environment, session: triesOf(`${id} ${run.sessionId}`) };
      });
      const lately = runs.filter(({ session }) => session.at > now - intervalMs).length;
      if (environment.until > now || lately >= maxItems) continue;
      for (const run of runs) {
        if (run.session.at > now - intervalMs || run.session.until > now) continue;
        if (next === null || run.session.at < next.session.at) next = run;
      }
    }
    this.#tries = kept;
    return next;
  }

  #longRuns(state: EnvironmentState, now: number): ReadonlyMap<string, LongRun> {
    const { states, clock, connection } = this.#deps;
    const { api, skewMs } = connection();
    const { id, sessions } = state.environment;
    const attempted = sessions.enabled && api.credentialFor('session', id) !== null && now >= this.#lackingUntil;
    const runs = attempted ? longRuns(state, clock.now() + skewMs()) : new Map<string, LongRun>();
    states.update(id, (before) => longRunsUpdated(before, { attempted, runs, now: clock.now() }));
    return runs;
  }

  /** The status comes first: the last idle event of a session that is running again is history. */
  async #read({ environmentId: id, sessionId, acknowledgedAt, session, environment }: Target): Promise<void> {
    const { states, clock, connection } = this.#deps;
    const { api, budget } = connection();
    const { signal } = this.#abort;
    const begunAt = clock.monotonic();
    session.at = begunAt;
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
      states.update(id, (state) => sessionRead(state, sessionId, { acknowledgedAt, readAt: clock.now(), facts, idle }));
    } catch (error) {
      // Called off: that says nothing about the session.
      if (signal.aborted) return;
      const failure = failureOf(error);
      const now = clock.monotonic();
      if (failure.reason === 'not_found') {
        session.until = now + LONG_PAUSE_MS;
        this.#noteUnknown(sessionId, now);
        states.update(id, (state) => sessionGone(state, sessionId));
        return;
      }
      states.update(id, (state) => sessionFailed(state, failure, clock.now()));
      const retryAfterMs = error instanceof ApiError ? (error.retryAfterMs ?? 0) : 0;
      // That of one session cannot be read, such as one too large.
      if (failure.reason === 'bad_response' && !isRejectedOnTheWay(failure)) session.until = now + LONG_PAUSE_MS;
      // Another key may read the next one.
      else if (api.credentialFor('session', id)?.kind === keyBefore)
        environment.until = now + Math.max(PAUSE_MS, retryAfterMs);
    } finally {
      this.#paceUntil = begunAt + (requests * 60_000) / (SESSION_SHARE * SCHEDULED_SHARE * budget.perMinute);
    }
  }

  /** A session is gone, or there are no sessions at all. A misrouted gateway answers like that too, so not for ever. */
  #noteUnknown(sessionId: string, now: number): void {
    if (this.#wasEverRead || this.#unknown.add(sessionId).size < ENOUGH_UNKNOWN) return;
    this.#unknown.clear();
    this.#lackingUntil = now + LONG_PAUSE_MS;
  }
}
