import type { CancelTimer, Clock } from '../../base/clock.ts';
import { WaitQueue } from '../../base/wait-queue.ts';

interface TokenQueueDeps {
  readonly clock: Pick<Clock, 'setTimer'>;
  /** Milliseconds until the first caller can have its token. */
  readonly untilFirstMs: () => number;
  /** Takes a token for the first caller; false if there is none yet. */
  readonly takeToken: () => boolean;
}

/** The callers that wait for a token, first come, first served. */
export class TokenQueue {
  readonly #deps: TokenQueueDeps;
  readonly #waiting = new WaitQueue();
  #cancelTimer: CancelTimer | null = null;

  constructor(deps: TokenQueueDeps) {
    this.#deps = deps;
  }

  get length(): number {
    return this.#waiting.length;
  }

  /** Resolves once a token is taken for this caller. If the signal aborts first, rejects with its reason. */
  wait(signal?: AbortSignal): Promise<void> {
    const granted = this.#waiting.wait(signal, () => this.schedule());
    this.schedule();
    return granted;
  }

  /** Wakes when the first caller can have its token. To be called whenever that time may have changed. */
  schedule(): void {
    this.#cancelTimer?.();
    this.#cancelTimer = null;
    if (this.#waiting.length === 0) return;
    const delay = Math.max(Math.ceil(this.#deps.untilFirstMs()), 1);
    this.#cancelTimer = this.#deps.clock.setTimer(delay, () => {
      while (this.#waiting.length > 0 && this.#deps.takeToken()) this.#waiting.releaseFirst();
      this.schedule();
    });
  }
}
