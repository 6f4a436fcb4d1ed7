import type { ServerResponse } from 'node:http';
import type { CancelTimer, Clock } from '../../base/clock.ts';

/** Concurrent answers, over all clients. */
export const MOST_ANSWERS = 64;
/** An answer that has not been read to its end in this time is cut off. */
export const ANSWER_MS = 60_000;
/** An answer whose reader has stalled this long is cut off when another needs its place. */
export const STALLED_MS = 5000;

/** The answer to a request for which there is no room. */
export const TOO_MANY_ANSWERS = {
  status: 503,
  code: 'too_many_requests_in_flight',
  message: `More than ${MOST_ANSWERS} answers are under way.`,
  remedy: 'Ask again in a second; find out which client does not read its answers.',
} as const;

interface Answer {
  /** Monotonic. */
  readonly begunAt: number;
  readonly cancelDeadline: CancelTimer;
}

/** Limits what clients that read slowly, or not at all, can make this process hold. */
export class AnswersInFlight {
  readonly #clock: Clock;
  readonly #answers = new Map<ServerResponse, Answer>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Counts this answer until it is sent or its socket closes; false, and nothing is counted: there is no room for it. */
  admit(response: ServerResponse): boolean {
    // It is closed already, and no event would ever end its count.
    if (response.destroyed) return true;
    if (this.#answers.size >= MOST_ANSWERS && !this.#cutStalled()) return false;
    const cancelDeadline = this.#clock.setTimer(ANSWER_MS, () => response.destroy());
    this.#answers.set(response, { begunAt: this.#clock.monotonic(), cancelDeadline });
    response.once('close', () => this.#leave(response));
    return true;
  }

  /** Ends the oldest answer whose reader has stalled; false: there is none. */
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
