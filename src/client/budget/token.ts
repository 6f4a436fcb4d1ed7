import type { Budget } from './budget.ts';

/** A token that a call takes from the budget for each of its requests, and gives back if nothing was sent with it. */
export class Token {
  readonly #budget: Budget;
  #unspent = false;
  /** How many pauses of the budget had begun when it was taken. */
  #pauses = 0;

  /** `prepaid`: the caller has just taken it. */
  constructor(budget: Budget, prepaid: boolean) {
    this.#budget = budget;
    if (prepaid) this.#isTaken();
  }

  /** Whether the API has asked for a pause since, with its answer to another request: then it is good for nothing. */
  get isOutdated(): boolean {
    return this.#pauses !== this.#budget.pauses;
  }

  /** Resolves when it is taken. If the signal aborts first, rejects with its reason. */
  async take(signal: AbortSignal | undefined): Promise<void> {
    await this.#budget.take(signal);
    this.#isTaken();
  }

  /** Takes it if that is possible at once. */
  tryTake(): boolean {
    if (!this.#budget.tryTake()) return false;
    this.#isTaken();
    return true;
  }

  /** Exchanges one that is outdated for one from after the pause; otherwise like `take`. */
  async exchange(signal: AbortSignal | undefined): Promise<void> {
    this.#unspent = false;
    await this.#budget.exchange(signal);
    this.#isTaken();
  }

  /** Waits for something else, with it in the hand. Rejects as `wait` does. */
  async hold(wait: () => Promise<void>): Promise<void> {
    this.#budget.hold();
    try {
      await wait();
    } finally {
      this.#budget.release();
    }
  }

  /** From here on its request counts as sent. */
  spend(): void {
    this.#unspent = false;
  }

  /** Gives it back, if no request was sent with it. */
  end(): void {
    if (this.#unspent) this.#budget.giveBack();
    this.#unspent = false;
  }

  #isTaken(): void {
    this.#unspent = true;
    this.#pauses = this.#budget.pauses;
  }
}
