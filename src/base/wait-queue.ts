interface Waiter {
  readonly release: () => void;
}

/** Those who wait for something, first come first served; each may give up. */
export class WaitQueue {
  readonly #waiting: Waiter[] = [];

  get length(): number {
    return this.#waiting.length;
  }

  /**
   * Resolves when it is this one's turn; rejects with the signal's reason when that aborts first, after `gaveUp` was
   * told.
   */
  wait(signal?: AbortSignal, gaveUp: () => void = () => {}): Promise<void> {
    if (signal?.aborted) return Promise.reject(signal.reason);
    return new Promise((resolve, reject) => {
      const onAbort = () => {
        this.#waiting.splice(this.#waiting.indexOf(waiter), 1);
        gaveUp();
        reject(signal?.reason);
      };
      const waiter: Waiter = {
        release: () => {
          signal?.removeEventListener('abort', onAbort);
          resolve();
        },
      };
      signal?.addEventListener('abort', onAbort, { once: true });
      this.#waiting.push(waiter);
    });
  }

  /** Lets the first one go on; nothing when nobody waits. */
  releaseFirst(): void {
    this.#waiting.shift()?.release();
  }
}
