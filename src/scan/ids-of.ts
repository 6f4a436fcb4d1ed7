import type { WorkItem } from '../domain/work.ts';

type Ids = ReadonlySet<string>;

/** By the last item of a page: what changes in a list changes first at its start. */
const KNOWN = new WeakMap<WorkItem, Ids>();
const NONE: Ids = new Set();

/**
 * The ids of a page's items. Several parts of a scan need them, and most pages have the ids of the page before: they
 * are only collected when they have changed.
 */
export function idsOf(items: readonly WorkItem[]): Ids {
  const last = items.at(-1);
  if (last === undefined) return NONE;
  const known = KNOWN.get(last);
  if (known !== undefined && areIdsOf(known, items)) return known;
  const ids = new Set(items.map(({ id }) => id));
  KNOWN.set(last, ids);
  return ids;
}

/** Whether the items have these ids in this order, each once. */
function areIdsOf(ids: Ids, items: readonly WorkItem[]): boolean {
  if (ids.size !== items.length) return false;
  let at = 0;
  for (const id of ids) if (id !== items[at++]!.id) return false;
  return true;
}
