import type { ScanState } from '../memory/scan-state.ts';
import type { TrackedItem } from '../memory/tracked-items.ts';
import { dropItem } from './observe-items.ts';
import { mayRetrieve, retrieveItem } from './retrieve-item.ts';
import { apiNow, type Scan, type ScanFacts } from './scan-request.ts';

/** How long live items of a truncated list are shown after they were last seen. */
const UNSEEN_MS = 3_600_000;
/** The same for items that are no longer where they stood: most of them have ended meanwhile, as after an outage. */
const LOST_MS = 600_000;
/** Single reads, per full scan, of items that it should have met. */
const MOST_PROOFS = 3;

/**
 * Decides what became of live items that a finished full scan did not meet: a full scan of several pages proves
 * nothing, a second one or a single read does. docs/design/list-scan.md#full-scan
 */
export function* settleMissing(scanState: ScanState, facts: ScanFacts): Scan {
  const { items, fullScans, unpublished } = scanState;
  const { last: fullScan } = fullScans;
  if (unpublished.fullScanEnd === null || fullScan === null) return;
  let proofs = 0;
  for (const { item } of missingAfter(scanState)) {
    const { id } = item;
    const tracked = items.get(id);
    if (tracked === undefined) continue;
    const misses = fullScan.truncated ? tracked.misses : tracked.misses + 1;
    // Nothing can be proved beyond the cut of a list: an item unseen for this long is no longer shown.
    const shownMs = tracked.lost ? LOST_MS : UNSEEN_MS;
    const isLongUnseen = fullScan.truncated && apiNow(facts) - tracked.observedAt > shownMs;
    if (isLongUnseen || (!fullScan.truncated && (fullScan.pages === 1 || misses >= 2))) {
      dropItem(scanState, id);
      continue;
    }
    // Behind the cut it may still stand where it stood.
    if (!fullScan.truncated) items.markLost(id, misses);
    if (mayRetrieve(scanState, facts, tracked) && proofs < MOST_PROOFS) {
      proofs++;
      fullScans.countRequest();
      yield* retrieveItem(scanState, facts, id);
    }
    const left = items.get(id);
    if (left !== undefined && left.misses > 0 && !fullScan.truncated) fullScans.requestProof();
  }
}

/** The live items that the last full scan should have met and did not. By scans, not by times: a clock may have been set. */
function missingAfter({ items, fullScans: { number, last } }: ScanState): readonly TrackedItem[] {
  return [...items.all()].filter(({ fullScan, scan }) => fullScan !== number && scan < (last?.startedInScan ?? 0));
}
