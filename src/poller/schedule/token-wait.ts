import type { CancelTimer, Clock } from '../../base/clock.ts';
import type { TokenSource } from '../../domain/request-budget.ts';

type Tokens = Pick<TokenSource, 'take' | 'waiting' | 'timeUntilNextMs' | 'timeUntilFullMs'>;

interface Deps {
  readonly clock: Clock;
  /** A token may be available. */
  look(): void;
  /** A token was available and has been taken. */
  granted(): void;
}

/** How due jobs wait for a token of the budget. */
export class TokenWait {
  readonly #deps: Deps;
  #cancelTimer: CancelTimer = () => {};
  /** When the timer is due, monotonic; Infinity without one. */
  #lookAt = Number.POSITIVE_INFINITY;
  /** A place in the budget's queue. */
  #place: AbortController | null = null;

  constructor(deps: Deps) {
    this.#deps = deps;
  }

  /**
   * If others wait, joins their queue: a continuing read asks for its next token as soon as it has its page, so a mere
   * check would find the token taken for as long as that read lasts. Otherwise, jobs due within `gatherMs` start
   * together. A timer that is early enough is kept: each read that ends while there is no token comes here.
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
    const { clock, look } = this.#deps;
    const at = clock.monotonic() + delay;
    if (this.#lookAt <= at) return;
    this.#stopTimer();
    this.#lookAt = at;
    this.#cancelTimer = clock.setTimer(delay, () => {
      this.#lookAt = Number.POSITIVE_INFINITY;
      look();
    });
  }

  end(): void {
    this.#stopTimer();
    this.#place?.abort();
    this.#place = null;
  }

  #stopTimer(): void {
    if (this.#lookAt === Number.POSITIVE_INFINITY) return;
    this.#cancelTimer();
    this.#lookAt = Number.POSITIVE_INFINITY;
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
