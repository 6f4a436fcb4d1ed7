import { isRejectedOnTheWay } from '../domain/failure.ts';
import { dueSessions, type EnvironmentRuns, type SessionTarget } from '../sessions/due-sessions.ts';
import type { SessionOutcome } from '../sessions/read-session.ts';
import { SessionMemory } from '../sessions/session-memory.ts';
import { longRunsUpdated, sessionFailed, sessionGone, sessionRead } from '../state/apply-sessions.ts';
import { longRuns, NO_RUNS } from '../state/long-runs.ts';
import type { PollConnection } from './reads/poll-connection.ts';
import type { PollerDeps } from './reads/poller-deps.ts';

/** How often the live items are checked for runs that have become long, ms. */
const UPDATE_EVERY_MS = 5000;
const NO_TARGETS: readonly SessionTarget[] = [];
/** An environment whose sessions can be read, but without a long run. A constant, because nearly all are like that. */
const READABLE = 'readable';

export interface SessionTargetsDeps extends Pick<PollerDeps, 'states' | 'clock'> {
  readonly connection: () => PollConnection;
  /** Scheduled environments whose lists are read. */
  readonly environmentIds: () => readonly string[];
  /** Whether a read of the session is under way. */
  readonly isRunning: (sessionId: string) => boolean;
}

/** Which sessions of one connection are due, and what becomes of them after a read. Times are monotonic. */
export class SessionTargets {
  readonly #deps: SessionTargetsDeps;
  #memory = new SessionMemory();
  #due: readonly SessionTarget[] = NO_TARGETS;
  #updateAt = Number.NEGATIVE_INFINITY;
  #ids: readonly string[] = [];
  /** The same ids as a set. */
  #present: ReadonlySet<string> = new Set();

  constructor(deps: SessionTargetsDeps) {
    this.#deps = deps;
  }

  /** Environments or settings have changed: checks at once. */
  environmentsChanged(): void {
    this.#updateAt = Number.NEGATIVE_INFINITY;
  }

  /** Forgets what was refused or unknown: another server, or another key, may answer otherwise. */
  forget(): void {
    this.#memory = new SessionMemory();
    this.environmentsChanged();
  }

  get isEmpty(): boolean {
    return this.#due.length === 0;
  }

  /** The session that was read least recently, of those that are due; its read begins now. */
  take(now: number): SessionTarget {
    const [target, ...rest] = this.#due;
    this.#due = rest;
    this.#memory.tried(target!.environmentId, target!.sessionId, now);
    return target!;
  }

  /** Nothing more is read. */
  clear(): void {
    this.#due = NO_TARGETS;
  }

  /** Updates what is due, if it is time; returns the milliseconds until the next check. */
  update(now: number): number {
    if (now < this.#updateAt) return this.#updateAt - now;
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
    this.#memory.keepOnlyEnvironments(this.#present);
    this.#due = dueSessions(withRuns, this.#memory, now).filter(({ sessionId }) => !this.#deps.isRunning(sessionId));
    this.#updateAt = now + UPDATE_EVERY_MS;
    // If no session can be read, there is nothing to wake up for.
    return isAnyReadable ? UPDATE_EVERY_MS : Number.POSITIVE_INFINITY;
  }

  /** The long runs of an environment; null if its sessions cannot be read, `READABLE` while none is long. */
  #runsOf(environmentId: string, now: number): EnvironmentRuns | typeof READABLE | null {
    const { states, clock, connection } = this.#deps;
    const state = states.get(environmentId);
    if (state === undefined) return null;
    const settings = state.environment.sessions;
    const { api, skewMs } = connection();
    const readable = settings.enabled && api.credentialFor('session', environmentId) !== null;
    const attempted = readable && !this.#memory.serviceLacksSessions(now);
    const runs = attempted ? longRuns(state, clock.now() + skewMs()) : NO_RUNS;
    this.#memory.keepOnly(environmentId, runs);
    states.update(environmentId, (before) => longRunsUpdated(before, { attempted, runs, now: clock.now() }));
    if (!readable) return null;
    return runs.size === 0 ? READABLE : { environmentId, settings, runs };
  }

  /** What a read showed. @param otherKey whether the read began with another key than the one in use now */
  ended(target: SessionTarget, outcome: SessionOutcome, { otherKey }: { otherKey: boolean }): void {
    const { clock, states } = this.#deps;
    const { environmentId, sessionId } = target;
    const now = clock.monotonic();
    if (outcome.kind === 'read') {
      this.#memory.readSucceeded(environmentId, sessionId);
      states.update(environmentId, (state) => sessionRead(state, sessionId, outcome.reading));
    } else if (outcome.kind === 'gone') {
      this.#memory.notFound(environmentId, sessionId, now);
      states.update(environmentId, (state) => sessionGone(state, sessionId));
      if (this.#memory.serviceLacksSessions(now)) this.environmentsChanged();
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
