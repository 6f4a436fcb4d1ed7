import { isRejectedOnTheWay } from '../domain/failure.ts';
import { dueSessions, type EnvironmentRuns, type SessionTarget } from '../sessions/due-sessions.ts';
import { readSession, type SessionOutcome } from '../sessions/read-session.ts';
import { SessionMemory } from '../sessions/session-memory.ts';
import { SessionQuota } from '../sessions/session-quota.ts';
import { longRunsUpdated, sessionFailed, sessionGone, sessionRead } from '../state/apply-sessions.ts';
import { longRuns, NO_RUNS } from '../state/long-runs.ts';
import type { PollConnection } from './reads/poll-connection.ts';
import type { PollerDeps } from './reads/poller-deps.ts';

/** How often the live items are checked for runs that have become long. */
const LOOK_EVERY_MS = 5000;
/** The fraction of the slots that sessions may hold together; at least one slot. */
const SLOTS_SHARE = 0.25;
const NO_TARGETS: readonly SessionTarget[] = [];
/** An environment whose sessions can be read, but without a long run. A constant, because nearly all are like that. */
const READABLE = 'readable';

interface SessionReadsDeps extends Pick<PollerDeps, 'states' | 'clock'> {
  readonly connection: () => PollConnection;
  /** Scheduled environments whose lists are read. */
  readonly environmentIds: () => readonly string[];
  /** Tells the scheduler to continue: a read has ended. */
  readonly pump: () => void;
}

/**
 * When sessions of one connection are read: with what stats and lists leave of the budget, and never beyond the quota
 * (docs/design/progress.md#the-budget).
 */
export class SessionReads {
  readonly #deps: SessionReadsDeps;
  #memory = new SessionMemory();
  readonly #quota: SessionQuota;
  readonly #running = new Map<string, Promise<void>>();
  readonly #abort = new AbortController();
  #due: readonly SessionTarget[] = NO_TARGETS;
  #lookAt = Number.NEGATIVE_INFINITY;
  #ids: readonly string[] = [];
  /** The same ids as a set. */
  #present: ReadonlySet<string> = new Set();

  constructor(deps: SessionReadsDeps) {
    this.#deps = deps;
    this.#quota = new SessionQuota(() => deps.connection().budget, deps.clock);
  }

  /** Environments or settings have changed: checks at once. */
  changed(): void {
    this.#lookAt = Number.NEGATIVE_INFINITY;
  }

  /** Forgets what was refused or unknown: another server, or another key, may answer otherwise. */
  forget(): void {
    this.#memory = new SessionMemory();
    this.changed();
  }

