import type { LedgerRead } from '../lifecycle/ledger.ts';
import type { ItemsSnapshot } from '../state/environment-state.ts';
import { isReadWhole, type ScanState } from './scan-state.ts';

/** Hands over what was seen since the last read that ended well. */
export function takeUnpublished(scanState: ScanState): LedgerRead {
  const read = {
    sightings: [...scanState.unpublished.values()],
    gone: [...scanState.gone],
    fullScan: scanState.fullScanEnd,
  };
  scanState.unpublished.clear();
  scanState.gone.clear();
  scanState.fullScanEnd = null;
  return read;
}

/** How the list is read and what the last look at all of it was like. */
export function listFactsOf(scanState: ScanState): Pick<ItemsSnapshot, 'mode' | 'lastFullRead' | 'mismatch' | 'scan'> {
  const { order, lastFullScan, mismatch, lastRescan } = scanState;
  return {
    mode: isReadWhole(scanState) || order === 'unknown' ? 'whole' : order,
    lastFullRead:
      lastFullScan === null
        ? null
        : {
            at: lastFullScan.endedAt,
            pages: lastFullScan.pages,
            items: lastFullScan.items,
            truncated: lastFullScan.truncated,
          },
    mismatch,
    scan: {
      fullScanMs: lastFullScan === null ? null : lastFullScan.endedMonotonic - lastFullScan.startedMonotonic,
      rescanReason: lastRescan,
    },
  };
}
