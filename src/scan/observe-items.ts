import type { EpochMs } from '../base/clock.ts';
import { isLive, type WorkItem } from '../domain/work.ts';
import { isHistory } from '../lifecycle/ledger.ts';
import { apiNow, type ScanFacts } from './scan-request.ts';
import type { ScanState } from './scan-state.ts';
import { NO_FULL_SCAN, type Place, type TrackedItem } from './tracked-items.ts';
import type { Unpublished } from './unpublished.ts';

/** Takes in what an answer showed; exact as of now. */
export function observeItems(
  scanState: ScanState,
  facts: ScanFacts,
  seen: Place & { readonly items: readonly WorkItem[] },
): void {
  const at = apiNow(facts);
  const now = facts.clock.monotonic();
  // Read once per answer: these are getters that compute their value each time.
  const { settledUntil, startedAtIsEnqueueStamp } = facts;
  const { highWaterMark, items, unpublished } = scanState;
  const { page, fullScan } = seen;
  const [moment, place] = [
    { at, now },
    { at, page, fullScan },
  ];
  for (const item of seen.items) {
    highWaterMark.saw(item.createdAt, moment);
    const tracked = items.get(item.id);
    const isUnknown = tracked === undefined && !unpublished.mentions(item.id);
    // Most rows of most lists are history, and say nothing to anybody.
    if (isUnknown && isHistory(item, settledUntil, startedAtIsEnqueueStamp)) continue;
    if (isOutdated(unpublished, item, { fullScan, tracked })) continue;
    unpublished.isThere(item.id);
    if (isLive(item.state)) items.sawLive(item, place);
    else items.forget(item.id);
    if (tracked !== undefined || !isHistory(item, settledUntil, startedAtIsEnqueueStamp)) {
      unpublished.saw({ item, at, fullScan });
    }
  }
}

/** If a full scan shows an item twice, the sighting with the latest stamp counts; the later one if they are equal. */
function isOutdated(
  unpublished: Unpublished,
  item: WorkItem,
  { fullScan, tracked }: { readonly fullScan: number; readonly tracked: TrackedItem | undefined },
): boolean {
  if (fullScan === NO_FULL_SCAN) return false;
  const sighting = unpublished.sightingOf(item.id);
  const known = sighting?.fullScan === fullScan ? sighting.item : tracked?.fullScan === fullScan ? tracked.item : null;
  return known !== null && latestStamp(item) < latestStamp(known);
}

/** The list no longer has the item. */
export function dropItem({ items, unpublished }: ScanState, id: string): void {
  items.forget(id);
  unpublished.isGone(id);
}

function latestStamp(item: WorkItem): EpochMs {
  return Math.max(
    item.createdAt ?? 0,
    item.acknowledgedAt ?? 0,
    item.startedAt ?? 0,
    item.latestHeartbeatAt ?? 0,
    item.stopRequestedAt ?? 0,
    item.stoppedAt ?? 0,
  );
}
