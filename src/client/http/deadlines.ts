import type { CancelTimer, Clock } from '../../base/clock.ts';
import { ShortList } from '../../base/short-list.ts';

interface Deadline {
  /** Monotonic, milliseconds. */
  readonly at: number;
  readonly passed: () => void;
}

/** A timer that fires this late was held up together with the whole process, for example by a paused machine. */
const HELD_UP_MS = 1000;
/** Answers that arrived during the pause have this long to be read before their deadlines count. */
const READING_MS = 250;

/**
 * The deadlines of the requests in flight, which all have the same timeout. Nearly all requests end long before it, so
 * one timer serves them all: setting and clearing one for each request would cost a fiftieth of a poll. If requests are
 * rare, the timer is cleared after each, because a wake-up for nothing would cost more.
 */
export class Deadlines {
  readonly #clock: Clock;
  readonly #timeoutMs: number;
  /** Earliest first. */
  readonly #open = new ShortList<Deadline>();
  #cancelTimer: CancelTimer | null = null;
  /** When the timer is due, monotonic. */
  #lookAt = 0;
  #lastBegunAt = Number.NEGATIVE_INFINITY;
  /** No request began within the timeout before the last one. */
  #isRare = true;
  #closed = false;

  constructor(clock: Clock, timeoutMs: number) {
    this.#clock = clock;
    this.#timeoutMs = timeoutMs;
  }

  /** Calls `passed` at the deadline of a request that begins now, unless the returned function is called first. */
  begin(passed: () => void): () => void {
    const now = this.#clock.monotonic();
    this.#isRare = now - this.#lastBegunAt > this.#timeoutMs;
    this.#lastBegunAt = now;
    const deadline = { at: now + this.#timeoutMs, passed };
    this.#open.add(deadline);
    if (this.#cancelTimer === null) this.#lookIn(this.#timeoutMs);
    return () => {
      this.#open.delete(deadline);
      if (this.#isRare || this.#closed) this.#rest();
    };
  }

  /** Leaves no timer behind from now on, because it would keep the process from ending. */
  close(): void {
    this.#closed = true;
    this.#rest();
  }

  #lookIn(ms: number): void {
    this.#lookAt = this.#clock.monotonic() + ms;
    this.#cancelTimer = this.#clock.setTimer(ms, () => this.#look());
  }

  #look(): void {
    this.#cancelTimer = null;
    const now = this.#clock.monotonic();
    if (now - this.#lookAt > HELD_UP_MS && this.#open.size > 0) {
      this.#lookIn(READING_MS);
      return;
    }
    // Looks for the first one anew each time, because `passed` may end others.
    for (let deadline = this.#open.first; deadline !== undefined; deadline = this.#open.first) {
      if (deadline.at > now) {
        this.#lookIn(deadline.at - now);
        return;
      }
      this.#open.delete(deadline);
      deadline.passed();
    }
  }

  #rest(): void {
    if (this.#open.size > 0) return;
    this.#cancelTimer?.();
    this.#cancelTimer = null;
  }
}
