import type { ScanState } from '../memory/scan-state.ts';
import { NO_FULL_SCAN } from '../memory/tracked-items.ts';
import { observeItems } from './observe-items.ts';
import { askPage, PageSizeRejected, type Scan, type ScanFacts } from './scan-request.ts';

/** Checks whether the provider now accepts its preset's page size. Only then does the list have to be learned anew. */
export function* tryPageSize(scanState: ScanState, facts: ScanFacts): Scan {
  const { limits } = scanState;
  const takeBack = limits.tryPageSize();
  try {
    const { items } = yield* askPage(scanState, facts, null);
    forgetCursors(scanState);
    observeItems(scanState, facts, { items, cursor: null, fullScan: NO_FULL_SCAN });
  } catch (error) {
    takeBack();
    if (!(error instanceof PageSizeRejected)) throw error;
    limits.pageSizeRejected(facts.fallbackPageSize, facts.clock.monotonic());
  }
}

/** Continues with the smaller page size after the scan that began at `begunAt` (monotonic) was rejected. */
export function usePageSizeOfFallback(scanState: ScanState, facts: ScanFacts, begunAt: number): void {
  scanState.limits.pageSizeRejected(facts.fallbackPageSize, begunAt);
  forgetCursors(scanState);
}

/** Cursors apply to one page size: with another one the list must be learned anew. Items stay known. */
function forgetCursors({ items, fullScans, tail, order }: ScanState): void {
  items.forgetAllCursors();
  fullScans.abandon();
  tail.forget();
  order.forget();
}
