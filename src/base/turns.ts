/** Steps that must not run at the same time, one after the other in the order in which they were asked for. */
export class Turns {
  #last: Promise<unknown> = Promise.resolve();

  /** Runs `step` after all before it, also after one that failed. Rejects with what `step` throws. */
  take<T>(step: () => Promise<T>): Promise<T> {
    const result = this.#last.then(step);
    this.#last = result.catch(() => {});
    return result;
  }

  /** Resolves when everything that was asked for until now has ended. */
  async settled(): Promise<void> {
    await this.#last;
  }
}
