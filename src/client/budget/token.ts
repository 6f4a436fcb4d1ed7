import type { Budget } from './budget.ts';

/** A token that a call takes from the budget for each of its requests, and gives back if nothing was sent with it. */
export class Token {
  readonly #budget: Budget;
  #unspent = false;
  /** How many pauses of the budget had begun when it was taken. */
  #pauses = 0;

  /** @param prepaid whether the caller has already taken the token for the first request */
  constructor(budget: Budget, prepaid: boolean) {
    this.#budget = budget;
    if (prepaid) this.#markTaken();
  }

  /** Whether the API has answered another request with 429 since it was taken: then it must not be used any more. */
  get isOutdated(): boolean {
    return this.#pauses !== this.#budget.pauses;
  }

  /** Resolves when it is taken. If the signal aborts first, rejects with its reason. */
  async take(signal: AbortSignal | undefined): Promise<void> {
    await this.#budget.take(signal);
    this.#markTaken();
  }

  /** Takes it if one is available at once. */
  tryTake(): boolean {
    if (!this.#budget.tryTake()) return false;
    this.#markTaken();
    return true;
  }

  /** Exchanges an outdated token for one from after the pause; otherwise like `take`. */
  async exchange(signal: AbortSignal | undefined): Promise<void> {
    this.#unspent = false;
    await this.#budget.exchange(signal);
    this.#markTaken();
  }

  /** Keeps it while the call waits for something else, such as a slot. Rejects as `wait` does. */
  async hold(wait: () => Promise<void>): Promise<void> {
    this.#budget.hold();
    try {
      await wait();
    } finally {
      this.#budget.release();
    }
  }

  /** Its request counts as sent from now on. */
  spend(): void {
    this.#unspent = false;
  }

  /** Gives it back, if no request was sent with it. */
  end(): void {
    if (this.#unspent) this.#budget.giveBack();
    this.#unspent = false;
  }

  /** It has been taken now, and nothing was sent with it. */
  #markTaken(): void {
    this.#unspent = true;
    this.#pauses = this.#budget.pauses;
  }
}
