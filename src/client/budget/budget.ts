import type { Clock } from '../../base/clock.ts';
import type { Random } from '../../base/random.ts';
import { Bucket } from './bucket.ts';
import { LastMinute } from './last-minute.ts';
import { RECOVERY_STEP_MS, Slowdown } from './slowdown.ts';
import { TokenQueue } from './token-queue.ts';

export interface BudgetDeps {
  readonly clock: Clock;
  readonly random: Random;
}

/**
 * The token bucket that all requests of one connection take from: docs/design/budget.md#the-token-bucket.
 *
 * It allows at most the configured number of requests in any 60 s; after a 429 it imposes a pause, one probe and a
 * gradual return. It survives a reload (`setLimit`), so reloading is no way around it.
 */
export class Budget {
  readonly #clock: Clock;
  readonly #slowdown: Slowdown;
  readonly #waiting: TokenQueue;
  readonly #lastMinute = new LastMinute();
  #configured: number;
  readonly #bucket: Bucket;
  #taken = 0;
  #limited = 0;

  constructor(requestsPerMinute: number, deps: BudgetDeps) {
    this.#clock = deps.clock;
    this.#slowdown = new Slowdown(deps.clock, deps.random);
    this.#configured = requestsPerMinute;
    this.#bucket = new Bucket(deps.clock, () => this.limitPerMinute);
    this.#waiting = new TokenQueue({
      clock: deps.clock,
      untilFirstMs: () => this.#timeUntilTokensMs(1),
      takeToken: () => this.#takeToken(),
    });
  }

  /** Requests a minute that are allowed now: the configured number, or less for a while after a 429. */
  get limitPerMinute(): number {
    return this.#configured * this.#slowdown.share;
  }

  get configuredPerMinute(): number {
    return this.#configured;
  }

  /** Tokens handed out since the start: one for every request sent or about to be sent. */
  get taken(): number {
    return this.#taken;
  }

  /** Requests answered with 429 since the start. */
  get limited(): number {
    return this.#limited;
  }

  /** Tokens handed out in the last minute. */
  get takenLastMinute(): number {
    return this.#lastMinute.count(this.#clock.monotonic());
  }

  /** How many callers wait for a token. */
  get waiting(): number {
    return this.#waiting.length;
  }

  /** Takes a token if one is available and nobody waits for it. */
  tryTake(): boolean {
    if (this.#waiting.length > 0) return false;
    return this.#takeToken();
  }

  /** Resolves once a token is taken, first come, first served. If the signal aborts first, rejects with its reason. */
  take(signal?: AbortSignal): Promise<void> {
    if (signal?.aborted) return Promise.reject(signal.reason);
    if (this.tryTake()) return Promise.resolve();
    return this.#waiting.wait(signal);
  }

  /** Returns a token with which nothing was sent: the next caller can have it. */
  giveBack(): void {
    this.#putBack();
    this.#slowdown.notSent();
    this.#waiting.schedule();
  }

  /**
   * The request of a taken token must wait for something else. Until `release`, the token keeps its place in the bucket: a
   * token that flowed in instead of it would be spent in addition to it.
   */
  hold(): void {
    this.#bucket.hold();
  }

  /** Ends `hold`: the request is sent now, or never. */
  release(): void {
    this.#bucket.release();
    this.#waiting.schedule();
  }

  /** Exchanges a token from before a pause, with which nothing was sent, for one from after it; otherwise like `take`. */
  exchange(signal?: AbortSignal): Promise<void> {
    this.#putBack();
    this.#waiting.schedule();
    return this.take(signal);
  }

  /** Milliseconds until a new caller could get a token; 0 when one is available now. */
  timeUntilNextMs(): number {
    return this.#timeUntilTokensMs(this.#waiting.length + 1);
  }

  /** Milliseconds until the bucket is full and nobody waits; 0 when it is. */
  timeUntilFullMs(): number {
    return this.#timeUntilTokensMs(this.#waiting.length + this.#bucket.capacity);
  }

  /**
   * The API answered 429: no token is granted for `retryAfterMs` or, if it named no time, for a growing random pause.
   */
  penalize(retryAfterMs: number | null): void {
    this.#limited++;
    this.#bucket.fill();
    this.#slowdown.rateLimited(retryAfterMs);
    this.#waiting.schedule();
  }

  /** The API answered with anything but 429. */
  succeeded(): void {
    this.#slowdown.succeeded();
    this.#waiting.schedule();
  }

  /** A request ended without an answer. */
  unanswered(): void {
    this.#slowdown.unanswered();
    this.#waiting.schedule();
  }

  /** Milliseconds until a pause after a 429 ends; 0 when there is none. */
  get pauseMs(): number {
    return this.#slowdown.pauseMs;
  }

  /** How many pauses have begun: a token from before the last of them must not be used. */
  get pauses(): number {
    return this.#slowdown.pauses;
  }

  /** True from a 429 until the first other answer after its pause. */
  get isRateLimited(): boolean {
    return this.#slowdown.isRateLimited;
  }

  /** Sets a new limit after a reload; tokens taken and a pause under way still count. */
  setLimit(requestsPerMinute: number): void {
    this.#bucket.fill();
    this.#configured = requestsPerMinute;
    this.#bucket.fill();
    this.#waiting.schedule();
  }

  #takeToken(): boolean {
    // Also during a pause, because a pause changes the rate.
    this.#bucket.fill();
    if (this.#slowdown.waitMs > 0 || !this.#bucket.tryTake()) return false;
    this.#slowdown.willSend();
    this.#taken++;
    this.#lastMinute.add(this.#clock.monotonic());
    return true;
  }

  #putBack(): void {
    this.#bucket.putBack();
    this.#taken--;
    this.#lastMinute.takeBack(this.#clock.monotonic());
  }

  #timeUntilTokensMs(wanted: number): number {
    const refill = this.#bucket.timeUntilMs(wanted);
    const { waitMs, share } = this.#slowdown;
    // While the rate recovers, a token comes sooner than today's rate suggests: check again after the next step.
    return Math.max(waitMs, share < 1 ? Math.min(refill, RECOVERY_STEP_MS) : refill);
  }
}
