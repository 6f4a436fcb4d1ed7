import type { EpochMs } from '../base/clock.ts';

interface ScheduledEvent {
  readonly at: EpochMs;
  readonly run: (at: EpochMs) => void;
}

/** Scheduled events; those of the same moment run in the order in which they were scheduled, so that a seed always gives the same world. */
export class EventQueue {
  /** Latest first: the next one is taken off the end. */
  readonly #events: ScheduledEvent[] = [];

  schedule(at: EpochMs, run: (at: EpochMs) => void): void {
    let low = 0;
    let high = this.#events.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.#events[middle]!.at > at) low = middle + 1;
      else high = middle;
    }
    this.#events.splice(low, 0, { at, run });
  }

  /** Removes and returns the next event if it is due at `until` or before. */
  takeDue(until: EpochMs): ScheduledEvent | null {
    const next = this.#events.at(-1);
    return next !== undefined && next.at <= until ? this.#events.pop()! : null;
  }
}
