import type { CancelTimer, Clock } from '../base/clock.ts';
import type { TokenSource } from '../domain/request-budget.ts';

type Tokens = Pick<TokenSource, 'take' | 'waiting' | 'timeUntilNextMs' | 'timeUntilFullMs'>;

interface Deps {
  readonly clock: Clock;
  /** There may be a token. */
  look(): void;
  /** There is a token, and it has been taken. */
  granted(): void;
}

/** How whatever is due waits for a token of the budget. */
export class TokenWait {
  readonly #deps: Deps;
  #cancelTimer: CancelTimer = () => {};
  /** A place in the budget's queue. */
  #place: AbortController | null = null;

  constructor(deps: Deps) {
    this.#deps = deps;
  }

  /**
   * Where others wait, in their queue: a read that goes on asks for its next token as soon as it has its page, and who only looks
   * whether there is one finds it taken for as long as that read lasts. Else what comes within `gatherMs` goes out together.
   */
  begin(budget: Tokens, gatherMs: number): void {
    this.#cancelTimer();
    if (budget.waiting > 0) {
      this.#queueUp(budget);
      return;
    }
    // Of a full bucket nothing more would gather, so half a bucket is waited for at the most.
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
