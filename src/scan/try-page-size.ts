import { observeItems } from './observe-items.ts';
import { askPage, PageSizeRejected, type Scan, type ScanFacts } from './scan-request.ts';
import type { ScanState } from './scan-state.ts';
import { NO_FULL_SCAN } from './tracked-items.ts';

/** Whether the provider accepts its preset's page size by now. Only then is there a reason to learn the list anew. */
export function* tryPageSize(scanState: ScanState, facts: ScanFacts): Scan {
  const { limits } = scanState;
  const takeBack = limits.tryPageSize();
  try {
    const { items } = yield* askPage(scanState, facts, null);
    forgetCursors(scanState);
    observeItems(scanState, facts, { items, page: null, fullScan: NO_FULL_SCAN });
  } catch (error) {
    takeBack();
    if (!(error instanceof PageSizeRejected)) throw error;
    limits.pageSizeRejected(facts.fallbackPageSize, facts.clock.monotonic());
  }
}

/** Goes on with the smaller page size after a scan that began then (monotonic) met a rejection. */
export function usePageSizeOfFallback(scanState: ScanState, facts: ScanFacts, begunAt: number): void {
  scanState.limits.pageSizeRejected(facts.fallbackPageSize, begunAt);
  forgetCursors(scanState);
}

/** Cursors are of one page size: with another one the list has to be learned anew. Items stay known. */
function forgetCursors({ items, fullScans, tail, order }: ScanState): void {
  items.forgetPages();
  fullScans.abandon();
  tail.forget();
  order.forget();
}
