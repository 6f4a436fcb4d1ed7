import { missingAfterFullScan, type ScanPace, scanPages } from './full-scan.ts';
import { type PagesRead, readNew } from './incremental-scan.ts';
import { nobodyServes, UNSERVED_SCAN_MS } from './live-workers.ts';
import { dropItem, NO_FULL_SCAN, observeItems } from './observe-items.ts';
import { mayRetrieve, refreshItems, retrieveItem } from './refresh-items.ts';
import { mayRescan } from './rescan-reason.ts';
import { apiNow, askPage, PageSizeRejected, type Scan, type ScanFacts } from './scan-request.ts';
import { forgetCursors, isShort, type ScanState, WHOLE_PAGES } from './scan-state.ts';
import { judgeMismatch, noteComparison } from './stats-mismatch.ts';

/** How long a smaller page size is believed to be necessary. */
const PAGE_SIZE_MS = 86_400_000;
/** Pages of a full scan that one read goes through at the least when full scans are all there is. */
const PAGES_WITHOUT_ORDER = 10;
/** A second full scan over so many pages is made at once, and not at the pace of regular ones. */
const CHEAP_PAGES = 10;
/** Live items of a list that is cut are shown for so long after they were last seen. */
const UNSEEN_MS = 3_600_000;
/** Single reads of items that a full scan should have met, for one full scan. */
const MOST_PROOFS = 3;

/**
 * One read of the list: docs/design/list-scan.md. A short list is read whole; of a long one the place where new items
 * come and the live items, and a part of a full scan over everything when one is due.
 *
 * @throws ApiError when a request fails; what was seen until then stays in the memory and goes out with the next read.
 */
export function* scan(scanState: ScanState, facts: ScanFacts): Scan {
  const now = facts.clock.monotonic();
  scanState.reads++;
  if (scanState.pageSize !== null && scanState.pageSize.until <= now) yield* tryPageSize(scanState, facts);
  judgeMismatch(scanState, facts);
  try {
    yield* readOnce(scanState, facts);
  } catch (error) {
    if (!(error instanceof PageSizeRejected)) throw error;
    scanState.pageSize = { limit: facts.fallbackPageSize, until: now + PAGE_SIZE_MS };
    forgetCursors(scanState);
    yield* readOnce(scanState, facts);
  }
  noteComparison(scanState, facts);
}

/** Whether the provider accepts its preset's page size by now. Only then is there a reason to learn the list anew. */
function* tryPageSize(scanState: ScanState, facts: ScanFacts): Scan {
  const refused = scanState.pageSize;
  scanState.pageSize = null;
  try {
    const { items } = yield* askPage(scanState, facts, null);
    forgetCursors(scanState);
    observeItems(scanState, facts, { items, page: null, fullScan: NO_FULL_SCAN });
  } catch (error) {
    scanState.pageSize = refused;
    if (!(error instanceof PageSizeRejected)) throw error;
    scanState.pageSize = { limit: facts.fallbackPageSize, until: facts.clock.monotonic() + PAGE_SIZE_MS };
  }
}

function* readOnce(scanState: ScanState, facts: ScanFacts): Scan {
  if (scanState.lastFullScan === null || isShort(scanState.lastFullScan)) {
    yield* readWhole(scanState, facts);
    if (!tookLong(scanState, facts)) return;
  }
  const pages: PagesRead = yield* readNew(scanState, facts);
  // Each read looks at one page at the least.
  yield* continueFullScan(scanState, facts, pages.size === 0 ? 1 : 0);
  yield* refreshItems(scanState, facts, pages);
  if (mayRescan(scanState, facts) && scanState.fullScan?.urgent !== true) yield* continueFullScan(scanState, facts, 0);
}

/** A long full scan that took longer than reads are apart has missed what came since it passed the place for it. */
function tookLong({ lastFullScan }: ScanState, { clock, intervalMs }: ScanFacts): boolean {
  if (lastFullScan === null || isShort(lastFullScan)) return false;
  return clock.monotonic() - lastFullScan.startedMonotonic >= intervalMs;
}

/** All of a list that is short, or of which nothing can be shown before it was read to its end. */
function* readWhole(scanState: ScanState, facts: ScanFacts): Scan {
  // A long full scan that failed or had no permit on its way goes on; a short one is quicker begun anew.
  if ((scanState.fullScan?.pages ?? 0) < WHOLE_PAGES) scanState.fullScan = null;
  // Of a list that has outgrown its last full scan something can be shown meanwhile.
  const waits = scanState.lastFullScan === null;
  const pace = { most: Number.POSITIVE_INFINITY, waits, urgent: !waits };
  yield* scanSome(scanState, facts, { ...pace, free: Math.max(1, WHOLE_PAGES - (scanState.fullScan?.pages ?? 0)) });
  if (scanState.proofDue && scanState.lastFullScan !== null && isShort(scanState.lastFullScan)) {
    yield* scanSome(scanState, facts, { ...pace, free: WHOLE_PAGES });
  }
}

