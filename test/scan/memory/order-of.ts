import type { WorkItem } from '../../../src/domain/work.ts';
import { type ListOrder, OrderCheck } from '../../../src/scan/memory/list-order.ts';
import { buildItem } from '../../support/states.ts';

/** An item with the id and the date of this number. */
function created(at: number): WorkItem {
  return buildItem(`work_${at}`, { createdAt: at }).item;
}

/** What pages of rows with these dates show, and how many items they name. */
export function orderOf(pages: readonly (readonly number[])[], begunAt?: number): { order: ListOrder; items: number } {
  const check = new OrderCheck(begunAt);
  const items = pages.map((page) => check.follow(page.map(created))).reduce((sum, fresh) => sum + fresh, 0);
  return { order: check.shown({ pages: pages.length, truncated: false }), items };
}
