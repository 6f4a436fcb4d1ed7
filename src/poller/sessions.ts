import type { CancelTimer, Clock, EpochMs } from '../base/clock.ts';
import { ApiError, failureOf } from '../client/failures.ts';
import { SCHEDULED_SHARE } from '../domain/environment.ts';
import { isRejectedOnTheWay } from '../domain/failure.ts';
import type { EnvironmentState, StateStore } from '../state/environment-state.ts';
import { longRuns, longRunsUpdated, sessionFailed, sessionGone, sessionRead } from '../state/sessions.ts';
import type { PollConnection } from './reads.ts';

/** How often the live items are checked for runs that have become long, and how often it is tried to read one. */
const LOOK_EVERY_MS = 5000;
/** The part of the scheduled requests that sessions may take, and which part of the budget must be unused. */
const SESSION_SHARE = 0.1;
const ENOUGH_SPARE = 0.05;
/** An environment whose session could not be read is left alone for this long. */
const PAUSE_MS = 600_000;
/** A session that is unknown or cannot be read: nobody mends that within minutes. */
const LONG_PAUSE_MS = 3_600_000;
const NEVER = Number.NEGATIVE_INFINITY;

/** When a session was last tried, and until when it is left alone; monotonic. */
interface Tries {
  at: number;
  until: number;
}

/** A session that may be read. */
interface Target {
  readonly environmentId: string;
  readonly sessionId: string;
  readonly acknowledgedAt: EpochMs;
  readonly tries: Tries;
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
  /** By the ids of an environment and of a session. */
  #tries = new Map<string, Tries>();
  /** Until when environments are left alone, monotonic. */
  readonly #pauses = new Map<string, number>();
  #reading: Promise<void> | null = null;
  /** When the next request may be sent. */
  #paceUntil = NEVER;
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
    this.#pauses.clear();
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
      this.#reading = this.#read(target).finally(() => this.#lookIn(this.#paceUntil - clock.monotonic()));
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
    let next: Target | null = null;
    for (const environmentId of this.#deps.environmentIds()) {
      const state = this.#deps.states.get(environmentId);
      if (state === undefined) continue;
      const { intervalMs, maxItems } = state.environment.sessions;
      const targets = Array.from(this.#longRuns(state), ([sessionId, acknowledgedAt]): Target => {
        const key = `${environmentId} ${sessionId}`;
        const tries = this.#tries.get(key) ?? { at: NEVER, until: NEVER };
        kept.set(key, tries);
        return { environmentId, sessionId, acknowledgedAt, tries };
      });
      const ready = targets.filter(({ tries }) => tries.at <= now - intervalMs);
      if ((this.#pauses.get(environmentId) ?? NEVER) > now || targets.length - ready.length >= maxItems) continue;
      for (const target of ready)
        if (target.tries.until <= now && (next === null || target.tries.at < next.tries.at)) next = target;
    }
    this.#tries = kept;
    return next;
  }

  #longRuns(state: EnvironmentState): ReadonlyMap<string, EpochMs> {
    const { states, clock, connection } = this.#deps;
    const { api, skewMs } = connection();
    const { id, sessions } = state.environment;
    const attempted = sessions.enabled && api.credentialFor('session', id) !== null;
    const runs = attempted ? longRuns(state, clock.now() + skewMs()) : new Map<string, EpochMs>();
    states.update(id, (before) => longRunsUpdated(before, { attempted, runs, now: clock.now() }));
    return runs;
  }

  /** The status comes first: the last idle event of a session that is running again is history. */
  async #read({ environmentId: id, sessionId, acknowledgedAt, tries }: Target): Promise<void> {
    const { states, clock, connection } = this.#deps;
    const { api, budget } = connection();
    const { signal } = this.#abort;
    const begunAt = clock.monotonic();
    tries.at = begunAt;
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
      if (isOfSession) tries.until = now + LONG_PAUSE_MS;
      // Another key may read the next one.
      else if (api.credentialFor('session', id)?.kind === keyBefore)
        this.#pauses.set(id, now + Math.max(PAUSE_MS, askedMs));
    } finally {
      this.#paceUntil = begunAt + (requests * 60_000) / (SESSION_SHARE * SCHEDULED_SHARE * budget.perMinute);
    }
  }
}
