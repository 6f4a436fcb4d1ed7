import type { CancelTimer, Clock } from '../base/clock.ts';
import type { Random } from '../base/random.ts';
import { bucketShape } from './bucket-shape.ts';

/** Half a token's worth of rounding must not keep a request waiting. */
const EPSILON = 1e-9;
const FIRST_BACKOFF_MS = 5000;
const LONGEST_BACKOFF_MS = 120_000;
/** After a 429 the rate halves, and comes back by this share of the configured rate every ten seconds. */
const RECOVERY_SHARE = 0.05;
const RECOVERY_STEP_MS = 10_000;

export interface BudgetDeps {
  readonly clock: Clock;
  readonly random: Random;
}

interface Waiter {
  readonly grant: () => void;
}

/**
 * The token bucket that all requests of one connection take from: algorithms.md, 3.
 *
 * At most the configured number of requests in any 60 s, and a pause with a slower return after a 429. It outlives a
 * reload (`setLimit`), so that reloading is no way around it.
 */
export class Budget {
  readonly #clock: Clock;
  readonly #random: Random;
  readonly #waiting: Waiter[] = [];
  #configured: number;
  #tokens: number;
  #filledAt: number;
  #blockedUntil = Number.NEGATIVE_INFINITY;
  /** Share of the configured rate in force at `#shareSince`. */
  #share = 1;
  #shareSince: number;
  #refusals = 0;
  #taken = 0;
  #cancelTimer: CancelTimer | null = null;

  constructor(requestsPerMinute: number, deps: BudgetDeps) {
    this.#clock = deps.clock;
    this.#random = deps.random;
    this.#configured = requestsPerMinute;
    this.#filledAt = deps.clock.monotonic();
    this.#shareSince = this.#filledAt;
    this.#tokens = Math.min(2, bucketShape(requestsPerMinute).burst);
  }

  /** Requests a minute that are allowed now: the configured number, or less for a while after a 429. */
  get limitPerMinute(): number {
    return this.#configured * this.#currentShare();
  }

  get configuredPerMinute(): number {
    return this.#configured;
  }

  /** Tokens handed out since the start: every request that was or is about to be sent. */
  get taken(): number {
    return this.#taken;
  }

  /** Takes a token if there is one and nobody waits for it. */
  tryTake(): boolean {
    if (this.#waiting.length > 0) return false;
    return this.#takeToken();
  }

  /** Resolves with a token taken, first come first served; rejects with the signal's reason when that aborts first. */
  take(signal?: AbortSignal): Promise<void> {
    if (signal?.aborted) return Promise.reject(signal.reason);
    if (this.tryTake()) return Promise.resolve();
    return new Promise((resolve, reject) => {
      const onAbort = () => {
        this.#waiting.splice(this.#waiting.indexOf(waiter), 1);
        this.#schedule();
        reject(signal?.reason);
      };
      const waiter: Waiter = {
        grant: () => {
          signal?.removeEventListener('abort', onAbort);
          resolve();
        },
      };
      signal?.addEventListener('abort', onAbort, { once: true });
      this.#waiting.push(waiter);
      this.#schedule();
    });
  }

  /** Milliseconds until a token may be there for one who asks then; 0 when there is one now. */
  timeUntilNextMs(): number {
    return this.#timeUntilTokensMs(this.#waiting.length + 1);
  }

  /** `timeUntilNextMs` on the monotonic clock. */
  availableAt(): number {
    return this.#clock.monotonic() + this.timeUntilNextMs();
  }

  /**
   * The API answered 429: nothing is granted before `retryAfterMs`, or a growing random pause when it named none.
   * Refusals of requests that were already under way when the pause began only lengthen it.
   */
  penalize(retryAfterMs: number | null): void {
    const now = this.#clock.monotonic();
    this.#fill();
    if (now < this.#blockedUntil) {
      if (retryAfterMs !== null) this.#blockedUntil = Math.max(this.#blockedUntil, now + retryAfterMs);
    } else {
      const longest = Math.min(FIRST_BACKOFF_MS * 2 ** this.#refusals, LONGEST_BACKOFF_MS);
      this.#blockedUntil = now + (retryAfterMs ?? longest * this.#random());
      this.#refusals++;
      this.#share = this.#currentShare() / 2;
    }
    // Recovery counts from the end of the pause.
    this.#shareSince = this.#blockedUntil;
    this.#schedule();
  }

  /** The API answered with anything but 429. */
  succeeded(): void {
    if (this.#clock.monotonic() >= this.#blockedUntil) this.#refusals = 0;
  }

  /** A new limit after a reload; what was taken and a pause under way stay. */
  setLimit(requestsPerMinute: number): void {
    this.#fill();
    this.#configured = requestsPerMinute;
    this.#tokens = Math.min(this.#tokens, bucketShape(this.limitPerMinute).burst);
    this.#schedule();
  }

  #takeToken(): boolean {
    this.#fill();
    if (this.#clock.monotonic() < this.#blockedUntil || this.#tokens < 1 - EPSILON) return false;
    this.#tokens -= 1;
    this.#taken++;
    return true;
  }

  #currentShare(): number {
    const since = Math.max(this.#clock.monotonic() - this.#shareSince, 0);
    return Math.min(1, this.#share + RECOVERY_SHARE * Math.floor(since / RECOVERY_STEP_MS));
  }

  #fill(): void {
    const now = this.#clock.monotonic();
    const { burst, perMs } = bucketShape(this.limitPerMinute);
    this.#tokens = Math.min(burst, this.#tokens + (now - this.#filledAt) * perMs);
    this.#filledAt = now;
  }

  #timeUntilTokensMs(wanted: number): number {
    this.#fill();
    const { perMs } = bucketShape(this.limitPerMinute);
    const missing = wanted - EPSILON - this.#tokens;
    const refill = missing <= 0 ? 0 : missing / perMs;
    const pause = this.#blockedUntil - this.#clock.monotonic();
    // While the rate recovers a token comes sooner than today's rate says: look again after the next step.
    return Math.max(pause, this.#currentShare() < 1 ? Math.min(refill, RECOVERY_STEP_MS) : refill, 0);
  }

  /** Wakes when the first in the queue can have its token. */
  #schedule(): void {
    this.#cancelTimer?.();
    this.#cancelTimer = null;
    if (this.#waiting.length === 0) return;
    const delay = Math.max(Math.ceil(this.#timeUntilTokensMs(1)), 1);
    this.#cancelTimer = this.#clock.setTimer(delay, () => {
      while (this.#waiting.length > 0 && this.#takeToken()) this.#waiting.shift()!.grant();
      this.#schedule();
    });
  }
}
