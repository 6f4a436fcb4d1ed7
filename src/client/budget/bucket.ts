import type { Clock } from '../../base/clock.ts';
import { bucketShape } from '../../domain/request-budget.ts';

/** Rounding must not keep a request waiting. */
const EPSILON = 1e-9;

/** The token bucket of a budget: docs/design/budget.md#the-token-bucket. */
export class Bucket {
  readonly #clock: Pick<Clock, 'monotonic'>;
  /** The present limit, requests a minute. */
  readonly #limit: () => number;
  #tokens: number;
  #filledAt: number;
  /** Tokens that were taken and whose requests are not sent yet, because they wait for something else. */
  #held = 0;

  constructor(clock: Pick<Clock, 'monotonic'>, limit: () => number) {
    this.#clock = clock;
    this.#limit = limit;
    this.#filledAt = clock.monotonic();
    this.#tokens = Math.min(2, this.capacity);
  }

  /**
   * The most tokens that the bucket may hold now. Each held token takes up a place: a token that flowed in instead of it
   * would be spent in addition to it.
   */
  get capacity(): number {
    return Math.max(0, bucketShape(this.#limit()).burst - this.#held);
  }

  /** Adds the tokens that have flowed in since the last call. Call it before the rate changes. */
  fill(): void {
    const now = this.#clock.monotonic();
    const { perMs } = bucketShape(this.#limit());
    this.#tokens = Math.min(this.capacity, this.#tokens + (now - this.#filledAt) * perMs);
    this.#filledAt = now;
  }

  /** Takes one token if there is one. */
  tryTake(): boolean {
    this.fill();
    if (this.#tokens < 1 - EPSILON) return false;
    this.#tokens -= 1;
    return true;
  }

  /** Returns a token that was not used. */
  putBack(): void {
    this.fill();
    this.#tokens = Math.min(this.#tokens + 1, this.capacity);
  }

  /** A token that was taken keeps its place until `release`. */
  hold(): void {
    this.fill();
    this.#held++;
  }

  /** Ends `hold`. */
  release(): void {
    this.fill();
    this.#held--;
  }

  /** Milliseconds until there are this many tokens, at the present rate. */
  timeUntilMs(wanted: number): number {
    this.fill();
    const missing = wanted - EPSILON - this.#tokens;
    return missing <= 0 ? 0 : missing / bucketShape(this.#limit()).perMs;
  }
}
