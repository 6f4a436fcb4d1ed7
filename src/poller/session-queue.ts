import type { EpochMs } from '../base/clock.ts';
import { PriorityQueue } from '../base/priority-queue.ts';
import type { SessionSettings } from '../domain/environment.ts';

const NEVER = Number.NEGATIVE_INFINITY;

/** A long run, and when its session was last tried. Times other than the API's stamp are monotonic milliseconds. */
export interface LongRun {
  readonly environmentId: string;
  readonly sessionId: string;
  /** The API's stamp. */
  acknowledgedAt: EpochMs;
  triedAt: number;
  /** The session was unknown or unreadable, so it is not tried again before this time. */
  leftAloneUntil: number;
}

/** What is known of the runs of one environment. */
export interface EnvironmentRuns {
  readonly environmentId: string;
  readonly settings: SessionSettings;
  /** The ids of the sessions whose runs are long, with when these were acknowledged. */
  readonly longRuns: ReadonlyMap<string, EpochMs>;
}

/**
 * Whose session is read next: the one that was tried least recently, of those that are due. Each is due once an interval, and of
 * each environment at most `maxItems` within one. Every question and every change costs the logarithm of the size.
 */
export class SessionQueue {
  readonly #environments = new Map<string, EnvironmentQueue>();
  /** Environments with a session to read, by when that session was last tried. */
  readonly #ready = new PriorityQueue<EnvironmentQueue>();
  /** Environments by when time alone changes what they would read next. */
  readonly #changing = new PriorityQueue<EnvironmentQueue>();

  /** The long runs of an environment are these now. What was tried before stays known for those that are still among them. */
  update({ environmentId, settings, longRuns }: EnvironmentRuns, now: number): void {
    const environment = this.#environments.get(environmentId) ?? new EnvironmentQueue(environmentId);
    this.#environments.set(environmentId, environment);
    environment.update(settings, longRuns, now);
    this.#place(environment, now);
  }

  /** Forgets all environments but these. */
  keepOnly(environmentIds: ReadonlySet<string>): void {
    for (const [id, environment] of this.#environments) {
      if (environmentIds.has(id)) continue;
      this.#environments.delete(id);
      this.#ready.delete(environment);
      this.#changing.delete(environment);
    }
  }

  /** The run whose session is read next; null when none is due. */
  next(now: number): LongRun | null {
    while (this.#changing.lowest <= now) this.#place(this.#changing.first!, now);
    return this.#ready.first?.next ?? null;
  }

  /** When the next session becomes due; Infinity when none will. To be asked when `next` has found none. */
  get nextDueAt(): number {
    return this.#changing.lowest;
  }

  /** The session of the run is being read. */
  tried(run: LongRun, now: number): void {
    const environment = this.#environments.get(run.environmentId);
    environment?.tried(run, now);
    this.#placeLast(environment, now);
  }

  /** The session of the run is not tried again before then. */
  leaveAlone(run: LongRun, until: number, now: number): void {
    const environment = this.#environments.get(run.environmentId);
    environment?.leaveAlone(run, until, now);
    this.#placeLast(environment, now);
  }

  /** No session of the environment is tried before then. */
  pause(environmentId: string, until: number, now: number): void {
    const environment = this.#environments.get(environmentId);
    environment?.pause(until);
    this.#placeLast(environment, now);
  }

  /** Environments whose sessions were never tried take turns: the one that had its turn goes behind the others. */
  #placeLast(environment: EnvironmentQueue | undefined, now: number): void {
    if (environment === undefined) return;
    this.#ready.delete(environment);
    this.#place(environment, now);
  }

  #place(environment: EnvironmentQueue, now: number): void {
    environment.advance(now);
    const { next, changesAt } = environment;
    if (next === null) this.#ready.delete(environment);
    else this.#ready.set(environment, next.triedAt);
    if (changesAt === Number.POSITIVE_INFINITY) this.#changing.delete(environment);
    else this.#changing.set(environment, changesAt);
  }
}

/** The long runs of one environment: which session it would read next. */
class EnvironmentQueue {
  readonly #id: string;
  readonly #runs = new Map<string, LongRun>();
  /** Runs whose sessions are due, by when they were last tried. */
  readonly #due = new PriorityQueue<LongRun>();
  /** All other runs, by when their sessions are due. */
  readonly #waiting = new PriorityQueue<LongRun>();
  /** Runs whose sessions were tried within the last interval, by when. */
  readonly #recent = new PriorityQueue<LongRun>();
  #intervalMs = 0;
  #maxItems = 0;
  #pausedUntil = NEVER;

  constructor(id: string) {
    this.#id = id;
  }

  update({ intervalMs, maxItems }: SessionSettings, longRuns: ReadonlyMap<string, EpochMs>, now: number): void {
    this.#intervalMs = intervalMs;
    this.#maxItems = maxItems;
    for (const run of this.#runs.values()) if (!longRuns.has(run.sessionId)) this.#remove(run);
    for (const [sessionId, acknowledgedAt] of longRuns) {
      const run = this.#runs.get(sessionId) ?? this.#add(sessionId, acknowledgedAt);
      run.acknowledgedAt = acknowledgedAt;
      this.#place(run, now);
    }
  }

  tried(run: LongRun, now: number): void {
    run.triedAt = now;
    this.#place(run, now);
  }

  leaveAlone(run: LongRun, until: number, now: number): void {
    run.leftAloneUntil = until;
    this.#place(run, now);
  }

  pause(until: number): void {
    this.#pausedUntil = until;
  }

  /** Time has passed: `next` and `changesAt` are as of now. */
  advance(now: number): void {
    if (this.#pausedUntil <= now) this.#pausedUntil = NEVER;
    while (this.#recent.lowest + this.#intervalMs <= now) this.#recent.delete(this.#recent.first!);
    while (this.#waiting.lowest <= now) this.#place(this.#waiting.first!, now);
  }

  get next(): LongRun | null {
    return this.#isPaused || this.#isFull ? null : (this.#due.first ?? null);
  }

  /** When time alone changes `next`; Infinity when it does not. */
  get changesAt(): number {
    if (this.#isPaused) return this.#pausedUntil;
    return this.#isFull ? this.#recent.lowest + this.#intervalMs : this.#waiting.lowest;
  }

  get #isPaused(): boolean {
    return this.#pausedUntil !== NEVER;
  }

  get #isFull(): boolean {
    return this.#recent.size >= this.#maxItems;
  }

  #add(sessionId: string, acknowledgedAt: EpochMs): LongRun {
    const run = { environmentId: this.#id, sessionId, acknowledgedAt, triedAt: NEVER, leftAloneUntil: NEVER };
    this.#runs.set(sessionId, run);
    return run;
  }

  #remove(run: LongRun): void {
    this.#runs.delete(run.sessionId);
    this.#due.delete(run);
    this.#waiting.delete(run);
    this.#recent.delete(run);
  }

  /** Puts a run where it belongs now. One that has ended while its session was read belongs nowhere. */
  #place(run: LongRun, now: number): void {
    if (this.#runs.get(run.sessionId) !== run) return;
    const intervalEndsAt = run.triedAt + this.#intervalMs;
    if (intervalEndsAt > now) this.#recent.set(run, run.triedAt);
    else this.#recent.delete(run);
    const dueAt = Math.max(intervalEndsAt, run.leftAloneUntil);
    if (dueAt > now) {
      this.#due.delete(run);
      this.#waiting.set(run, dueAt);
    } else {
      this.#waiting.delete(run);
      this.#due.set(run, run.triedAt);
    }
  }
}
