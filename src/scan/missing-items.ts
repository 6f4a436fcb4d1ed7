import type { FullScanEnd } from '../lifecycle/ledger.ts';
import { dropItem } from './observe-items.ts';
import { mayRetrieve, retrieveItem } from './retrieve-item.ts';
import { apiNow, type Scan, type ScanFacts } from './scan-request.ts';
import type { ScanState } from './scan-state.ts';
import type { TrackedItem } from './tracked-items.ts';

/** Live items of a list that is cut are shown for so long after they were last seen. */
const UNSEEN_MS = 3_600_000;
/** Single reads of items that a full scan should have met, for one full scan. */
const MOST_PROOFS = 3;

/**
 * Settles what became of live items that the full scan which has just ended did not meet: a full scan of several pages
 * is no proof, a second one or a single read is. docs/design/list-scan.md#full-scan
 */
export function* settleMissing(scanState: ScanState, facts: ScanFacts): Scan {
  const { items, fullScans, unpublished } = scanState;
  const fullScan = unpublished.fullScanEnd;
  if (fullScan === null) return;
  let proofs = 0;
  for (const { item } of missingAfter(fullScan, scanState)) {
    const { id } = item;
    const tracked = items.get(id);
    if (tracked === undefined) continue;
    const misses = fullScan.truncated ? tracked.misses : tracked.misses + 1;
    // Behind the cut of a list nothing can be proved: what nobody could look at for so long is not claimed any more.
    const isLost = fullScan.truncated && apiNow(facts) - tracked.observedAt > UNSEEN_MS;
    if (isLost || (!fullScan.truncated && (fullScan.pages === 1 || misses >= 2))) {
      dropItem(scanState, id);
      continue;
    }
    items.markLost(id, misses);
    if (mayRetrieve(scanState, facts, tracked) && proofs < MOST_PROOFS) {
      proofs++;
      fullScans.countRequest();
      yield* retrieveItem(scanState, facts, id);
    }
    const left = items.get(id);
    if (left !== undefined && left.misses > 0 && !fullScan.truncated) fullScans.wantProof();
  }
}

/** The live items that a full scan which has just ended should have met and did not. */
function missingAfter(fullScan: FullScanEnd, { items, fullScans }: ScanState): readonly TrackedItem[] {
  return [...items.all()].filter(
    (tracked) => tracked.fullScan !== fullScans.number && tracked.observedAt < fullScan.startedAt,
  );
}
