import type { CancelTimer, Clock } from '../base/clock.ts';
import { WaitQueue } from '../base/wait-queue.ts';
import { scheduledPerMinute, type TokenSource } from '../domain/request-budget.ts';

/** Part of a connection's scheduled requests that full scans may take: docs/design/budget.md#the-scan-quota. */
export const FULL_SCAN_PART = 0.25;
/** Permits gather for so long, so that a read which comes twice a minute finds enough for some pages. */
const GATHER_MS = 60_000;

/**
 * One read's access to the quota. A permit is the right to ask for one page of a full scan, beside the budget's token.
 */
export interface ScanPermits {
  /** Takes a permit if there is one now. */
  tryTake(urgent: boolean): boolean;
  /** Resolves with a permit taken, first come first served; rejects with the signal's reason when that aborts first. */
  take(signal: AbortSignal): Promise<void>;
}

/**
 * Who asks for a permit: a full scan that something waits for, one that takes its part, or one that has had its part.
 */
export type PermitKind = 'urgent' | 'fair' | 'spare';

/** The part of the common permits that each leaves to those before it. */
const LEAVES: Readonly<Record<PermitKind, number>> = { urgent: 0, fair: 0.5, spare: 0.75 };
/**
 * The part of all permits that urgent full scans cannot take: an outage of some must not end the full scans of the
 * others.
 */
const REGULAR_PART = 0.25;

type QuotaBudget = Pick<TokenSource, 'timeUntilNextMs' | 'timeUntilFullMs' | 'configuredPerMinute'>;

interface Deps {
  readonly budget: () => QuotaBudget;
  readonly clock: Clock;
}

/**
 * What the full scans of one connection may ask for, so that long lists do not make everything else late. A permit is
 * taken for each page of a full scan; a list that is short enough to be read whole each time needs none.
 *
 * A part of the permits is kept for full scans that take their fair part; the others gather in common. Who waits for a
 * permit, because nothing can be shown before its full scan ends, is also let through when the budget's bucket is full:
 * nobody wanted those requests. Nobody who waits is let through while the budget has no token.
 */
export class ScanQuota {
  readonly #budget: () => QuotaBudget;
  readonly #clock: Clock;
  readonly #waiting = new WaitQueue();
  /** In common, and those kept from urgent full scans. */
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

  /** Takes a permit if there is one now for a full scan of that kind. */
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

  /** Permits that flow in within `ms`. */
  flowOf(ms: number): number {
    return this.#perMs() * ms;
  }

  /** Milliseconds in which so many permits flow in that an urgent full scan may take. */
  timeOfMs(permits: number): number {
    return permits / (this.#perMs() * (1 - REGULAR_PART));
  }

  /**
   * Only when there is a token, too: whoever waits for one in the budget's queue stands before everybody else's reads.
   */
  #mayGrant(): boolean {
    return this.#budget().timeUntilNextMs() <= 0;
  }

  #perMs(): number {
    return (FULL_SCAN_PART * scheduledPerMinute(this.#budget().configuredPerMinute)) / 60_000;
  }

  /**
   * Of each kind at the most; at least four in common, so that whoever leaves most of them still gets one now and then.
   */
  #most(): number {
    return Math.max(4, this.#perMs() * GATHER_MS * (1 - REGULAR_PART));
  }

  #mostKept(): number {
    return Math.max(1, this.#perMs() * GATHER_MS * REGULAR_PART);
  }

  #fill(): void {
    const now = this.#clock.monotonic();
    const flow = (now - this.#filledAt) * this.#perMs();
    // What the kept ones have no room for is common.
    const kept = Math.max(0, Math.min(flow * REGULAR_PART, this.#mostKept() - this.#kept));
    this.#kept += kept;
    this.#permits = Math.min(this.#most(), this.#permits + flow - kept);
    this.#filledAt = now;
  }

  #schedule(): void {
    this.#cancelTimer();
    this.#cancelTimer = () => {};
    if (this.#waiting.length === 0) return;
    this.#fill();
    const untilKept = (1 - this.#kept) / (this.#perMs() * REGULAR_PART);
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
