import type { EpochMs } from '../base/clock.ts';
import { ApiError } from '../client/api-error.ts';
import type { WorkItem } from '../domain/work.ts';
import { followOrder, type ListOrder, newOrderCheck } from './list-order.ts';
import { observeItems } from './observe-items.ts';
import { apiNow, askPage, awaitPermit, isBadRequest, type Scan, type ScanFacts } from './scan-request.ts';
import type { FullScanProgress, ScanState } from './scan-state.ts';
import { keepTail } from './tail-pages.ts';

/** After so many failures in a row of one page the full scan begins anew. */
const MOST_FAILURES = 3;

/** How far a read goes on with a full scan. */
export interface ScanPace {
  /** Pages at the most. */
  readonly most: number;
  /** Pages that need no permit. */
  readonly free: number;
  /** Whether to wait for a permit, or to leave the rest of the full scan to a later read when there is none. */
  readonly waits: boolean;
  readonly urgent: boolean;
}

/**
 * Reads the next pages of the full scan, which begins if there is none, until it ends or the pace ends it. Empty pages count
 * as pages. A page that fails is asked again by the next read; the full scan so far is kept.
 *
 * Returns whether the full scan has ended. @throws ApiError, PageSizeRejected
 */
export function* scanPages(scanState: ScanState, facts: ScanFacts, pace: ScanPace): Scan<boolean> {
  const { most, free, waits, urgent } = pace;
  scanState.fullScan ??= beginFullScan(scanState, facts, { urgent });
  let restarted = false;
  for (let n = 0; n < most; n++) {
    const { fullScan } = scanState;
    if (n >= free) {
      if (waits) yield* awaitPermit();
      else if (!facts.permits.tryTake(fullScan.urgent)) return false;
    }
    const page = yield* scanPage(scanState, facts, { fullScan, mayRestart: !restarted });
    if (page === null) {
      // The first cursor of a read is one of an earlier read.
      if (n === 0) scanState.cursorsExpire = true;
      if (scanState.fullScan === null) return false;
      restarted = true;
      continue;
    }
    const cursor = fullScan.page;
    fullScan.pages++;
    if (n >= free) scanState.fullScanRequests++;
    fullScan.failures = 0;
    observeItems(scanState, facts, { items: page.items, page: cursor, fullScan: fullScan.number });
    fullScan.items += followOrder(fullScan.order, page.items);
    fullScan.tail = keepTail(fullScan.tail, { cursor, items: page.items }, metInFullScan(scanState, fullScan));
    const { nextPage } = page;
    const ended = nextPage === null;
    if (ended || fullScan.cursors.has(nextPage) || fullScan.pages >= facts.poll.maxListPages) {
      endFullScan(scanState, facts, { fullScan, truncated: !ended });
      return true;
    }
    fullScan.cursors.add(nextPage);
    fullScan.page = nextPage;
  }
  return false;
}

/** One page of the full scan; null when its cursor was rejected and the full scan has begun anew or is over. */
function* scanPage(
  scanState: ScanState,
  facts: ScanFacts,
  { fullScan, mayRestart }: { fullScan: FullScanProgress; mayRestart: boolean },
) {
  try {
    return yield* askPage(scanState, facts, fullScan.page);
  } catch (error) {
    if (fullScan.page !== null && isBadRequest(error)) {
      scanState.fullScan = mayRestart ? beginFullScan(scanState, facts, fullScan) : null;
      // What was read of a list that is known is shown all the same.
      if (mayRestart || scanState.lastFullScan !== null) return null;
    }
    if (error instanceof ApiError && ++fullScan.failures >= MOST_FAILURES) scanState.fullScan = null;
    throw error;
  }
}

function beginFullScan(
  scanState: ScanState,
  facts: ScanFacts,
  { urgent }: Pick<FullScanProgress, 'urgent'>,
): FullScanProgress {
  return {
    number: ++scanState.fullScans,
    startedAt: apiNow(facts),
    startedMonotonic: facts.clock.monotonic(),
    page: null,
    pages: 0,
    items: 0,
    cursors: new Set(),
    order: newOrderCheck(),
    tail: [],
    failures: 0,
    urgent,
  };
}

function endFullScan(
  scanState: ScanState,
  facts: ScanFacts,
  { fullScan, truncated }: { fullScan: FullScanProgress; truncated: boolean },
): void {
  const { clock } = facts;
  const { startedMonotonic, pages, items } = fullScan;
  // By the clock of now: the first answers may have told that it goes wrong.
  const startedAt = apiNow(facts) - (clock.monotonic() - startedMonotonic);
  scanState.fullScan = null;
  scanState.proofDue = false;
  scanState.rescanReason = null;
  scanState.lastFullScan = {
    startedMonotonic,
    endedMonotonic: clock.monotonic(),
    endedAt: clock.now(),
    pages,
    items,
    truncated,
  };
  scanState.fullScanEnd = { startedAt, pages, truncated };
  scanState.metUntil = Math.max(scanState.metUntil, metInFullScan(scanState, fullScan));
  scanState.order = clock.monotonic() < scanState.noneUntil ? 'none' : learnedOrder(fullScan, truncated);
  scanState.tail = scanState.order === 'oldest' ? fullScan.tail : [];
}

/** Until when a full scan that ends meets all that was created: what came after it began may stand on pages that it has passed. */
function metInFullScan({ newestSeen }: ScanState, { startedAt }: FullScanProgress): EpochMs {
  return Math.min(newestSeen, startedAt);
}

function learnedOrder({ pages, order }: FullScanProgress, truncated: boolean): ListOrder {
  if (pages < 2) return 'unknown';
  // Without a single date there is no order to follow.
  if (order.last === null) return 'none';
  if (order.neverRises) return 'newest';
  // What grows at an end that was not reached cannot be followed there.
  return order.neverFalls && !truncated ? 'oldest' : 'none';
}

/** The live items that a full scan which has just ended should have met and did not: no proof yet, but for a single page. */
export function missingAfterFullScan(
  scanState: ScanState,
  fullScan: NonNullable<ScanState['fullScanEnd']>,
): WorkItem[] {
  const missing: WorkItem[] = [];
  for (const tracked of scanState.items.values()) {
    if (tracked.fullScan !== scanState.fullScans && tracked.observedAt < fullScan.startedAt) missing.push(tracked.item);
  }
  return missing;
}
