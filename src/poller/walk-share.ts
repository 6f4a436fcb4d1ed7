import type { CancelTimer, Clock } from '../base/clock.ts';
import type { TokenSource } from './connection.ts';
import { scheduledPerMinute } from './stretch.ts';

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

/** The part of all turns that each leaves to those before it. */
const LEAVES: Readonly<Record<TurnKind, number>> = { urgent: 0, fair: 0.5, spare: 0.75 };

interface Deps {
  readonly budget: () => TokenSource;
  readonly clock: Clock;
}

/**
 * What the walks of one connection may ask for, so that long lists do not make everything else late. A turn is taken for
 * each page of a walk; a list that is short enough to be read whole each time needs none.
 *
 * Who waits for a turn, because nothing can be shown before its walk ends, is also let through when the budget's bucket
 * is full: nobody wanted those requests.
 */
export class WalkShare {
  readonly #budget: () => TokenSource;
  readonly #clock: Clock;
  readonly #waiting: Array<() => void> = [];
  #turns: number;
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
    if (this.#turns < 1 + LEAVES[kind] * this.#most()) return false;
    this.#turns--;
    return true;
  }

  take(signal: AbortSignal): Promise<void> {
    if (signal.aborted) return Promise.reject(signal.reason);
    if (this.#waiting.length === 0 && this.tryTake('fair')) return Promise.resolve();
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

  /** Milliseconds until an urgent walk finds so many turns, or as many as ever gather. */
  timeUntilMs(turns: number): number {
    this.#fill();
    return Math.max(0, (Math.min(turns, this.#most()) - this.#turns) / this.#perMs());
  }

  #perMs(): number {
    return (WALK_SHARE * scheduledPerMinute(this.#budget().configuredPerMinute)) / 60_000;
  }

  /** At least four, so that whoever leaves most of them to others still gets one now and then. */
  #most(): number {
    return Math.max(4, this.#perMs() * GATHER_MS);
  }

  #fill(): void {
    const now = this.#clock.monotonic();
    this.#turns = Math.min(this.#most(), this.#turns + (now - this.#filledAt) * this.#perMs());
    this.#filledAt = now;
  }

  #schedule(): void {
    this.#cancelTimer();
    this.#cancelTimer = () => {};
    if (this.#waiting.length === 0) return;
    const untilTurn = this.timeUntilMs(1 + LEAVES.fair * this.#most());
    const delay = Math.ceil(Math.min(untilTurn, this.#budget().timeUntilFullMs()));
    this.#cancelTimer = this.#clock.setTimer(Math.max(delay, 1), () => {
      if (this.tryTake('fair') || this.#budget().timeUntilFullMs() <= 0) this.#waiting.shift()?.();
      this.#schedule();
    });
  }
}
