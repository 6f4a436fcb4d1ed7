import { WaitQueue } from '../base/wait-queue.ts';

/** Limits how many run at the same time, first come, first served. */
export class Slots {
  readonly #most: number;
  #inUse = 0;
  readonly #waiting = new WaitQueue();

  constructor(most: number) {
    this.#most = most;
  }

  /**
   * Resolves with the function that gives the slot back, to be called once. If the signal aborts first, rejects with its
   * reason.
   */
  async acquire(signal?: AbortSignal): Promise<() => void> {
    signal?.throwIfAborted();
    // After a wait, the request that ended has handed over its slot.
    if (this.#inUse >= this.#most) await this.#waiting.wait(signal);
    else this.#inUse++;
    return () => {
      if (this.#waiting.length > 0) this.#waiting.releaseFirst();
      else this.#inUse--;
    };
  }
}
