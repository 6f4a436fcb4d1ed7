import { type FinishedFullScan, isShort, WHOLE_PAGES } from './memory/full-scan.ts';
import { isPageDue } from './memory/list-parts.ts';
import type { ScanState } from './memory/scan-state.ts';
import { noteComparison, rescanOnMismatch } from './steps/compare-with-stats.ts';
import { type ScanPace, scanPages } from './steps/full-scan.ts';
import { type PagesRead, scanNewItems } from './steps/incremental-scan.ts';
import { settleMissing } from './steps/missing-items.ts';
import { refreshItems } from './steps/refresh-items.ts';
import { mayRescan } from './steps/request-rescan.ts';
import { apiNow, PageSizeRejected, type Scan, type ScanFacts } from './steps/scan-request.ts';
import { tryPageSize, usePageSizeOfFallback } from './steps/try-page-size.ts';
import { isUnserved, UNSERVED_SCAN_MS } from './unserved.ts';

/** The fewest pages of a full scan that one scan reads if every scan is part of a full scan. */
const PAGES_WITHOUT_ORDER = 10;
/** A second full scan of up to this many pages happens at once, not at the regular pace. */
const CHEAP_PAGES = 10;

/**
 * One read of the list: docs/design/list-scan.md. A short list is read whole. Of a long list, it reads the place where
 * new items appear, the live items and, when one is due, a part of a full scan.
 *
 * @throws ApiError when a request fails; what was seen until then stays in memory and is published with the next scan
 */
export function* scan(scanState: ScanState, facts: ScanFacts): Scan {
  const begunAt = facts.clock.monotonic();
  scanState.items.beginScan();
  // What was published since may have left room for other lists.
  scanState.room.setSize(Math.max(scanState.items.size, facts.followed), scanState.items.extraBytes);
  if (scanState.limits.isPageSizeOld(begunAt)) yield* tryPageSize(scanState, facts);
  rescanOnMismatch(scanState, facts);
  try {
    yield* readOnce(scanState, facts);
  } catch (error) {
    if (!(error instanceof PageSizeRejected)) throw error;
    usePageSizeOfFallback(scanState, facts, begunAt);
    yield* readOnce(scanState, facts);
  }
  noteComparison(scanState, facts);
}

function* readOnce(scanState: ScanState, facts: ScanFacts): Scan {
  const { fullScans } = scanState;
  if (fullScans.last === null || isShort(fullScans.last)) {
    yield* readWhole(scanState, facts);
    if (!tookLong(fullScans.last, facts)) return;
  }
  const { last: lastFullScan } = fullScans;
  const { value: order } = scanState.order;
  let pages: PagesRead = yield* scanNewItems(scanState, facts);
  // Each scan reads at least one page.
  yield* continueFullScan(scanState, facts, pages.size === 0 ? 1 : 0);
  // A full scan over several scans shows an order, and not the items that came behind it.
  if (fullScans.last !== lastFullScan && scanState.order.value !== order) pages = yield* scanNewItems(scanState, facts);
  yield* refreshItems(scanState, facts, pages);
  if (mayRescan(scanState, facts) && fullScans.current?.urgent !== true) yield* continueFullScan(scanState, facts, 0);
}

/** A long full scan that took longer than the time between scans may have missed items added behind it. */
function tookLong(last: FinishedFullScan | null, { clock, intervalMs }: ScanFacts): boolean {
  if (last === null || isShort(last)) return false;
  return clock.monotonic() - last.startedMonotonic >= intervalMs;
}

/** Reads all of a short list, or of a list that was never read to its end, because nothing of it can be shown before that. */
function* readWhole(scanState: ScanState, facts: ScanFacts): Scan {
  const { fullScans } = scanState;
  // A long full scan that failed or ran out of permits continues; a short one is quicker to restart.
  if ((fullScans.current?.pages ?? 0) < WHOLE_PAGES) fullScans.abandon();
  // If there was a full scan before, there is something to show in the meantime, so this one need not wait.
  const waits = fullScans.last === null;
  const pace = { goesOn: () => true, waits, urgent: !waits };
  yield* scanSome(scanState, facts, { ...pace, free: Math.max(1, WHOLE_PAGES - (fullScans.current?.pages ?? 0)) });
  if (fullScans.proofDue && fullScans.last !== null && isShort(fullScans.last)) {
    yield* scanSome(scanState, facts, { ...pace, free: WHOLE_PAGES });
  }
}

