import type { EpochMs } from '../base/clock.ts';
import type { WorkItem } from '../domain/work.ts';

/** In which order the service lists items, as far as full scans have shown. */
export type ListOrder = 'unknown' | 'newest' | 'oldest' | 'none';

/** Follows `created_at` over consecutive pages. */
export interface OrderCheck {
  neverRises: boolean;
  neverFalls: boolean;
  last: EpochMs | null;
  /** Ids of the page before: an item that moved on to the next page says nothing about the order. */
  previous: ReadonlySet<string>;
}

export function newOrderCheck(): OrderCheck {
  return { neverRises: true, neverFalls: true, last: null, previous: new Set() };
}

/** Follows the order over one more page. Returns how many of its items the page before did not have. */
export function followOrder(check: OrderCheck, items: readonly WorkItem[]): number {
  let fresh = 0;
  const ids = new Set<string>();
  for (const { id, createdAt } of items) {
    if (ids.has(id) || check.previous.has(id)) continue;
    ids.add(id);
    fresh++;
    if (createdAt === null) continue;
    if (check.last !== null && createdAt > check.last) check.neverRises = false;
    if (check.last !== null && createdAt < check.last) check.neverFalls = false;
    check.last = createdAt;
  }
  if (items.length > 0) check.previous = new Set(items.map(({ id }) => id));
  return fresh;
}

export function keepsOrder(check: OrderCheck, order: 'newest' | 'oldest'): boolean {
  return order === 'newest' ? check.neverRises : check.neverFalls;
}
