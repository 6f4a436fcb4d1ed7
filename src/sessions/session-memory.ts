import type { Failure } from '../domain/failure.ts';

/** After this many different unknown sessions, the service counts as one without sessions. */
const ENOUGH_UNKNOWN = 3;
/** The first pause after that: it may have been a temporary fault of a service that has sessions. */
const FIRST_MISSING_MS = 600_000;
const LONGEST_MISSING_MS = 86_400_000;
const FIRST_PAUSE_MS = 60_000;
const LONGEST_PAUSE_MS = 3_600_000;
/** Nobody replaces a refused key within minutes. */
const REFUSED_PAUSE_MS = 600_000;
const MOST_DOUBLINGS = 10;

interface Attempt {
  /** When the session was last tried. */
  readonly at: number;
  /** Not to be read again before this time. */
  readonly pausedUntil: number;
  /** How many times in a row the session was unknown, or its answer could not be read. */
  readonly inVain: number;
}

interface FailingReads {
  readonly failures: number;
  readonly pausedUntil: number;
}

/** When each session was tried, and what should be left alone for a while. Times are monotonic milliseconds. */
export class SessionMemory {
  /** By environment and session id. */
  readonly #attempts = new Map<string, Map<string, Attempt>>();
  readonly #failing = new Map<string, FailingReads>();
  readonly #unknown = new Set<string>();
  #everRead = false;
  /** How many times in a row the service seemed to have no sessions. */
  #timesLacking = 0;
  #lackingUntil = Number.NEGATIVE_INFINITY;

  /** Whether the service seems to have no sessions at all: then none are read for a while. */
  serviceLacksSessions(now: number): boolean {
    return now < this.#lackingUntil;
  }

  /** When an environment's sessions may be read again. */
  pausedUntil(environmentId: string): number {
    return this.#failing.get(environmentId)?.pausedUntil ?? Number.NEGATIVE_INFINITY;
  }

  /** When a session was last tried, -Infinity for never; and when it may be tried again. */
  attempt(environmentId: string, sessionId: string): Attempt {
    return this.#attempts.get(environmentId)?.get(sessionId) ?? NEVER;
  }

  /** How many sessions of an environment were tried since then. */
  triedSince(environmentId: string, since: number): number {
    let tried = 0;
    for (const { at } of this.#attempts.get(environmentId)?.values() ?? []) if (at > since) tried++;
    return tried;
  }

  /** A read of the session begins. */
  tried(environmentId: string, sessionId: string, now: number): void {
    const attempts = this.#attempts.get(environmentId) ?? new Map<string, Attempt>();
    const { inVain } = attempts.get(sessionId) ?? NEVER;
    this.#attempts.set(environmentId, attempts.set(sessionId, { ...NEVER, at: now, inVain }));
  }

  /** The session was read. */
  readSucceeded(environmentId: string, sessionId: string): void {
    this.#everRead = true;
    this.#unknown.clear();
    this.#failing.delete(environmentId);
    this.#store(environmentId, sessionId, { inVain: 0 });
  }

  /**
   * The service does not know the session: it is gone, or there are no sessions at all. The answer may also be wrong,
   * for example that of a misrouted gateway, so neither is believed for long.
   */
  notFound(environmentId: string, sessionId: string, now: number): void {
    this.#pause(environmentId, sessionId, now);
    if (this.#everRead) return;
    this.#unknown.add(sessionId);
    if (this.#unknown.size < ENOUGH_UNKNOWN) return;
    this.#timesLacking++;
    this.#lackingUntil = now + doubled(FIRST_MISSING_MS, this.#timesLacking, LONGEST_MISSING_MS);
    this.#unknown.clear();
  }

  /** An answer cannot be read: its session is not read for a while, the others of its environment only for a moment. */
  unreadable(environmentId: string, sessionId: string, now: number): void {
    this.#pause(environmentId, sessionId, now);
    const failures = this.#failing.get(environmentId)?.failures ?? 0;
    this.#failing.set(environmentId, { failures, pausedUntil: now + FIRST_PAUSE_MS });
  }

  /** A read failed in a way that other sessions of the environment would share: none of them is read for a while. */
  failed(
    environmentId: string,
    { reason }: Pick<Failure, 'reason'>,
    { now, retryAfterMs }: { readonly now: number; readonly retryAfterMs: number | null },
  ): void {
    const failures = (this.#failing.get(environmentId)?.failures ?? 0) + 1;
    const first = reason === 'unauthorized' || reason === 'forbidden' ? REFUSED_PAUSE_MS : FIRST_PAUSE_MS;
    const pause = Math.max(doubled(first, failures), retryAfterMs ?? 0);
    this.#failing.set(environmentId, { failures, pausedUntil: now + pause });
  }

  /** Forgets all other sessions of the environment. */
  keepOnly(environmentId: string, sessionIds: { has(id: string): boolean }): void {
    const attempts = this.#attempts.get(environmentId);
    for (const id of attempts?.keys() ?? []) if (!sessionIds.has(id)) attempts!.delete(id);
    if (attempts?.size === 0) this.#attempts.delete(environmentId);
  }

  /** Forgets all other environments. */
  keepOnlyEnvironments(ids: ReadonlySet<string>): void {
    for (const map of [this.#attempts, this.#failing]) for (const id of map.keys()) if (!ids.has(id)) map.delete(id);
  }

  #pause(environmentId: string, sessionId: string, now: number): void {
    const inVain = this.attempt(environmentId, sessionId).inVain + 1;
    this.#store(environmentId, sessionId, { pausedUntil: now + doubled(FIRST_PAUSE_MS, inVain), inVain });
  }

  /** Stores the result of a try, unless its environment was removed meanwhile. */
  #store(environmentId: string, sessionId: string, shown: Partial<Attempt>): void {
    const attempts = this.#attempts.get(environmentId);
    const attempt = attempts?.get(sessionId);
    if (attempt !== undefined) attempts!.set(sessionId, { ...attempt, ...shown });
  }
}

const NEVER: Attempt = { at: Number.NEGATIVE_INFINITY, pausedUntil: Number.NEGATIVE_INFINITY, inVain: 0 };

/** The pause after this many times in a row, ms: doubled each time. */
function doubled(firstMs: number, times: number, longestMs = LONGEST_PAUSE_MS): number {
  return Math.min(firstMs * 2 ** Math.min(times - 1, MOST_DOUBLINGS), longestMs);
}
