import type { CancelTimer, Clock } from '../base/clock.ts';
import type { TokenSource } from '../domain/request-budget.ts';

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
  /** A place in the budget's queue. */
  #place: AbortController | null = null;

  constructor(deps: Deps) {
    this.#deps = deps;
  }

  /**
   * If others wait, joins their queue: a continuing read asks for its next token as soon as it has its page, so a mere
   * check would find the token taken for as long as that read lasts. Otherwise, jobs due within `gatherMs` start
   * together.
   */
  begin(budget: Tokens, gatherMs: number): void {
    this.#cancelTimer();
    if (budget.waiting > 0) {
      this.#queueUp(budget);
      return;
    }
    // Once the bucket is full, no more tokens accumulate, so wait for at most half a bucket.
    const gather = Math.min(gatherMs, budget.timeUntilFullMs() / 2);
    const delay = Math.max(budget.timeUntilNextMs(), gather, 1);
    this.#cancelTimer = this.#deps.clock.setTimer(delay, () => this.#deps.look());
  }

  end(): void {
    this.#cancelTimer();
    this.#place?.abort();
    this.#place = null;
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
