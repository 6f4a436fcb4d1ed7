interface Waiter {
  readonly release: () => void;
}

/** Callers that wait for something, first come, first served. Each may stop waiting. */
export class WaitQueue {
  readonly #waiting: Waiter[] = [];

  get length(): number {
    return this.#waiting.length;
  }

  /**
   * Resolves when it is this caller's turn. If the signal aborts first, calls `gaveUp` and rejects with the signal's
   * reason.
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

  /** Lets the first caller go on; does nothing when nobody waits. */
  releaseFirst(): void {
    this.#waiting.shift()?.release();
  }
}