/**
 * A part of the full scan over a long list that is under way or due. What is urgent begins one anew, and goes as far as
 * it may.
 */
function* continueFullScan(scanState: ScanState, facts: ScanFacts, free: number): Scan {
  const urgent = wantsFullScanNow(scanState, facts);
  // The places that a regular full scan has passed may be those where something has happened since.
  if (urgent && scanState.fullScan?.urgent !== true) scanState.fullScan = null;
  const isIdle = scanState.fullScan === null && scanState.order !== 'none' && !isFullScanDue(scanState, facts);
  // Where no other page was to be had, its cursor rejected, the full scan begins early.
  if (isIdle && !urgent && free === 0) return;
  const goesFar = urgent || scanState.fullScan?.urgent === true || scanState.cursorsExpire;
  const most = goesFar ? Number.POSITIVE_INFINITY : pagesOfFullScan(scanState, facts);
  yield* scanSome(scanState, facts, { most, free, waits: false, urgent });
}

function wantsFullScanNow(scanState: ScanState, facts: ScanFacts): boolean {
  const { order, proofDue, lastFullScan } = scanState;
  // An item was not met: a second full scan at once settles it, where that is cheap.
  const proves = proofDue && (lastFullScan?.pages ?? 0) <= CHEAP_PAGES;
  return order === 'unknown' || proves || mayRescan(scanState, facts) || isNobodyThere(scanState, facts);
}

function* scanSome(scanState: ScanState, facts: ScanFacts, pace: ScanPace): Scan {
  const ended = yield* scanPages(scanState, facts, pace);
  if (ended) yield* settleMissing(scanState, facts);
}

/**
 * Live items that a full scan did not meet: a full scan of several pages is no proof, a second one or a single read is.
 */
function* settleMissing(scanState: ScanState, facts: ScanFacts): Scan {
  const fullScan = scanState.fullScanEnd;
  if (fullScan === null) return;
  let proofs = 0;
  for (const { id } of missingAfterFullScan(scanState, fullScan)) {
    const tracked = scanState.items.get(id);
    if (tracked === undefined) continue;
    const misses = fullScan.truncated ? tracked.misses : tracked.misses + 1;
    // Behind the cut of a list nothing can be proved: what nobody could look at for so long is not claimed any more.
    const isLost = fullScan.truncated && apiNow(facts) - tracked.observedAt > UNSEEN_MS;
    if (isLost || (!fullScan.truncated && (fullScan.pages === 1 || misses >= 2))) {
      dropItem(scanState, id);
      continue;
    }
    scanState.items.set(id, { ...tracked, misses, lost: true });
    if (mayRetrieve(scanState, facts) && !tracked.avoidRetrieve && proofs < MOST_PROOFS) {
      proofs++;
      scanState.fullScanRequests++;
      yield* retrieveItem(scanState, facts, id);
    }
    const left = scanState.items.get(id);
    if (left !== undefined && left.misses > 0 && !fullScan.truncated) scanState.proofDue = true;
  }
}

function isNobodyThere(scanState: ScanState, facts: ScanFacts): boolean {
  const { lastFullScan } = scanState;
  const now = facts.clock.monotonic();
  if (lastFullScan !== null && now - lastFullScan.endedMonotonic < UNSERVED_SCAN_MS) return false;
  const items = [...scanState.items.values()].map(({ item }) => item);
  const { staleHeartbeatSeconds } = facts;
  return nobodyServes(facts.queue?.stats ?? null, items, { now: apiNow(facts), staleHeartbeatSeconds });
}

/** Early enough that no page is looked at less often than `full_list_interval`, jitter included. */
function isFullScanDue(scanState: ScanState, facts: ScanFacts): boolean {
  const { lastFullScan, proofDue } = scanState;
  if (lastFullScan === null || proofDue) return true;
  const { clock, poll, intervalMs } = facts;
  // The last pages come later in a full scan that is spread over reads than in one that was made at once.
  const spread = Math.ceil(lastFullScan.pages / pagesOfFullScan(scanState, facts)) * intervalMs;
  const later = Math.max(0, spread - (lastFullScan.endedMonotonic - lastFullScan.startedMonotonic));
  return clock.monotonic() - lastFullScan.startedMonotonic >= poll.fullListIntervalMs - later - 1.5 * intervalMs;
}

/** Enough for a full scan to take half of `full_list_interval`; without an order full scans are all there is. */
function pagesOfFullScan({ lastFullScan, order }: ScanState, { poll, intervalMs }: ScanFacts): number {
  const quota = Math.ceil((2 * (lastFullScan?.pages ?? 1) * intervalMs) / poll.fullListIntervalMs);
  return Math.max(order === 'none' ? PAGES_WITHOUT_ORDER : 1, quota);
}
