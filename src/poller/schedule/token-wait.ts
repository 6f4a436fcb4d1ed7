import type { CancelTimer, Clock } from '../../base/clock.ts';
import type { TokenSource } from '../../domain/request-budget.ts';

type Tokens = Pick<TokenSource, 'take' | 'waiting' | 'timeUntilNextMs' | 'timeUntilFullMs'>;

interface Deps {
  readonly clock: Clock;
  /** Called when a token may be available. */
  tryAgain(): void;
  /** Called when a token has been taken after a wait in the budget's queue. */
  granted(): void;
}

/** How due jobs wait for a token of the budget. */
export class TokenWait {
  readonly #deps: Deps;
  #cancelTimer: CancelTimer = () => {};
  /** When the timer is due, monotonic; Infinity without one. */
  #tryAgainAt = Number.POSITIVE_INFINITY;
  /** Ends the wait in the budget's queue; null if this is not waiting there. */
  #place: AbortController | null = null;

  constructor(deps: Deps) {
    this.#deps = deps;
  }

  /**
   * If others wait for tokens, joins their queue: a long read asks for its next token as soon as it has a page, so polling
   * for a token would find none for as long as that read lasts. Otherwise waits so long that jobs due within `gatherMs`
   * start together. A timer that is early enough is kept: each read that ends while there is no token calls this.
   */
  begin(budget: Tokens, gatherMs: number): void {
    if (budget.waiting > 0) {
      this.#stopTimer();
      this.#queueUp(budget);
      return;
    }
    // Once the bucket is full, no more tokens accumulate, so wait for at most half a bucket.
    const gather = Math.min(gatherMs, budget.timeUntilFullMs() / 2);
    const delay = Math.max(budget.timeUntilNextMs(), gather, 1);
    const { clock, tryAgain: look } = this.#deps;
    const at = clock.monotonic() + delay;
    if (this.#tryAgainAt <= at) return;
    this.#stopTimer();
    this.#tryAgainAt = at;
    this.#cancelTimer = clock.setTimer(delay, () => {
      this.#tryAgainAt = Number.POSITIVE_INFINITY;
      look();
    });
  }

  end(): void {
    this.#stopTimer();
    this.#place?.abort();
    this.#place = null;
  }

  #stopTimer(): void {
    if (this.#tryAgainAt === Number.POSITIVE_INFINITY) return;
    this.#cancelTimer();
    this.#tryAgainAt = Number.POSITIVE_INFINITY;
  }

  #queueUp(budget: Tokens): void {
    if (this.#place !== null) return;
    const place = new AbortController();
    this.#place = place;
    budget.take(place.signal).then(
      () => {
        if (this.#place === place) this.#place = null;
        this.#deps.granted();
      },
      () => {},
    );
  }
}
