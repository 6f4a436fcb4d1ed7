import type { Clock } from '../../base/clock.ts';
import type { Random } from '../../base/random.ts';

const FIRST_PAUSE_MS = 5000;
const LONGEST_PAUSE_MS = 120_000;
/** After a pause the rate is halved, and regains this fraction of the configured rate every ten seconds. */
const RECOVERY_SHARE = 0.05;
export const RECOVERY_STEP_MS = 10_000;
/** A probe that was called off is never answered: after this long, another request may be the probe. */
const PROBE_MS = 10_000;
/** How often requests that wait for the answer to a probe check again. */
const PROBE_CHECK_MS = 1000;

/**
 * What 429s do to a connection's rate: a pause, then one request as a probe, then half of the rate, then step by step
 * the whole rate again. docs/design/budget.md#after-a-429.
 */
export class Slowdown {
  readonly #clock: Clock;
  readonly #random: Random;
  #pausedUntil = Number.NEGATIVE_INFINITY;
  /** Fraction of the rate at the end of the pause. */
  #share = 1;
  #rateLimitedInARow = 0;
  #pauses = 0;
  /** True from a 429 until a request after the pause has any other outcome. */
  #awaitsProof = false;
  #probeSentAt = Number.NEGATIVE_INFINITY;

  constructor(clock: Clock, random: Random) {
    this.#clock = clock;
    this.#random = random;
  }

  /** Milliseconds until the pause ends; 0 when there is none. */
  get pauseMs(): number {
    return Math.max(this.#pausedUntil - this.#clock.monotonic(), 0);
  }

  /** How many pauses have begun. */
  get pauses(): number {
    return this.#pauses;
  }

  /** Whether the last conclusive answer was a 429. */
  get isRateLimited(): boolean {
    return this.#rateLimitedInARow > 0;
  }

  /** Milliseconds until the pause and its probe let another request pass. */
  get waitMs(): number {
    const probeMs = this.#awaitsProof ? this.#probeSentAt + PROBE_MS - this.#clock.monotonic() : 0;
    return Math.max(this.pauseMs, Math.min(Math.max(probeMs, 0), PROBE_CHECK_MS));
  }

  /** The fraction of the configured rate in force, at most 1. */
  get share(): number {
    if (this.#share === 1) return 1;
    const steps = Math.floor(Math.max(this.#clock.monotonic() - this.#pausedUntil, 0) / RECOVERY_STEP_MS);
    return Math.min(1, this.#share + RECOVERY_SHARE * steps);
  }

  /** The request that was about to be sent was called off: if it was the probe, another one may be. */
  notSent(): void {
    this.#probeSentAt = Number.NEGATIVE_INFINITY;
  }

  /** A token was taken, so a request is about to be sent: the first one after a pause is its probe. */
  willSend(): void {
    if (this.#awaitsProof) this.#probeSentAt = this.#clock.monotonic();
  }

  /**
   * A 429: pauses for its `retry-after`. Without one, or if that time is already over, because then the clocks differ, it
   * pauses for a growing random time. A 429 to a request from before the pause only lengthens the pause.
   */
  rateLimited(retryAfterMs: number | null): void {
    const now = this.#clock.monotonic();
    if (now < this.#pausedUntil) {
      if (retryAfterMs !== null) this.#pausedUntil = Math.max(this.#pausedUntil, now + retryAfterMs);
      return;
    }
    const longest = Math.min(FIRST_PAUSE_MS * 2 ** this.#rateLimitedInARow, LONGEST_PAUSE_MS);
    this.#share = this.share / 2;
    this.#pausedUntil = now + (retryAfterMs || longest * this.#random());
    this.#rateLimitedInARow++;
    this.#pauses++;
    this.#awaitsProof = true;
    this.#probeSentAt = Number.NEGATIVE_INFINITY;
  }

  /** Any other answer; answers to requests from before the pause do not count. */
  succeeded(): void {
    if (this.pauseMs > 0) return;
    this.#rateLimitedInARow = 0;
    this.#awaitsProof = false;
  }

  /** A request ended without an answer: it got no 429, and proves nothing else. */
  unanswered(): void {
    if (this.pauseMs === 0) this.#awaitsProof = false;
  }
}
