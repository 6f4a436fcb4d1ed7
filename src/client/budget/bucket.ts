import type { Clock } from '../../base/clock.ts';
import { bucketShape } from '../../domain/request-budget.ts';

/** Rounding must not keep a request waiting. */
const EPSILON = 1e-9;

/** The tokens of a budget: they flow in at a rate, up to a burst. docs/design/budget.md#the-token-bucket */
export class Bucket {
  readonly #clock: Pick<Clock, 'monotonic'>;
  /** Requests a minute, now. */
  readonly #limit: () => number;
  #tokens: number;
  #filledAt: number;
  /** Tokens that were taken, and whose requests wait for something else. */
  #held = 0;

  constructor(clock: Pick<Clock, 'monotonic'>, limit: () => number) {
    this.#clock = clock;
    this.#limit = limit;
    this.#filledAt = clock.monotonic();
    this.#tokens = Math.min(2, this.room);
  }

  /**
   * The most tokens that there may be now. Held tokens keep their places: tokens that flowed in instead of them would
   * be sent in addition.
   */
  get room(): number {
    return Math.max(0, bucketShape(this.#limit()).burst - this.#held);
  }

  /** Lets in what has flowed until now. To be called before the rate changes. */
  fill(): void {
    const now = this.#clock.monotonic();
    const { perMs } = bucketShape(this.#limit());
    this.#tokens = Math.min(this.room, this.#tokens + (now - this.#filledAt) * perMs);
    this.#filledAt = now;
  }

  /** Takes one out if there is one. */
  tryTake(): boolean {
    this.fill();
    if (this.#tokens < 1 - EPSILON) return false;
    this.#tokens -= 1;
    return true;
  }

  putBack(): void {
    this.fill();
    this.#tokens = Math.min(this.#tokens + 1, this.room);
  }

  /** One that was taken keeps its place until `release`. */
  hold(): void {
    this.fill();
    this.#held++;
  }

  release(): void {
    this.fill();
    this.#held--;
  }

  /** Milliseconds until there are so many, at the present rate. */
  timeUntilMs(wanted: number): number {
    this.fill();
    const missing = wanted - EPSILON - this.#tokens;
    return missing <= 0 ? 0 : missing / bucketShape(this.#limit()).perMs;
  }
}
