import { ApiError } from '../client/api-error.ts';
import type { PagesRead } from './incremental-scan.ts';
import { dropItem, NO_FULL_SCAN, observeItems } from './observe-items.ts';
import { requestRescan } from './rescan-reason.ts';
import { askItem, askPage, isBadRequest, type Scan, type ScanFacts } from './scan-request.ts';
import type { ScanState, TrackedItem } from './scan-state.ts';

/** Requests that a read spends on items which its other pages did not show: docs/design/list-scan.md#live-items. */
const MOST_REQUESTS = 3;
/** A key that may not read single items is a matter of configuration; people may change it. */
const REFUSED_FOR_MS = 3_600_000;

/** One read's attempt to see every live item again. */
interface Refresh {
  readonly pages: PagesRead;
  readonly tried: Set<string>;
  left: number;
}

/**
 * Looks at live items that this read has not met, those unseen for longest first: alone by id where that is possible,
 * else by the pages where they stood. What is not reached keeps the time at which it was seen.
 *
 * @throws ApiError, PageSizeRejected
 */
export function* refreshItems(scanState: ScanState, facts: ScanFacts, pages: PagesRead): Scan {
  const refresh: Refresh = { pages, tried: new Set(), left: MOST_REQUESTS };
  const mayAsk = (id: string) => mayRetrieve(scanState, facts) && scanState.items.get(id)?.avoidRetrieve !== true;
  while (refresh.left > 0) {
    const next = leastRecentlySeen(scanState, refresh.tried);
    if (next === null) return;
    const group = groupOf(scanState, refresh.tried, next);
    const alone = group.length === 1 || next.lost || next.page === undefined;
    if (alone && mayRetrieve(scanState, facts) && !next.avoidRetrieve) {
      refresh.left--;
      refresh.tried.add(next.item.id);
      yield* retrieveItem(scanState, facts, next.item.id);
    } else if (next.page === undefined || next.lost) {
      // Only a full scan finds it, and all that are lost like it: one after the other they would be looked through each
      // time.
      for (const { item, page, lost } of scanState.items.values()) {
        if ((page === undefined || lost) && !mayAsk(item.id)) refresh.tried.add(item.id);
      }
      refresh.tried.add(next.item.id);
    } else {
      yield* readGroup(scanState, facts, { refresh, group, cursor: next.page });
    }
  }
}

export function mayRetrieve(scanState: ScanState, facts: ScanFacts): boolean {
  return facts.mayRetrieve && facts.clock.monotonic() >= scanState.retrieveRefusedUntil;
}

/** Reads one item by its id: 404 proves that it is gone. A failure of this item alone is no failure of the read. */
export function* retrieveItem(scanState: ScanState, facts: ScanFacts, id: string): Scan {
  try {
    const item = yield* askItem(id);
    observeItems(scanState, facts, { items: [item], page: undefined, fullScan: NO_FULL_SCAN });
  } catch (error) {
    if (!(error instanceof ApiError) || error.failure.reason === 'rate_limited') throw error;
    const { reason } = error.failure;
    const tracked = scanState.items.get(id);
    if (reason === 'not_found') dropItem(scanState, id);
    else if (reason === 'unauthorized' || reason === 'forbidden') {
      scanState.retrieveRefusedUntil = facts.clock.monotonic() + REFUSED_FOR_MS;
    } else if (tracked !== undefined) scanState.items.set(id, { ...tracked, avoidRetrieve: true });
  }
}

function* readGroup(
  scanState: ScanState,
  facts: ScanFacts,
  { refresh, group, cursor }: { refresh: Refresh; group: readonly TrackedItem[]; cursor: string | null },
): Scan {
  // Its page and the one after it: new items may have pushed it on.
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

/** Follows the pages that this read has read already to the first that it has not; undefined at the end of the list. */
function firstUnread(pages: PagesRead, from: string | null): string | null | undefined {
  let at = from;
  // A list that leads back to where it was has no more pages than this.
  for (let steps = 0; steps <= pages.size; steps++) {
    const next = pages.get(at);
    if (next === undefined) return at;
    if (next === null) return undefined;
    at = next;
  }
  return undefined;
}

/** The cursor of the next page; undefined when the cursor was rejected. */
function* readPageAgain(
  scanState: ScanState,
  facts: ScanFacts,
  cursor: string | null,
): Scan<string | null | undefined> {
  try {
    const page = yield* askPage(scanState, facts, cursor);
    observeItems(scanState, facts, { items: page.items, page: cursor, fullScan: NO_FULL_SCAN });
    return page.nextPage;
  } catch (error) {
    if (cursor === null || !isBadRequest(error)) throw error;
    for (const [id, tracked] of scanState.items) {
      if (tracked.page === cursor) scanState.items.set(id, { ...tracked, page: undefined });
    }
    requestRescan(scanState, facts, 'cursor_rejected');
    return undefined;
  }
}

function markLost(
  scanState: ScanState,
  facts: ScanFacts,
  { refresh, group }: { refresh: Refresh; group: readonly TrackedItem[] },
): void {
  for (const { item } of group) {
    const tracked = scanState.items.get(item.id);
    if (tracked === undefined || isMet(scanState, item.id)) continue;
    scanState.items.set(item.id, { ...tracked, lost: true });
    if (mayRetrieve(scanState, facts) && !tracked.avoidRetrieve) continue;
    refresh.tried.add(item.id);
    requestRescan(scanState, facts, 'item_moved');
  }
}

/** Met by this read, or known to be stopped or gone by now. */
function isMet(scanState: ScanState, id: string): boolean {
  const tracked = scanState.items.get(id);
  return tracked === undefined || tracked.read === scanState.reads;
}

function leastRecentlySeen(scanState: ScanState, tried: ReadonlySet<string>): TrackedItem | null {
  let oldest: TrackedItem | null = null;
  for (const tracked of scanState.items.values()) {
    if (tracked.read === scanState.reads || tried.has(tracked.item.id)) continue;
    if (oldest === null || tracked.observedAt < oldest.observedAt) oldest = tracked;
  }
  return oldest;
}

function groupOf(scanState: ScanState, tried: ReadonlySet<string>, { page, item }: TrackedItem): TrackedItem[] {
  return [...scanState.items.values()].filter(
    (other) =>
      other.item.id === item.id ||
      (other.page === page && other.read !== scanState.reads && !tried.has(other.item.id) && !other.lost),
  );
}
