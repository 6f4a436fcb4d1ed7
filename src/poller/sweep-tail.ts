import type { EpochMs } from '../base/clock.ts';
import type { WorkItem } from '../domain/work.ts';
import type { TailPage } from './sweep-memory.ts';

/** Transactions may become visible this long after their stamps, and then stand among older items. */
export const LATE_COMMIT_MS = 60_000;

/** The last pages of a list that grows at its end: from the last one whose first item is too old for late commits. */
export function keepTail(
  tail: readonly TailPage[],
  { cursor, items }: { readonly cursor: string | null; readonly items: readonly WorkItem[] },
  newestCreatedAt: EpochMs,
): TailPage[] {
  // An empty page tells nothing to recognize it by.
  if (items.length === 0) return [...tail];
  const page = { cursor, firstCreatedAt: items[0]!.createdAt, ids: new Set(items.map(({ id }) => id)) };
  const pages = [...tail.filter((known) => known.cursor !== cursor), page];
  const largest = Math.max(...pages.map(({ ids }) => ids.size));
  // Where cursors count items, those that leave at the start of the list draw the others forward: a page with few items
  // would soon show none that is known.
  const isStart = ({ firstCreatedAt, ids }: TailPage) =>
    firstCreatedAt !== null && firstCreatedAt <= newestCreatedAt - LATE_COMMIT_MS && 2 * ids.size >= largest;
  return pages.slice(Math.max(0, pages.findLastIndex(isStart)));
}
