import { rejectsCursor } from '../../client/failure/rejected-page.ts';
import type { ScanState } from '../memory/scan-state.ts';
import { NO_FULL_SCAN, type TrackedItem } from '../memory/tracked-items.ts';
import type { PagesRead } from './incremental-scan.ts';
import { observeItems } from './observe-items.ts';
import { requestRescan } from './request-rescan.ts';
import { mayRetrieve, retrieveItem } from './retrieve-item.ts';
import { askPage, type Scan, type ScanFacts } from './scan-request.ts';

/** How many requests a scan spends on items that its other pages did not show: docs/design/list-scan.md#live-items. */
const MOST_REQUESTS = 3;

/** One scan's attempt to see every live item again. */
interface Refresh {
  /** All pages that the scan has read so far. */
  readonly pages: PagesRead;
  /** Ids of the items for which this scan does nothing more. */
  readonly tried: Set<string>;
  /** Requests that may still be made. */
  left: number;
}

/**
 * Reads live items that this scan has not met, the longest unseen first: each by its id where that is possible,
 * otherwise the pages where they stood. An item that is not reached keeps the time at which it was last seen.
 *
 * @throws ApiError, PageSizeRejected
 */
export function* refreshItems(scanState: ScanState, facts: ScanFacts, pages: PagesRead): Scan {
  const refresh: Refresh = { pages, tried: new Set(), left: MOST_REQUESTS };
  while (refresh.left > 0) {
    const next = leastRecentlySeen(scanState, refresh.tried);
    if (next === null) return;
    const group = groupOf(scanState, refresh.tried, next);
    const alone = group.length === 1 || next.lost || next.cursor === undefined;
    if (alone && mayRetrieve(scanState, facts, next)) {
      refresh.left--;
      refresh.tried.add(next.item.id);
      yield* retrieveItem(scanState, facts, next.item.id);
    } else if (next.cursor === undefined || next.lost) {
      // Only a full scan can find it, and all others that were lost with it: otherwise each scan would look for them one by
      // one.
      for (const tracked of scanState.items.all()) {
        const isLost = tracked.cursor === undefined || tracked.lost;
        if (isLost && !mayRetrieve(scanState, facts, tracked)) refresh.tried.add(tracked.item.id);
      }
      refresh.tried.add(next.item.id);
    } else {
      yield* readGroup(scanState, facts, { refresh, group, cursor: next.cursor });
    }
  }
}

/** Reads the page where the items of a group stood, and the next one if they are not there; marks those as lost that neither has. */
function* readGroup(
  scanState: ScanState,
  facts: ScanFacts,
  { refresh, group, cursor }: { refresh: Refresh; group: readonly TrackedItem[]; cursor: string | null },
): Scan {
  // Its page and the next one: new items may have pushed it back.
  let at: string | null = cursor;
  for (let looked = refresh.pages.has(cursor) ? 1 : 0; looked < 2; looked++) {
    const unread = firstUnread(refresh.pages, at);
    if (unread === undefined) break;
    if (refresh.left === 0) return;
    refresh.left--;
    const nextPage = yield* readPageAgain(scanState, facts, unread);
    if (nextPage === undefined) return;
    refresh.pages.set(unread, nextPage);
    if (group.every(({ item }) => isMet(scanState, item.id))) return;
    at = unread;
  }
  markLost(scanState, facts, { refresh, group });
}

/** The cursor of the first page from `from` on that this scan has not read yet; undefined if it has read all to the end. */
function firstUnread(pages: PagesRead, from: string | null): string | null | undefined {
  let at = from;
  // A list that leads back to an earlier page has no more pages than this.
  for (let steps = 0; steps <= pages.size; steps++) {
    const next = pages.get(at);
    if (next === undefined) return at;
    if (next === null) return undefined;
    at = next;
  }
  return undefined;
}

/** Reads a page where live items stood. Returns the cursor of the next page; undefined when its own cursor was rejected. */
function* readPageAgain(
  scanState: ScanState,
  facts: ScanFacts,
  cursor: string | null,
): Scan<string | null | undefined> {
  try {
    const page = yield* askPage(scanState, facts, cursor);
    observeItems(scanState, facts, { items: page.items, cursor, fullScan: NO_FULL_SCAN });
    return page.nextPage;
  } catch (error) {
    if (cursor === null || !rejectsCursor(error)) throw error;
    scanState.items.forgetCursor(cursor);
    requestRescan(scanState, facts, 'cursor_rejected');
    return undefined;
  }
}

function markLost(
  scanState: ScanState,
  facts: ScanFacts,
  { refresh, group }: { refresh: Refresh; group: readonly TrackedItem[] },
): void {
  const { items } = scanState;
  for (const { item } of group) {
    const tracked = items.get(item.id);
    if (tracked === undefined || items.isMet(tracked)) continue;
    items.markLost(item.id);
    if (mayRetrieve(scanState, facts, tracked)) continue;
    refresh.tried.add(item.id);
    requestRescan(scanState, facts, 'item_moved');
  }
}

/** Whether this scan has met the item, or it is known to be stopped or gone. */
function isMet({ items }: ScanState, id: string): boolean {
  const tracked = items.get(id);
  return tracked === undefined || items.isMet(tracked);
}

function leastRecentlySeen({ items }: ScanState, tried: ReadonlySet<string>): TrackedItem | null {
  let oldest: TrackedItem | null = null;
  for (const tracked of items.all()) {
    if (items.isMet(tracked) || tried.has(tracked.item.id)) continue;
    if (oldest === null || tracked.observedAt < oldest.observedAt) oldest = tracked;
  }
  return oldest;
}

/** The item and those that stood on its page and are to be seen again as well. */
function groupOf({ items }: ScanState, tried: ReadonlySet<string>, { cursor, item }: TrackedItem): TrackedItem[] {
  return [...items.all()].filter(
    (other) =>
      other.item.id === item.id ||
      (other.cursor === cursor && !items.isMet(other) && !tried.has(other.item.id) && !other.lost),
  );
}
