import type { SessionTarget } from '../sessions/due-sessions.ts';
import { readSession } from '../sessions/read-session.ts';
import { SessionQuota } from '../sessions/session-quota.ts';
import { SessionTargets, type SessionTargetsDeps } from './session-targets.ts';

/** The fraction of the slots that sessions may hold together; at least one slot. */
const SLOTS_SHARE = 0.25;

interface SessionReadsDeps extends Omit<SessionTargetsDeps, 'isRunning'> {
  /** Lets the scheduler start what is due: a read has ended. */
  readonly dispatch: () => void;
}

/**
 * When sessions of one connection are read: with what stats and lists leave of the budget, and never beyond the quota
 * (docs/design/progress.md#the-budget).
 */
export class SessionReads {
  readonly #deps: SessionReadsDeps;
  readonly #targets: SessionTargets;
  readonly #quota: SessionQuota;
  readonly #running = new Map<string, Promise<void>>();
  readonly #abort = new AbortController();

  constructor(deps: SessionReadsDeps) {
    this.#deps = deps;
    this.#targets = new SessionTargets({ ...deps, isRunning: (sessionId) => this.#running.has(sessionId) });
    this.#quota = new SessionQuota(() => deps.connection().budget, deps.clock);
  }

  /** Environments or settings have changed: checks at once. */
  environmentsChanged(): void {
    this.#targets.environmentsChanged();
  }

  /** Forgets what was refused or unknown: another server, or another key, may answer otherwise. */
  forget(): void {
    this.#targets.forget();
  }

  /**
   * Starts the reads that are possible while nothing else is due. Returns the milliseconds until there may be more to
   * do; Infinity for never.
   */
  startDue(): number {
    const now = this.#deps.clock.monotonic();
    const untilUpdateMs = this.#targets.update(now);
    const slots = Math.max(1, Math.floor(SLOTS_SHARE * this.#deps.connection().maxConcurrent));
    while (!this.#targets.isEmpty && this.#running.size < slots) {
      const wait = this.#untilToken();
      if (wait > 0) return Math.min(wait, untilUpdateMs);
      this.#start(this.#targets.take(now));
    }
    return untilUpdateMs;
  }

  async stop(): Promise<void> {
    this.#abort.abort();
    this.#targets.clear();
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
    this.#quota.tryTakeForRead();
    return 0;
  }

  #start(target: SessionTarget): void {
    const { sessionId } = target;
    const done = this.#read(target).finally(() => {
      this.#running.delete(sessionId);
      this.#deps.dispatch();
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
      this.#targets.ended(target, outcome, { otherKey: keyAfter !== keyBefore });
    } catch (error) {
      // Called off: that says nothing about the session.
      if (!signal.aborted) throw error;
    }
  }
}
