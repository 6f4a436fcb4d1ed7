import type { EpochMs } from '../base/clock.ts';
import type { WorkItem } from '../domain/work.ts';
import type { TailPage } from './scan-state.ts';

/** Transactions may become visible this long after their stamps, and then stand among older items. */
export const LATE_COMMIT_MS = 60_000;

/** The last pages of a list that grows at its end: those from which on new items come, and one before them. */
export function keepTail(
  tail: readonly TailPage[],
  { cursor, items }: { readonly cursor: string | null; readonly items: readonly WorkItem[] },
  metUntil: EpochMs,
): TailPage[] {
  // An empty page tells nothing to recognize it by.
  if (items.length === 0) return [...tail];
  const page = { cursor, firstCreatedAt: items[0]!.createdAt, ids: new Set(items.map(({ id }) => id)) };
  return pruneTail([...tail.filter((known) => known.cursor !== cursor), page], metUntil);
}

/** Forgets the pages that are of no use as long as all that was created until `metUntil` was met. */
export function pruneTail(tail: readonly TailPage[], metUntil: EpochMs): TailPage[] {
  // Where cursors count items, those that leave at the start of the list draw the others forward: the page before.
  return tail.slice(Math.max(0, tailStart(tail, metUntil) - 1));
}

/** The last page whose first item is too old for a late commit to stand before it; the first one when none is. */
export function tailStart(tail: readonly TailPage[], metUntil: EpochMs): number {
  const largest = Math.max(...tail.map(({ ids }) => ids.size));
  // A page with few items would soon show none that is known.
  const isStart = (page: TailPage) => beginsEarly(page.firstCreatedAt, metUntil) && 2 * page.ids.size >= largest;
  return Math.max(0, tail.findLastIndex(isStart));
}

/** Whether no item that a read has not met can stand before one that was created then. */
export function beginsEarly(firstCreatedAt: EpochMs | null, metUntil: EpochMs): boolean {
  return firstCreatedAt !== null && firstCreatedAt <= metUntil - LATE_COMMIT_MS;
}
