import type { ListOrder } from './list-order.ts';

/** How long a list counts as unordered after its order was broken again and again. */
const WITHOUT_ORDER_MS = 3_600_000;

/** The order that the list is considered to have. Times are monotonic. */
export class LearnedOrder {
  #value: ListOrder = 'unknown';
  /** Until this time the list counts as unordered, whatever full scans show. */
  #noneUntil = 0;

  get value(): ListOrder {
    return this.#value;
  }

  /** A full scan has ended and shown this order. */
  learn(shown: ListOrder, now: number): void {
    this.#value = now < this.#noneUntil ? 'none' : shown;
  }

  /** The order was broken again and again: for an hour the list counts as unordered. */
  markUnordered(now: number): void {
    this.#value = 'none';
    this.#noneUntil = now + WITHOUT_ORDER_MS;
  }

  /** Nothing is known of the order any more. */
  forget(): void {
    this.#value = 'unknown';
  }
}
