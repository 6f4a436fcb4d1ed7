import type { EpochMs } from '../base/clock.ts';
import type { WorkItem } from '../domain/work.ts';
import { idsOf } from './ids-of.ts';

/** The order in which the service lists items, as far as full scans have shown. */
export type ListOrder = 'unknown' | 'newest' | 'oldest' | 'none';

/** How long the list counts as one without an order after its order proved to be an illusion. */
const WITHOUT_ORDER_MS = 3_600_000;

/** Tracks `created_at` over consecutive pages. */
export class OrderCheck {
  #neverRises = true;
  #neverFalls = true;
  #last: EpochMs | null = null;
  /** Ids of the page before: an item that moved to the next page says nothing about the order. */
  #previous: ReadonlySet<string> = new Set();

  /** Tracks the order over one more page. Returns how many of its items were not on the page before. */
  follow(items: readonly WorkItem[]): number {
    let fresh = 0;
    const ids = idsOf(items);
    // Only a page that names an item twice must remember which items it has passed.
    const passed = ids.size < items.length ? new Set<string>() : null;
    for (const { id, createdAt } of items) {
      if (passed?.has(id) || this.#previous.has(id)) continue;
      passed?.add(id);
      fresh++;
      if (createdAt === null) continue;
      if (this.#last !== null && createdAt > this.#last) this.#neverRises = false;
      if (this.#last !== null && createdAt < this.#last) this.#neverFalls = false;
      this.#last = createdAt;
    }
    if (items.length > 0) this.#previous = ids;
    return fresh;
  }

  keeps(order: 'newest' | 'oldest'): boolean {
    return order === 'newest' ? this.#neverRises : this.#neverFalls;
  }

  /** The order that a full scan has shown: docs/design/list-scan.md#learning-the-order. */
  shown({ pages, truncated }: { readonly pages: number; readonly truncated: boolean }): ListOrder {
    if (pages < 2) return 'unknown';
    // Without a single date there is no order to track.
    if (this.#last === null) return 'none';
    if (this.#neverRises) return 'newest';
    // If the end was not reached, new items there cannot be tracked.
    return this.#neverFalls && !truncated ? 'oldest' : 'none';
  }
}

/** The order that the list is considered to have. Times are monotonic. */
export class LearnedOrder {
  #value: ListOrder = 'unknown';
  /** Until when the list counts as having no order, whatever full scans show. */
  #noneUntil = 0;

  get value(): ListOrder {
    return this.#value;
  }

  learn(shown: ListOrder, now: number): void {
    this.#value = now < this.#noneUntil ? 'none' : shown;
  }

  /** The order was broken again and again. */
  wasIllusion(now: number): void {
    this.#value = 'none';
    this.#noneUntil = now + WITHOUT_ORDER_MS;
  }

  forget(): void {
    this.#value = 'unknown';
  }
}
