import type { EpochMs } from '../base/clock.ts';

type Run = (at: EpochMs) => void;

/** A time that stands still between what happens, and what is to happen. */
export class EventQueue {
  /** Latest first: the next one is taken off the end. */
  readonly #events: { readonly at: EpochMs; readonly run: Run }[] = [];
  #now: EpochMs;

  constructor(now: EpochMs) {
    this.#now = now;
  }

  get now(): EpochMs {
    return this.#now;
  }

  /** Events of the same moment run in the order in which they were scheduled, so that a seed always gives the same world. */
  schedule(at: EpochMs, run: Run): void {
    let low = 0;
    let high = this.#events.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.#events[middle]!.at > at) low = middle + 1;
      else high = middle;
    }
    this.#events.splice(low, 0, { at, run });
  }

  /** Moves on to the next event and runs it, if it is due by then, or else to that moment. Returns whether there may be more. */
  step(until: EpochMs): boolean {
    const next = this.#events.at(-1);
    const isDue = next !== undefined && next.at <= until;
    this.#now = Math.max(this.#now, isDue ? next.at : until);
    if (isDue) this.#events.pop()!.run(next.at);
    return isDue;
  }
}

/** What somebody is going to do; none of it happens once the agenda is closed. */
export class Agenda {
  readonly #events: EventQueue;
  #isClosed = false;

  constructor(events: EventQueue) {
    this.#events = events;
  }

  at(at: EpochMs, run: Run): void {
    this.#events.schedule(at, (now) => {
      if (!this.#isClosed) run(now);
    });
  }

  close(): void {
    this.#isClosed = true;
  }
}
