import type { WorkPage } from '../client/work-api.ts';
import { followOrder, keepsOrder, newOrderCheck } from './list-order.ts';
import { NO_FULL_SCAN, observeItems } from './observe-items.ts';
import { requestRescan } from './rescan-reason.ts';
import { askPage, isBadRequest, type Scan, type ScanFacts } from './scan-request.ts';
import type { ScanState, TailPage } from './scan-state.ts';
import { beginsEarly, keepTail, LATE_COMMIT_MS, pruneTail, tailStart } from './tail-pages.ts';

/** The pages that a read has read: the cursor of each, and that of the page after it. */
export type PagesRead = Map<string | null, string | null>;

/** Reads where new items come: all of them are met, and usually that is one page. @throws ApiError, PageSizeRejected */
export function* readNew(scanState: ScanState, facts: ScanFacts): Scan<PagesRead> {
  const pages: PagesRead = new Map();
  if (scanState.order === 'newest') yield* readHead(scanState, facts, pages);
  if (scanState.order === 'oldest') yield* readTail(scanState, facts, pages);
  return pages;
}

/** From the start until a page holds an item from before everything that may have become visible since. */
function* readHead(scanState: ScanState, facts: ScanFacts, pages: PagesRead): Scan {
  const begunAt = facts.clock.monotonic();
  const check = newOrderCheck();
  for (let cursor: string | null = null; ; ) {
    const page: WorkPage = yield* askPage(scanState, facts, cursor);
    takeIn(scanState, facts, { page, cursor, pages });
    followOrder(check, page.items);
    if (!keepsOrder(check, 'newest')) return requestRescan(scanState, facts, 'order');
    const isFar = page.items.some(({ createdAt }) => beginsEarly(createdAt, scanState.metUntil));
    if (isFar || isLastPage(page, pages, facts)) return metAll(scanState, begunAt);
    if (pages.has(page.nextPage)) return requestRescan(scanState, facts, 'cursor_repeated');
    cursor = page.nextPage;
  }
}

/** From the last page that late commits cannot precede to the end. */
function* readTail(scanState: ScanState, facts: ScanFacts, pages: PagesRead): Scan {
  const { tail, metUntil } = scanState;
  const from = tailStart(tail, metUntil);
  const start = tail[from];
  if (start === undefined) return requestRescan(scanState, facts, 'tail_changed');
  const begunAt = facts.clock.monotonic();
  const check = newOrderCheck();
  for (let cursor: string | null = start.cursor; ; ) {
    const page = yield* readKnownPlace(scanState, facts, { cursor, pages });
    if (page === null) return;
    const first = page.items[0];
    if (pages.size === 1) {
      // Something else at the place of the old items: what came since may stand anywhere.
      if (first === undefined || !start.ids.has(first.id)) return requestRescan(scanState, facts, 'tail_changed');
      const moved = cursor !== null && !beginsEarly(first.createdAt, metUntil);
      if (moved && !(yield* readPageBefore(scanState, facts, { before: tail[from - 1], pages }))) return;
    }
    followOrder(check, page.items);
    if (!keepsOrder(check, 'oldest')) return requestRescan(scanState, facts, 'order');
    scanState.tail = keepTail(scanState.tail, { cursor, items: page.items }, metUntil);
    if (isLastPage(page, pages, facts)) {
      metAll(scanState, begunAt);
      scanState.tail = pruneTail(scanState.tail, scanState.metUntil);
      return;
    }
    if (pages.has(page.nextPage!)) return requestRescan(scanState, facts, 'cursor_repeated');
    cursor = page.nextPage;
  }
}

/** A page by a cursor of an earlier read; null when it is accepted no more. */
function* readKnownPlace(
  scanState: ScanState,
  facts: ScanFacts,
  { cursor, pages }: { cursor: string | null; pages: PagesRead },
): Scan<WorkPage | null> {
  try {
    const page = yield* askPage(scanState, facts, cursor);
    takeIn(scanState, facts, { page, cursor, pages });
    return page;
  } catch (error) {
    if (cursor === null || !isBadRequest(error)) throw error;
    requestRescan(scanState, facts, 'cursor_rejected');
    return null;
  }
}

/** The items of the page where the tail began have moved forward. Returns whether the page before it begins early enough. */
function* readPageBefore(
  scanState: ScanState,
  facts: ScanFacts,
  { before, pages }: { before: TailPage | undefined; pages: PagesRead },
): Scan<boolean> {
  if (before !== undefined) {
    const page = yield* readKnownPlace(scanState, facts, { cursor: before.cursor, pages });
    if (page === null) return false;
    if (before.cursor === null || beginsEarly(page.items[0]?.createdAt ?? null, scanState.metUntil)) return true;
  }
  requestRescan(scanState, facts, 'tail_changed');
  return false;
}

function isLastPage(page: WorkPage, pages: PagesRead, { poll }: ScanFacts): boolean {
  return page.nextPage === null || pages.size >= poll.maxListPages;
}

/** Only a read that came to its end may move the mark: one that failed on its way has seen the newest items, not all. */
function metAll(scanState: ScanState, begunAt: number): void {
  // What was to be committed late has been by now: a burst is not read again and again until something newer comes.
  const settledMs = begunAt - scanState.newestRoseAt >= LATE_COMMIT_MS ? LATE_COMMIT_MS : 0;
  scanState.metUntil = Math.max(scanState.metUntil, scanState.newestSeen + settledMs);
}

function takeIn(
  scanState: ScanState,
  facts: ScanFacts,
  { page, cursor, pages }: { page: WorkPage; cursor: string | null; pages: PagesRead },
): void {
  observeItems(scanState, facts, { items: page.items, page: cursor, fullScan: NO_FULL_SCAN });
  pages.set(cursor, page.nextPage);
}
