import { rejectsCursor } from '../../client/failure/rejected-page.ts';
import type { WorkPage } from '../../client/work-api.ts';
import { codeOf } from '../memory/code-of.ts';
import { OrderCheck } from '../memory/list-order.ts';
import type { ScanState } from '../memory/scan-state.ts';
import { beginsEarly, type TailPage } from '../memory/tail-pages.ts';
import { NO_FULL_SCAN } from '../memory/tracked-items.ts';
import { observeItems } from './observe-items.ts';
import { requestRescan } from './request-rescan.ts';
import { askPage, type Scan, type ScanFacts } from './scan-request.ts';

/** The pages that a scan has read: maps the cursor of each to that of the next page. */
export type PagesRead = Map<string | null, string | null>;

/** This many empty pages in a row are not a list: it may go on like this forever. */
const MOST_EMPTY_PAGES = 10;

/**
 * Reads the place where new items appear, until all of them are met: usually one page. @throws ApiError,
 * PageSizeRejected
 */
export function* scanNewItems(scanState: ScanState, facts: ScanFacts): Scan<PagesRead> {
  const pages: PagesRead = new Map();
  if (scanState.order.value === 'newest') yield* readHead(scanState, facts, pages);
  else if (scanState.order.value === 'oldest') yield* readTail(scanState, facts, pages);
  return pages;
}

/** From the start to the first page with an item older than everything that may have become visible since. */
function* readHead(scanState: ScanState, facts: ScanFacts, pages: PagesRead): Scan {
  const { highWaterMark } = scanState;
  const begunAt = facts.clock.monotonic();
  const check = new OrderCheck();
  const emptyPages = new EmptyPages();
  for (let cursor: string | null = null; ; ) {
    const page: WorkPage = yield* askPage(scanState, facts, cursor);
    takeIn(scanState, facts, { page, cursor, pages });
    check.follow(page.items);
    if (!check.keeps('newest')) return requestRescan(scanState, facts, 'order');
    const isFar = page.items.some(({ createdAt }) => beginsEarly(createdAt, highWaterMark.metUntil));
    if (!isFar && page.chainBroken) return requestRescan(scanState, facts, 'cursor_repeated');
    if (isFar || isLastPage(page, pages, facts)) return highWaterMark.incrementalScanEnded(begunAt);
    if (pages.has(page.nextPage) || emptyPages.areTooMany(page))
      return requestRescan(scanState, facts, 'cursor_repeated');
    cursor = page.nextPage;
  }
}

/** From the last page that no late commit can precede, to the end. */
function* readTail(scanState: ScanState, facts: ScanFacts, pages: PagesRead): Scan {
  const { tail, highWaterMark } = scanState;
  const { metUntil } = highWaterMark;
  const { page: start, before } = tail.start(metUntil);
  if (start === undefined) return requestRescan(scanState, facts, 'tail_changed');
  const begunAt = facts.clock.monotonic();
  const check = new OrderCheck();
  const emptyPages = new EmptyPages();
  for (let cursor: string | null = start.cursor; ; ) {
    const page = yield* readKnownPlace(scanState, facts, { cursor, pages });
    if (page === null) return;
    const first = page.items[0];
    if (pages.size === 1) {
      // The old items have moved away from here: new ones may stand anywhere.
      if (first === undefined || !start.rows.has(codeOf(first.id)))
        return requestRescan(scanState, facts, 'tail_changed');
      const moved = cursor !== null && !beginsEarly(first.createdAt, metUntil);
      if (moved && !(yield* readPageBefore(scanState, facts, { before, pages }))) return;
    }
    check.follow(page.items);
    if (!check.keeps('oldest')) return requestRescan(scanState, facts, 'order');
    tail.add({ cursor, items: page.items }, metUntil);
    if (page.chainBroken) return requestRescan(scanState, facts, 'cursor_repeated');
    if (isLastPage(page, pages, facts)) {
      highWaterMark.incrementalScanEnded(begunAt);
      tail.prune(highWaterMark.metUntil);
      return;
    }
    if (pages.has(page.nextPage!) || emptyPages.areTooMany(page))
      return requestRescan(scanState, facts, 'cursor_repeated');
    cursor = page.nextPage;
  }
}

/** A page by a cursor of an earlier scan; null when it is no longer accepted. */
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
    if (cursor === null || !rejectsCursor(error)) throw error;
    requestRescan(scanState, facts, 'cursor_rejected');
    return null;
  }
}

/**
 * The items of the page where the tail began have moved forward. Returns whether the page before it begins early
 * enough.
 */
function* readPageBefore(
  scanState: ScanState,
  facts: ScanFacts,
  { before, pages }: { before: TailPage | undefined; pages: PagesRead },
): Scan<boolean> {
  if (before !== undefined) {
    const page = yield* readKnownPlace(scanState, facts, { cursor: before.cursor, pages });
    if (page === null) return false;
    const { metUntil } = scanState.highWaterMark;
    if (before.cursor === null || beginsEarly(page.items[0]?.createdAt ?? null, metUntil)) return true;
  }
  requestRescan(scanState, facts, 'tail_changed');
  return false;
}

function isLastPage(page: WorkPage, pages: PagesRead, { poll }: ScanFacts): boolean {
  return page.nextPage === null || pages.size >= poll.maxListPages;
}

function takeIn(
  scanState: ScanState,
  facts: ScanFacts,
  { page, cursor, pages }: { page: WorkPage; cursor: string | null; pages: PagesRead },
): void {
  const seen = scanState.seenRows.of(page, cursor, facts.startedAtIsEnqueueStamp);
  observeItems(scanState, facts, { items: page.items, seen, cursor, fullScan: NO_FULL_SCAN });
  pages.set(cursor, page.nextPage);
}

/** Counts consecutive empty pages. */
class EmptyPages {
  #inARow = 0;

  /** Whether there were so many empty pages that only a full scan may continue, at its own pace. */
  areTooMany({ items }: WorkPage): boolean {
    this.#inARow = items.length === 0 ? this.#inARow + 1 : 0;
    return this.#inARow >= MOST_EMPTY_PAGES;
  }
}
