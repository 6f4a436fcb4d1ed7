import { ApiError } from '../../client/failure/api-error.ts';
import { rejectsCursor } from '../../client/failure/rejected-page.ts';
import { codeOf } from '../memory/code-of.ts';
import type { FullScanProgress } from '../memory/full-scan.ts';
import type { ScanState } from '../memory/scan-state.ts';
import { observeItems } from './observe-items.ts';
import { apiNow, askPage, awaitPermit, type Scan, type ScanFacts } from './scan-request.ts';

/** Pages that one full scan asks for within this fraction of the scheduled interval are one part of the list. */
const SAME_PART_INTERVALS = 0.1;

/** How far a scan continues a full scan. */
export interface ScanPace {
  /** Whether a scan that has read `pages` of the full scan reads the next one, too. */
  goesOn(pages: number): boolean;
  /** Pages that need no permit. */
  readonly free: number;
  /** Whether to wait for a permit or, when there is none, to leave the rest of the full scan to a later scan. */
  readonly waits: boolean;
  readonly urgent: boolean;
}

/**
 * Reads the next pages of the full scan, and begins one if there is none, until the full scan ends or the pace stops
 * it. Empty pages count as pages. The next scan asks again for a page that fails; the full scan keeps its progress.
 *
 * Returns whether the full scan has ended. @throws ApiError, PageSizeRejected
 */
export function* scanPages(scanState: ScanState, facts: ScanFacts, pace: ScanPace): Scan<boolean> {
  const { fullScans } = scanState;
  const { free, waits, urgent } = pace;
  if (fullScans.current === null) beginFullScan(scanState, facts, urgent);
  let restarted = false;
  for (let n = 0; pace.goesOn(n); n++) {
    const fullScan = fullScans.current!;
    if (n >= free) {
      if (waits) yield* awaitPermit();
      else if (!facts.permits.tryTake(fullScan.urgent)) return false;
    }
    const read = yield* readPage(scanState, facts, { fullScan, mayRestart: !restarted, needsPermit: n >= free });
    if (read === 'ended') return true;
    if (read === 'read') continue;
    // The first cursor of a scan comes from an earlier scan.
    if (n === 0) fullScans.cursorExpired();
    else fullScans.cursorRejected();
    if (fullScans.current === null) return false;
    restarted = true;
    // The page could not be read: the first page replaces it and needs no permit either.
    if (n < free) n--;
  }
  return false;
}

/**
 * Reads the next page of the full scan. A generator of its own, because one that waits, for a permit or an answer, keeps its
 * variables: of the page before, half a megabyte.
 */
function* readPage(
  scanState: ScanState,
  facts: ScanFacts,
  { fullScan, mayRestart, needsPermit }: { fullScan: FullScanProgress; mayRestart: boolean; needsPermit: boolean },
): Scan<'read' | 'rejected' | 'ended'> {
  const { fullScans, highWaterMark, seenRows } = scanState;
  const askedAt = facts.clock.monotonic();
  const page = yield* scanPage(scanState, facts, { fullScan, mayRestart });
  if (page === null) return 'rejected';
  const { nextCursor: cursor, number, order, tail, parts, startedAt } = fullScan;
  const { items, nextPage } = page;
  if (needsPermit) fullScans.countRequest();
  const seen = seenRows.of(page, cursor, facts.startedAtIsEnqueueStamp);
  observeItems(scanState, facts, { items, seen, cursor, fullScan: number });
  parts.add({ items, askedAt }, { order: scanState.order.value, togetherMs: SAME_PART_INTERVALS * facts.intervalMs });
  // A single page needs no check of its order.
  const isWhole = fullScan.pages === 0 && nextPage === null && seen?.facts.showsEachOnce === true;
  const { pages } = fullScans.pageRead(isWhole ? items.length : order.follow(items));
  // The end of a list that is read whole each time, or does not grow at its end, is of no use.
  if ((pages > 1 || nextPage !== null) && order.keeps('oldest')) {
    tail.add({ cursor, items }, highWaterMark.metByFullScan(startedAt));
  } else tail.forget();
  const chainBroken = nextPage === null ? page.chainBroken === true : fullScan.cursors.has(codeOf(nextPage));
  if (nextPage === null || chainBroken || pages >= facts.poll.maxListPages) {
    endFullScan(scanState, facts, { truncated: nextPage !== null || chainBroken, chainBroken });
    return 'ended';
  }
  fullScans.continueAt(nextPage);
  return 'read';
}

/** One page of the full scan; null when its cursor was rejected and the full scan has restarted or ended. */
function* scanPage(
  scanState: ScanState,
  facts: ScanFacts,
  { fullScan, mayRestart }: { fullScan: FullScanProgress; mayRestart: boolean },
) {
  const { fullScans } = scanState;
  try {
    return yield* askPage(scanState, facts, fullScan.nextCursor);
  } catch (error) {
    if (fullScan.nextCursor !== null && rejectsCursor(error)) {
      if (mayRestart) beginFullScan(scanState, facts, fullScan.urgent);
      else fullScans.abandon();
      // A list that is already known shows what was read all the same.
      if (mayRestart || fullScans.last !== null) return null;
    } else if (error instanceof ApiError) fullScans.failed();
    throw error;
  }
}

function beginFullScan({ fullScans, items, room }: ScanState, facts: ScanFacts, urgent: boolean): void {
  const startedMonotonic = facts.clock.monotonic();
  const start = { startedAt: apiNow(facts), startedMonotonic, startedInScan: items.scan, urgent };
  fullScans.begin({ ...start, leftOutBefore: room.leftOut });
}

function endFullScan(
  scanState: ScanState,
  facts: ScanFacts,
  { truncated, chainBroken }: { truncated: boolean; chainBroken: boolean },
): void {
  const { fullScans, unpublished, highWaterMark, order, tail, rescans, room } = scanState;
  const { clock } = facts;
  const now = clock.monotonic();
  const fullScan = fullScans.current!;
  const { startedAt, startedMonotonic, startedInScan, pages, items } = fullScan;
  const times = { startedMonotonic, startedInScan, endedMonotonic: now, endedAt: clock.now() };
  const roomless = room.leftOut > fullScan.leftOutBefore;
  fullScans.end({ ...times, pages, items, parts: fullScan.parts.read, truncated, chainBroken, roomless });
  rescans.answered();
  // By the present skew: the first answers may have revealed it.
  unpublished.fullScanEnded({
    startedAt: apiNow(facts) - (now - startedMonotonic),
    pages,
    truncated: truncated || roomless,
  });
  highWaterMark.fullScanEnded(startedAt);
  order.learn(fullScan.order.shown({ pages, truncated }), now);
  if (order.value === 'oldest') tail.replace(fullScan.tail);
  else tail.forget();
}
