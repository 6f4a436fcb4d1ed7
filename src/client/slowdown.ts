import type { Clock } from '../base/clock.ts';
import type { Random } from '../base/random.ts';

const FIRST_PAUSE_MS = 5000;
const LONGEST_PAUSE_MS = 120_000;
/** After a pause the rate is halved, and comes back by this share of the configured rate every ten seconds. */
const RECOVERY_SHARE = 0.05;
export const RECOVERY_STEP_MS = 10_000;
/** A probe that was called off is never answered: after this long another request may try. */
const PROBE_MS = 10_000;
/** How often those who wait for the answer to a probe look again. */
const LOOK_MS = 1000;

/**
 * What 429s do to a connection's rate: a pause, then one request as a probe, then half of the rate, then step by step all
 * of it. docs/design/budget.md#after-a-429.
 */
export class Slowdown {
  readonly #clock: Clock;
  readonly #random: Random;
  #pausedUntil = Number.NEGATIVE_INFINITY;
  /** Share of the rate at the end of the pause. */
  #share = 1;
  #refusals = 0;
  /** True from a 429 until any other end of a request after the pause. */
  #unproved = false;
  #probeSentAt = Number.NEGATIVE_INFINITY;

  constructor(clock: Clock, random: Random) {
    this.#clock = clock;
    this.#random = random;
  }

  /** Milliseconds until the pause is over; 0 when there is none. */
  get pauseMs(): number {
    return Math.max(this.#pausedUntil - this.#clock.monotonic(), 0);
  }

  /** Whether the last answer that tells was a 429. */
  get refused(): boolean {
    return this.#refusals > 0;
  }

  /** Milliseconds until another request may be sent, as far as the pause and its probe are concerned. */
  get waitMs(): number {
    const probeMs = this.#unproved ? this.#probeSentAt + PROBE_MS - this.#clock.monotonic() : 0;
    return Math.max(this.pauseMs, Math.min(Math.max(probeMs, 0), LOOK_MS));
  }

  /** The share of the configured rate that is in force, at most 1. */
  get share(): number {
    if (this.#share === 1) return 1;
    const steps = Math.floor(Math.max(this.#clock.monotonic() - this.#pausedUntil, 0) / RECOVERY_STEP_MS);
    return Math.min(1, this.#share + RECOVERY_SHARE * steps);
  }

  /** A request is about to be sent: the first one after a pause is its probe. */
  sending(): void {
    if (this.#unproved) this.#probeSentAt = this.#clock.monotonic();
  }

  /**
   * A 429 with what its `retry-after` says, or a growing random pause when it says nothing. Those of requests that were
   * already under way when the pause began only lengthen it.
   */
  tooMany(retryAfterMs: number | null): void {
    const now = this.#clock.monotonic();
    if (now < this.#pausedUntil) {
      if (retryAfterMs !== null) this.#pausedUntil = Math.max(this.#pausedUntil, now + retryAfterMs);
      return;
    }
    const longest = Math.min(FIRST_PAUSE_MS * 2 ** this.#refusals, LONGEST_PAUSE_MS);
    this.#share = this.share / 2;
    this.#pausedUntil = now + (retryAfterMs ?? longest * this.#random());
    this.#refusals++;
    this.#unproved = true;
    this.#probeSentAt = Number.NEGATIVE_INFINITY;
  }

  /** Any other answer; those of requests from before the pause do not count. */
  succeeded(): void {
    if (this.pauseMs > 0) return;
    this.#refusals = 0;
    this.#unproved = false;
  }

  /** A request ended without an answer: it was not refused, and proves nothing more. */
  unanswered(): void {
    if (this.pauseMs === 0) this.#unproved = false;
  }
}
