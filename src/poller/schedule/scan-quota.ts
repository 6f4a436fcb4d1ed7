import type { CancelTimer, Clock } from '../../base/clock.ts';
import { WaitQueue } from '../../base/wait-queue.ts';
import { scheduledPerMinute, type TokenSource } from '../../domain/request-budget.ts';

/** The part of a connection's scheduled requests that full scans may use: docs/design/budget.md#the-scan-quota. */
export const FULL_SCAN_SHARE = 0.25;
/** Permits accumulate over this time, so that a list read twice a minute finds enough for several pages. */
const ACCUMULATE_MS = 60_000;

/**
 * Who asks for a permit: a full scan that something waits for, one within its fair part, or one that has used up its fair
 * part.
 */
export type PermitKind = 'urgent' | 'fair' | 'spare';

/** The fraction of the common permits that each kind must leave for the kinds before it. */
const SHARE_LEFT_BY: Readonly<Record<PermitKind, number>> = { urgent: 0, fair: 0.5, spare: 0.75 };
/**
 * The fraction of all permits that urgent full scans cannot take: an outage of some environments must not stop the full
 * scans of the others.
 */
const RESERVED_SHARE = 0.25;

type QuotaBudget = Pick<TokenSource, 'timeUntilNextMs' | 'timeUntilFullMs' | 'configuredPerMinute'>;

interface Deps {
  readonly budget: () => QuotaBudget;
  readonly clock: Clock;
}

/**
 * Limits the full scans of one connection, so that long lists do not delay everything else. Each page of a full scan
 * takes a permit; a list short enough to be read whole each time needs none.
 *
 * A part of the permits is reserved for full scans within their fair part; the rest are common. A full scan that waits
 * for a permit, because nothing can be shown before it ends, may also proceed when the budget's bucket is full: those
 * requests would go unused. It never proceeds while the budget has no token.
 */
export class ScanQuota {
  readonly #budget: () => QuotaBudget;
  readonly #clock: Clock;
  readonly #waiting = new WaitQueue();
  /** The common permits; the reserved ones are counted separately. */
  #common: number;
  /** The permits that only full scans within their fair part may take. */
  #reserved = 1;
  #filledAt: number;
  #cancelTimer: CancelTimer = () => {};

  constructor({ budget, clock }: Deps) {
    this.#budget = budget;
    this.#clock = clock;
    this.#common = this.#mostCommon() / 2;
    this.#filledAt = clock.monotonic();
  }

  /** Takes a permit if one is available now for a full scan of that kind. */
  tryTake(kind: PermitKind): boolean {
    this.#fill();
    if (kind === 'fair' && this.#reserved >= 1) {
      this.#reserved--;
      return true;
    }
    if (this.#common < 1 + SHARE_LEFT_BY[kind] * this.#mostCommon()) return false;
    this.#common--;
    return true;
  }

  /**
   * Resolves once a permit is granted, first come, first served, and the budget has a token too. If the signal aborts first,
   * rejects with its reason.
   */
  take(signal: AbortSignal): Promise<void> {
    if (signal.aborted) return Promise.reject(signal.reason);
    if (this.#waiting.length === 0 && this.#mayGrant() && this.tryTake('fair')) return Promise.resolve();
    const granted = this.#waiting.wait(signal, () => this.#schedule());
    this.#schedule();
    return granted;
  }

  /** How many permits accrue within `ms`. */
  permitsWithin(ms: number): number {
    return this.#perMs() * ms;
  }

  /** Milliseconds within which this many permits accrue that an urgent full scan may take. */
  msUntilAccrued(permits: number): number {
    return permits / (this.#perMs() * (1 - RESERVED_SHARE));
  }

  /**
   * Whether there is a token, too: a full scan that had to wait for one in the budget's queue would go before the reads that
   * become due meanwhile.
   */
  #mayGrant(): boolean {
    return this.#budget().timeUntilNextMs() <= 0;
  }

  #perMs(): number {
    return (FULL_SCAN_SHARE * scheduledPerMinute(this.#budget().configuredPerMinute)) / 60_000;
  }

  /**
   * The most permits that accumulate: of the common ones at least four, so that even a kind that leaves most of them gets one at
   * times.
   */
  #mostCommon(): number {
    return Math.max(4, this.#perMs() * ACCUMULATE_MS * (1 - RESERVED_SHARE));
  }

  #mostReserved(): number {
    return Math.max(1, this.#perMs() * ACCUMULATE_MS * RESERVED_SHARE);
  }

  #fill(): void {
    const now = this.#clock.monotonic();
    const flow = (now - this.#filledAt) * this.#perMs();
    // Reserved permits beyond their maximum become common.
    const reserved = Math.max(0, Math.min(flow * RESERVED_SHARE, this.#mostReserved() - this.#reserved));
    this.#reserved += reserved;
    this.#common = Math.min(this.#mostCommon(), this.#common + flow - reserved);
    this.#filledAt = now;
  }

  #schedule(): void {
    this.#cancelTimer();
    this.#cancelTimer = () => {};
    if (this.#waiting.length === 0) return;
    this.#fill();
    const untilReservedMs = (1 - this.#reserved) / (this.#perMs() * RESERVED_SHARE);
    const untilCommonMs = (1 + SHARE_LEFT_BY.fair * this.#mostCommon() - this.#common) / this.#perMs();
    const untilPermitMs = Math.min(untilReservedMs, Math.max(untilCommonMs, 0), this.#budget().timeUntilFullMs());
    const delay = Math.max(untilPermitMs, this.#budget().timeUntilNextMs(), 1);
    this.#cancelTimer = this.#clock.setTimer(Math.ceil(delay), () => {
      const granted = this.#mayGrant() && (this.tryTake('fair') || this.#budget().timeUntilFullMs() <= 0);
      if (granted) this.#waiting.releaseFirst();
      this.#schedule();
    });
  }
}
