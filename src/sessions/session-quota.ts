import type { Clock } from '../base/clock.ts';
import { scheduledPerMinute, type TokenSource } from '../domain/request-budget.ts';

/** Part of a connection's scheduled requests that reads of sessions may take: docs/design/progress.md#the-budget. */
export const SESSION_PART = 0.1;
/** A read takes two requests: the session, and the last idle event of one that is idle. */
const BURST = 2;

/**
 * The right to send requests for sessions. Burst and a minute's refill together are the part, so no 60 s see more than
 * that, wherever they start; where the part is so small that nothing would flow in, an hour holds it.
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

  /** Takes what one read may need at the most. */
  tryTake(): boolean {
    this.#fill();
    if (this.#permits < BURST) return false;
    this.#permits -= BURST;
    return true;
  }

  /** Gives back what a read did not need. */
  giveBack(permits: number): void {
    this.#permits = Math.min(BURST, this.#permits + permits);
  }

  /** Milliseconds until a read may be made; 0 when it may now. */
  untilNextMs(): number {
    this.#fill();
    return Math.max(0, Math.ceil((BURST - this.#permits) / this.#perMs()));
  }

  #perMs(): number {
    const part = SESSION_PART * scheduledPerMinute(this.#budget().configuredPerMinute);
    return (part >= 2 * BURST ? part - BURST : part / 2) / 60_000;
  }

  #fill(): void {
    const now = this.#clock.monotonic();
    this.#permits = Math.min(BURST, this.#permits + (now - this.#filledAt) * this.#perMs());
    this.#filledAt = now;
  }
}