/**
 * Reads a part of the full scan of a long list that is under way or due. An urgent full scan starts anew and goes as far as it
 * may.
 */
function* continueFullScan(scanState: ScanState, facts: ScanFacts, free: number): Scan {
  const { fullScans } = scanState;
  const urgent = wantsFullScanNow(scanState, facts);
  // Something may have happened at places that a regular full scan has already passed.
  if (urgent && fullScans.current?.urgent !== true) fullScans.abandon();
  const goesFar = urgent || fullScans.current?.urgent === true || fullScans.cursorsExpire;
  const most = goesFar ? Number.POSITIVE_INFINITY : pagesOfFullScan(scanState, facts);
  // The time at the beginning: otherwise a scan with slow answers would never end, because more pages become due meanwhile.
  const now = facts.clock.monotonic();
  const goesOn = (read: number) => isNextPageDue(scanState, facts, { now, most, read });
  // If no other page could be read because its cursor was rejected, the full scan begins early.
  if (!urgent && free === 0 && !goesOn(0)) return;
  yield* scanSome(scanState, facts, { goesOn, free, waits: false, urgent });
}

function wantsFullScanNow(scanState: ScanState, facts: ScanFacts): boolean {
  const { order, fullScans } = scanState;
  // An item was not met: a second full scan proves at once whether it is gone, if that is cheap.
  const proves = fullScans.proofDue && (fullScans.last?.pages ?? 0) <= CHEAP_PAGES;
  return order.value === 'unknown' || proves || mayRescan(scanState, facts) || seemsUnserved(scanState, facts);
}

function* scanSome(scanState: ScanState, facts: ScanFacts, pace: ScanPace): Scan {
  const ended = yield* scanPages(scanState, facts, pace);
  if (ended) yield* settleMissing(scanState, facts);
}

function seemsUnserved({ fullScans: { last }, items }: ScanState, facts: ScanFacts): boolean {
  if (last !== null && facts.clock.monotonic() - last.endedMonotonic < UNSERVED_SCAN_MS) return false;
  const live = [...items.all()].map(({ item }) => item);
  const { staleHeartbeatSeconds } = facts;
  return isUnserved(facts.queue?.stats ?? null, live, { now: apiNow(facts), staleHeartbeatSeconds });
}

/**
 * Whether a scan that has read `read` pages of the full scan reads the next one, too. As a rule it reads at most `most`.
 */
function isNextPageDue(
  { fullScans: { current, last, proofDue }, order }: ScanState,
  { poll, intervalMs }: ScanFacts,
  { now, most, read }: { now: number; most: number; read: number },
): boolean {
  if (last === null || proofDue || order.value === 'unknown' || order.value === 'none') return read < most;
  // A full scan under way reads a page with each scan, so that its cursor does not grow old.
  if (current !== null && (read === 0 || most === Number.POSITIVE_INFINITY)) return true;
  const ahead = current?.parts.ahead ?? last.parts;
  return isPageDue(ahead, { now, withinMs: poll.fullListIntervalMs, intervalMs, mostPages: most, readPages: read });
}

/** Enough for a full scan to take half of `full_list_interval`; without an order, every scan is part of a full scan. */
function pagesOfFullScan({ fullScans, order }: ScanState, { poll, intervalMs }: ScanFacts): number {
  // A list may have become longer since.
  const pages = Math.max(fullScans.last?.pages ?? 1, fullScans.current?.pages ?? 0);
  const quota = Math.ceil((2 * pages * intervalMs) / poll.fullListIntervalMs);
  return Math.max(order.value === 'none' ? PAGES_WITHOUT_ORDER : 1, quota);
}
