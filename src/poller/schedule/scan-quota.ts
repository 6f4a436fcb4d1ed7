import type { CancelTimer, Clock } from '../../base/clock.ts';
import { WaitQueue } from '../../base/wait-queue.ts';
import { scheduledPerMinute, type TokenSource } from '../../domain/request-budget.ts';

/** The part of a connection's scheduled requests that full scans may use: docs/design/budget.md#the-scan-quota. */
export const FULL_SCAN_SHARE = 0.25;
/** Permits accumulate over this time, so that a list read twice a minute finds enough for several pages. */
const GATHER_MS = 60_000;

/**
 * Who asks for a permit: a full scan that something waits for, one within its fair part, or one that has used up its fair
 * part.
 */
export type PermitKind = 'urgent' | 'fair' | 'spare';

/** The fraction of the common permits that each kind must leave for the kinds before it. */
const LEAVES: Readonly<Record<PermitKind, number>> = { urgent: 0, fair: 0.5, spare: 0.75 };
/**
 * The fraction of all permits that urgent full scans cannot take: an outage of some environments must not stop the full
 * scans of the others.
 */
const REGULAR_SHARE = 0.25;

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
  #permits: number;
  #kept = 1;
  #filledAt: number;
  #cancelTimer: CancelTimer = () => {};

  constructor({ budget, clock }: Deps) {
    this.#budget = budget;
    this.#clock = clock;
    this.#permits = this.#most() / 2;
    this.#filledAt = clock.monotonic();
  }

  /** Takes a permit if one is available now for a full scan of that kind. */
  tryTake(kind: PermitKind): boolean {
    this.#fill();
    if (kind === 'fair' && this.#kept >= 1) {
      this.#kept--;
      return true;
    }
    if (this.#permits < 1 + LEAVES[kind] * this.#most()) return false;
    this.#permits--;
    return true;
  }

  take(signal: AbortSignal): Promise<void> {
    if (signal.aborted) return Promise.reject(signal.reason);
    if (this.#waiting.length === 0 && this.#mayGrant() && this.tryTake('fair')) return Promise.resolve();
    const granted = this.#waiting.wait(signal, () => this.#schedule());
    this.#schedule();
    return granted;
  }

  /** Permits that accrue within `ms`. */
  flowOf(ms: number): number {
    return this.#perMs() * ms;
  }

  /** Milliseconds in which this many permits accrue that an urgent full scan may take. */
  timeOfMs(permits: number): number {
    return permits / (this.#perMs() * (1 - REGULAR_SHARE));
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
   * The most permits of each kind; at least four in common, so that even a kind that leaves most of them gets one at
   * times.
   */
  #most(): number {
    return Math.max(4, this.#perMs() * GATHER_MS * (1 - REGULAR_SHARE));
  }

  #mostKept(): number {
    return Math.max(1, this.#perMs() * GATHER_MS * REGULAR_SHARE);
  }

  #fill(): void {
    const now = this.#clock.monotonic();
    const flow = (now - this.#filledAt) * this.#perMs();
    // Reserved permits beyond their maximum become common.
    const kept = Math.max(0, Math.min(flow * REGULAR_SHARE, this.#mostKept() - this.#kept));
    this.#kept += kept;
    this.#permits = Math.min(this.#most(), this.#permits + flow - kept);
    this.#filledAt = now;
  }

  #schedule(): void {
    this.#cancelTimer();
    this.#cancelTimer = () => {};
    if (this.#waiting.length === 0) return;
    this.#fill();
    const untilKept = (1 - this.#kept) / (this.#perMs() * REGULAR_SHARE);
    const untilCommon = (1 + LEAVES.fair * this.#most() - this.#permits) / this.#perMs();
    const untilTurn = Math.min(untilKept, Math.max(untilCommon, 0), this.#budget().timeUntilFullMs());
    const delay = Math.max(untilTurn, this.#budget().timeUntilNextMs(), 1);
    this.#cancelTimer = this.#clock.setTimer(Math.ceil(delay), () => {
      const granted = this.#mayGrant() && (this.tryTake('fair') || this.#budget().timeUntilFullMs() <= 0);
      if (granted) this.#waiting.releaseFirst();
      this.#schedule();
    });
  }
}
