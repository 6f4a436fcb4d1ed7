import type { CancelTimer, Clock } from '../base/clock.ts';
import { scheduledPerMinute } from '../poller/interval-scaling.ts';
import type { TokenSource } from '../poller/poll-connection.ts';

/** Part of a connection's scheduled requests that walks may take: algorithms.md, 3. */
export const WALK_SHARE = 0.25;
/** Turns gather for so long, so that a read which comes twice a minute finds enough for some pages. */
const GATHER_MS = 60_000;

/** One read's access to the share. A turn is the right to ask for one page of a walk, beside the budget's token. */
export interface WalkTurns {
  /** Takes a turn if there is one now. */
  tryTake(urgent: boolean): boolean;
  /** Resolves with a turn taken, first come first served; rejects with the signal's reason when that aborts first. */
  take(signal: AbortSignal): Promise<void>;
}

/** Who asks for a turn: a walk that something waits for, one that takes its part, or one that has had its part. */
export type TurnKind = 'urgent' | 'fair' | 'spare';

/** The part of the common turns that each leaves to those before it. */
const LEAVES: Readonly<Record<TurnKind, number>> = { urgent: 0, fair: 0.5, spare: 0.75 };
/** The part of all turns that urgent walks cannot take: an outage of some must not end the walks of the others. */
const REGULAR_PART = 0.25;

interface Deps {
  readonly budget: () => TokenSource;
  readonly clock: Clock;
}

/**
 * What the walks of one connection may ask for, so that long lists do not make everything else late. A turn is taken for
 * each page of a walk; a list that is short enough to be read whole each time needs none.
 *
 * A part of the turns is kept for walks that take their fair part; the others gather in common. Who waits for a turn, because
 * nothing can be shown before its walk ends, is also let through when the budget's bucket is full: nobody wanted those
 * requests. Nobody who waits is let through while the budget has no token.
 */
export class WalkShare {
  readonly #budget: () => TokenSource;
  readonly #clock: Clock;
  readonly #waiting: Array<() => void> = [];
  /** In common, and those kept from urgent walks. */
  #turns: number;
  #kept = 1;
  #filledAt: number;
  #cancelTimer: CancelTimer = () => {};

  constructor({ budget, clock }: Deps) {
    this.#budget = budget;
    this.#clock = clock;
    this.#turns = this.#most() / 2;
    this.#filledAt = clock.monotonic();
  }

  /** Takes a turn if there is one now for a walk of that kind. */
  tryTake(kind: TurnKind): boolean {
    this.#fill();
    if (kind === 'fair' && this.#kept >= 1) {
      this.#kept--;
      return true;
    }
    if (this.#turns < 1 + LEAVES[kind] * this.#most()) return false;
    this.#turns--;
    return true;
  }

  take(signal: AbortSignal): Promise<void> {
    if (signal.aborted) return Promise.reject(signal.reason);
    if (this.#waiting.length === 0 && this.#mayGrant() && this.tryTake('fair')) return Promise.resolve();
    return new Promise((resolve, reject) => {
      const grant = () => {
        signal.removeEventListener('abort', onAbort);
        resolve();
      };
      const onAbort = () => {
        this.#waiting.splice(this.#waiting.indexOf(grant), 1);
        this.#schedule();
        reject(signal.reason);
      };
      signal.addEventListener('abort', onAbort, { once: true });
      this.#waiting.push(grant);
      this.#schedule();
    });
  }

  /** Turns that flow in within `ms`. */
  flowOf(ms: number): number {
    return this.#perMs() * ms;
  }

  /** Milliseconds in which so many turns flow in that an urgent walk may take. */
  timeOfMs(turns: number): number {
    return turns / (this.#perMs() * (1 - REGULAR_PART));
  }

  /** Only when there is a token, too: whoever waits for one in the budget's queue stands before everybody else's reads. */
  #mayGrant(): boolean {
    return this.#budget().timeUntilNextMs() <= 0;
  }

  #perMs(): number {
    return (WALK_SHARE * scheduledPerMinute(this.#budget().configuredPerMinute)) / 60_000;
  }

  /** Of each kind at the most; at least four in common, so that whoever leaves most of them still gets one now and then. */
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
    this.#turns = Math.min(this.#most(), this.#turns + flow - kept);
    this.#filledAt = now;
  }

  #schedule(): void {
    this.#cancelTimer();
    this.#cancelTimer = () => {};
    if (this.#waiting.length === 0) return;
    this.#fill();
    const untilKept = (1 - this.#kept) / (this.#perMs() * REGULAR_PART);
    const untilCommon = (1 + LEAVES.fair * this.#most() - this.#turns) / this.#perMs();
    const untilTurn = Math.min(untilKept, Math.max(untilCommon, 0), this.#budget().timeUntilFullMs());
    const delay = Math.max(untilTurn, this.#budget().timeUntilNextMs(), 1);
    this.#cancelTimer = this.#clock.setTimer(Math.ceil(delay), () => {
      const granted = this.#mayGrant() && (this.tryTake('fair') || this.#budget().timeUntilFullMs() <= 0);
      if (granted) this.#waiting.shift()?.();
      this.#schedule();
    });
  }
}