  /**
   * Starts the reads that are possible while nothing else is due. Returns the milliseconds until there may be more to
   * do; Infinity for never.
   */
  pump(): number {
    const now = this.#deps.clock.monotonic();
    const untilLook = this.#look(now);
    const slots = Math.max(1, Math.floor(SLOTS_SHARE * this.#deps.connection().maxConcurrent));
    while (this.#due.length > 0 && this.#running.size < slots) {
      const wait = this.#untilToken();
      if (wait > 0) return Math.min(wait, untilLook);
      const [target, ...rest] = this.#due;
      this.#due = rest;
      this.#start(target!, now);
    }
    return untilLook;
  }

  async stop(): Promise<void> {
    this.#abort.abort();
    this.#due = NO_TARGETS;
    await Promise.all(this.#running.values());
  }

  /**
   * Takes the tokens for one read and returns 0, or returns the milliseconds until that may be possible. It waits for a full
   * bucket: then nobody else needs those requests.
   */
  #untilToken(): number {
    const { budget } = this.#deps.connection();
    const wait = Math.max(this.#quota.untilNextMs(), Math.ceil(budget.timeUntilFullMs()));
    if (wait > 0) return wait;
    if (!budget.tryTake()) return Math.max(1, Math.ceil(budget.timeUntilNextMs()));
    this.#quota.tryTake();
    return 0;
  }

  /** Updates what is due, if it is time; returns the milliseconds until the next check. */
  #look(now: number): number {
    if (now < this.#lookAt) return this.#lookAt - now;
    const ids = this.#deps.environmentIds();
    if (ids !== this.#ids) [this.#ids, this.#present] = [ids, new Set(ids)];
    const withRuns: EnvironmentRuns[] = [];
    let isAnyReadable = false;
    for (const id of ids) {
      const environment = this.#runsOf(id, now);
      if (environment === null) continue;
      isAnyReadable = true;
      if (environment !== READABLE) withRuns.push(environment);
    }
    this.#memory.keepEnvironments(this.#present);
    this.#due = dueSessions(withRuns, this.#memory, now).filter(({ sessionId }) => !this.#running.has(sessionId));
    this.#lookAt = now + LOOK_EVERY_MS;
    // If no session can be read, there is nothing to wake up for.
    return isAnyReadable ? LOOK_EVERY_MS : Number.POSITIVE_INFINITY;
  }

  /** The long runs of an environment; null if its sessions cannot be read, `READABLE` while none is long. */
  #runsOf(environmentId: string, now: number): EnvironmentRuns | typeof READABLE | null {
    const { states, clock, connection } = this.#deps;
    const state = states.get(environmentId);
    if (state === undefined) return null;
    const settings = state.environment.sessions;
    const { api, skewMs } = connection();
    const readable = settings.enabled && api.credentialFor('session', environmentId) !== null;
    const attempted = readable && !this.#memory.isMissing(now);
    const runs = attempted ? longRuns(state, clock.now() + skewMs()) : NO_RUNS;
    this.#memory.keep(environmentId, runs);
    states.update(environmentId, (before) => longRunsUpdated(before, { attempted, runs, now: clock.now() }));
    if (!readable) return null;
    return runs.size === 0 ? READABLE : { environmentId, settings, runs };
  }

  #start(target: SessionTarget, now: number): void {
    const { environmentId, sessionId } = target;
    this.#memory.tried(environmentId, sessionId, now);
    const done = this.#read(target).finally(() => {
      this.#running.delete(sessionId);
      this.#deps.pump();
    });
    this.#running.set(sessionId, done);
  }

  async #read(target: SessionTarget): Promise<void> {
    const { clock, states, connection } = this.#deps;
    const { signal } = this.#abort;
    const { api } = connection();
    const { environmentId } = target;
    const maxAgeMs = states.get(environmentId)?.environment.sessions.intervalMs ?? 0;
    const keyBefore = api.credentialFor('session', environmentId)?.kind;
    try {
      const outcome = await readSession(api, target, { clock, signal, maxAgeMs });
      this.#quota.giveBack(2 - outcome.requests);
      const keyAfter = api.credentialFor('session', environmentId)?.kind;
      this.#keep(target, outcome, { otherKey: keyAfter !== keyBefore });
    } catch (error) {
      // Called off: that says nothing about the session.
      if (!signal.aborted) throw error;
    }
  }

  #keep(target: SessionTarget, outcome: SessionOutcome, { otherKey }: { otherKey: boolean }): void {
    const { clock, states } = this.#deps;
    const { environmentId, sessionId } = target;
    const now = clock.monotonic();
    if (outcome.kind === 'read') {
      this.#memory.read(environmentId, sessionId);
      states.update(environmentId, (state) => sessionRead(state, sessionId, outcome.reading));
    } else if (outcome.kind === 'gone') {
      this.#memory.notFound(environmentId, sessionId, now);
      states.update(environmentId, (state) => sessionGone(state, sessionId));
      if (this.#memory.isMissing(now)) this.changed();
    } else {
      const { failure, retryAfterMs } = outcome;
      const isUnreadable = failure.reason === 'bad_response' && !isRejectedOnTheWay(failure);
      // Another key may still work: then the next session is read with it.
      if (isUnreadable) this.#memory.unreadable(environmentId, sessionId, now);
      else if (!otherKey) this.#memory.failed(environmentId, failure, { now, retryAfterMs });
      states.update(environmentId, (state) => sessionFailed(state, failure, clock.now()));
      this.#due = this.#due.filter((due) => this.#memory.pausedUntil(due.environmentId) <= now);
    }
  }
}
