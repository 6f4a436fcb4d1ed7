import type { CancelTimer, Clock } from '../base/clock.ts';
import type { Random } from '../base/random.ts';
import { WaitQueue } from '../base/wait-queue.ts';
import { bucketShape } from './bucket-shape.ts';
import { RECOVERY_STEP_MS, Slowdown } from './slowdown.ts';

/** Half a token's worth of rounding must not keep a request waiting. */
const EPSILON = 1e-9;

export interface BudgetDeps {
  readonly clock: Clock;
  readonly random: Random;
}

/**
 * The token bucket that all requests of one connection take from: docs/design/budget.md#the-token-bucket.
 *
 * At most the configured number of requests in any 60 s, and after a 429 a pause, one probe and a slower return. It outlives a
 * reload (`setLimit`), so that reloading is no way around it.
 */
export class Budget {
  readonly #clock: Clock;
  readonly #slowdown: Slowdown;
  readonly #waiting = new WaitQueue();
  #configured: number;
  #tokens: number;
  #filledAt: number;
  #taken = 0;
  #cancelTimer: CancelTimer | null = null;

  constructor(requestsPerMinute: number, deps: BudgetDeps) {
    this.#clock = deps.clock;
    this.#slowdown = new Slowdown(deps.clock, deps.random);
    this.#configured = requestsPerMinute;
    this.#filledAt = deps.clock.monotonic();
    this.#tokens = Math.min(2, bucketShape(requestsPerMinute).burst);
  }

  /** Requests a minute that are allowed now: the configured number, or less for a while after a 429. */
  get limitPerMinute(): number {
    return this.#configured * this.#slowdown.share;
  }

  get configuredPerMinute(): number {
    return this.#configured;
  }

  /** Tokens handed out since the start: every request that was or is about to be sent. */
  get taken(): number {
    return this.#taken;
  }

  /** How many wait for a token. */
  get waiting(): number {
    return this.#waiting.length;
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
    const granted = this.#waiting.wait(signal, () => this.#schedule());
    this.#schedule();
    return granted;
  }

  /** Milliseconds until a token may be there for one who asks then; 0 when there is one now. */
  timeUntilNextMs(): number {
    return this.#timeUntilTokensMs(this.#waiting.length + 1);
  }

  /** Milliseconds until the bucket is full and nobody waits; 0 when it is. */
  timeUntilFullMs(): number {
    return this.#timeUntilTokensMs(this.#waiting.length + bucketShape(this.limitPerMinute).burst);
  }

  /** `timeUntilNextMs` on the monotonic clock. */
  availableAt(): number {
    return this.#clock.monotonic() + this.timeUntilNextMs();
  }

  /**
   * The API answered 429: nothing is granted before `retryAfterMs`, or for a growing random pause when it named none.
   */
  penalize(retryAfterMs: number | null): void {
    this.#fill();
    this.#slowdown.tooMany(retryAfterMs);
    this.#schedule();
  }

  /** The API answered with anything but 429. */
  succeeded(): void {
    this.#slowdown.succeeded();
    this.#schedule();
  }

  /** A request ended without an answer. */
  unanswered(): void {
    this.#slowdown.unanswered();
    this.#schedule();
  }

  /** Milliseconds until a pause after a 429 is over; 0 when there is none. */
  get pauseMs(): number {
    return this.#slowdown.pauseMs;
  }

  /** True from a 429 until the first other answer after its pause. */
  get isRateLimited(): boolean {
    return this.#slowdown.refused;
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
    if (this.#slowdown.waitMs > 0 || this.#tokens < 1 - EPSILON) return false;
    this.#slowdown.sending();
    this.#tokens -= 1;
    this.#taken++;
    return true;
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
    const { waitMs, share } = this.#slowdown;
    // While the rate recovers a token comes sooner than today's rate says: look again after the next step.
    return Math.max(waitMs, share < 1 ? Math.min(refill, RECOVERY_STEP_MS) : refill);
  }

  /** Wakes when the first in the queue can have its token. */
  #schedule(): void {
    this.#cancelTimer?.();
    this.#cancelTimer = null;
    if (this.#waiting.length === 0) return;
    const delay = Math.max(Math.ceil(this.#timeUntilTokensMs(1)), 1);
    this.#cancelTimer = this.#clock.setTimer(delay, () => {
      while (this.#waiting.length > 0 && this.#takeToken()) this.#waiting.releaseFirst();
      this.#schedule();
    });
  }
}
