import { WaitQueue } from '../base/wait-queue.ts';

/** Limits how many run at the same time, first come, first served. */
export class Slots {
  readonly #most: number;
  #inUse = 0;
  readonly #waiting = new WaitQueue();

  constructor(most: number) {
    this.#most = most;
  }

  /** Takes a slot if one is free; otherwise `wait` for it. */
  tryTake(): boolean {
    if (this.#inUse >= this.#most) return false;
    this.#inUse++;
    return true;
  }

  /**
   * Resolves when a request that ended has handed over its slot. If the signal aborts first, rejects with its reason.
   */
  wait(signal?: AbortSignal): Promise<void> {
    return this.#waiting.wait(signal);
  }

  release(): void {
    if (this.#waiting.length > 0) this.#waiting.releaseFirst();
    else this.#inUse--;
  }
}
