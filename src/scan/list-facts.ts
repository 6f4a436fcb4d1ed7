import type { ItemsSnapshot } from '../state/environment-state.ts';
import { isReadWhole, type ScanState } from './memory/scan-state.ts';

/** How the list is read, and the outcome of its last full read. */
export function listFactsOf(scanState: ScanState): Pick<ItemsSnapshot, 'mode' | 'lastFullRead' | 'mismatch' | 'scan'> {
  const { order, mismatch, rescans } = scanState;
  const { last } = scanState.fullScans;
  return {
    mode: isReadWhole(scanState) || order.value === 'unknown' ? 'whole' : order.value,
    lastFullRead:
      last === null
        ? null
        : {
            at: last.endedAt,
            pages: last.pages,
            items: last.items,
            truncated: last.truncated || last.roomless,
            chainBroken: last.chainBroken,
            roomless: last.roomless,
          },
    mismatch: mismatch.value,
    scan: {
      fullScanMs: last === null ? null : last.endedMonotonic - last.startedMonotonic,
      rescanReason: rescans.last,
    },
  };
}
