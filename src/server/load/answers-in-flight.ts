import type { ServerResponse } from 'node:http';
import type { CancelTimer, Clock } from '../../base/clock.ts';

/** Answers under way at a time, over all clients. */
export const MOST_ANSWERS = 64;
/** An answer that is not read to its end within this is cut. */
export const ANSWER_MS = 60_000;
/** An answer that has waited so long for its reader gives way when there is no room for another. */
export const STALLED_MS = 5000;

/** What a request is told for which there is no room. */
export const TOO_MANY_ANSWERS = {
  status: 503,
  code: 'too_many_requests_in_flight',
  message: `More than ${MOST_ANSWERS} answers are under way.`,
  remedy: 'Ask again in a second; find out who asks without reading the answers.',
} as const;

interface Answer {
  /** Monotonic. */
  readonly begunAt: number;
  readonly cancelDeadline: CancelTimer;
}

/** Bounds what clients that read slowly, or not at all, can make this process hold. */
export class AnswersInFlight {
  readonly #clock: Clock;
  readonly #most: number;
  readonly #answers = new Map<ServerResponse, Answer>();

  constructor(clock: Clock, most = MOST_ANSWERS) {
    this.#clock = clock;
    this.#most = most;
  }

  get size(): number {
    return this.#answers.size;
  }

  /** Whether there is room for this answer. It then counts until it is sent, or its socket dies. */
  enter(response: ServerResponse): boolean {
    // Gone already: nobody would tell us when it goes.
    if (response.destroyed) return true;
    if (this.#answers.size >= this.#most && !this.#cutStalled()) return false;
    const cancelDeadline = this.#clock.setTimer(ANSWER_MS, () => response.destroy());
    this.#answers.set(response, { begunAt: this.#clock.monotonic(), cancelDeadline });
    response.once('close', () => this.#leave(response));
    return true;
  }

  /** Ends the oldest answer whose reader takes nothing; false: there is none. */
  #cutStalled(): boolean {
    const latest = this.#clock.monotonic() - STALLED_MS;
    for (const [response, { begunAt }] of this.#answers) {
      if (begunAt > latest) return false;
      if (response.writableLength === 0) continue;
      response.destroy();
      this.#leave(response);
      return true;
    }
    return false;
  }

  #leave(response: ServerResponse): void {
    this.#answers.get(response)?.cancelDeadline();
    this.#answers.delete(response);
  }
}
