import type { Clock } from '../base/clock.ts';
import { scheduledPerMinute, type TokenSource } from '../domain/request-budget.ts';

/** The part of a connection's scheduled requests that reading sessions may use: docs/design/progress.md#the-budget. */
const SESSION_SHARE = 0.1;
/** Requests of one read at most: the session and, if it is idle, its last idle event. */
const BURST = 2;

/**
 * Limits the requests for sessions. Burst plus a minute's refill equals their part of the budget, so no window of 60 s
 * exceeds it, wherever it starts. If the part is too small for any refill, it holds over an hour.
 */
export class SessionQuota {
  readonly #budget: () => Pick<TokenSource, 'configuredPerMinute'>;
  readonly #clock: Clock;
  #permits = BURST;
  #filledAt: number;

  constructor(budget: () => Pick<TokenSource, 'configuredPerMinute'>, clock: Clock) {
    this.#budget = budget;
    this.#clock = clock;
    this.#filledAt = clock.monotonic();
  }

  /** Takes the permits for one read; returns false if they are not available now. */
  tryTakeForRead(): boolean {
    this.#fill();
    if (this.#permits < BURST) return false;
    this.#permits -= BURST;
    return true;
  }

  /** Gives back the permits that a read did not use. */
  giveBack(permits: number): void {
    this.#permits = Math.min(BURST, this.#permits + permits);
  }

  /** Milliseconds until a read may start; 0 when it may now. */
  untilNextMs(): number {
    this.#fill();
    return Math.max(0, Math.ceil((BURST - this.#permits) / this.#perMs()));
  }

  #perMs(): number {
    const part = SESSION_SHARE * scheduledPerMinute(this.#budget().configuredPerMinute);
    return (part >= 2 * BURST ? part - BURST : part / 2) / 60_000;
  }

  #fill(): void {
    const now = this.#clock.monotonic();
    this.#permits = Math.min(BURST, this.#permits + (now - this.#filledAt) * this.#perMs());
    this.#filledAt = now;
  }
}
