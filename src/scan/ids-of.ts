import type { WorkItem } from '../domain/work.ts';

const KNOWN = new WeakMap<readonly WorkItem[], ReadonlySet<string>>();

/** The ids of a page's items, built once per page: several parts of a scan need them, and a page may come again. */
export function idsOf(items: readonly WorkItem[]): ReadonlySet<string> {
  const known = KNOWN.get(items);
  if (known !== undefined) return known;
  const ids = new Set(items.map(({ id }) => id));
  KNOWN.set(items, ids);
  return ids;
}
