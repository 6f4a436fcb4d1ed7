import type { EpochMs } from '../base/clock.ts';
import { isLive, type WorkItem } from '../domain/work.ts';
import { isHistory } from '../lifecycle/ledger.ts';
import { apiNow, type ScanFacts } from './scan-request.ts';
import type { ScanState } from './scan-state.ts';
import { NO_FULL_SCAN, type Place } from './tracked-items.ts';

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
  const { page, fullScan } = seen;
  const [moment, place, history] = [
    { at, now },
    { at, page, fullScan },
    { settledUntil, startedAtIsEnqueueStamp },
  ];
  for (const item of seen.items) {
    scanState.highWaterMark.saw(item.createdAt, moment);
    if (!isOutdated(scanState, item, fullScan)) observe(scanState, item, { place, history });
  }
}

/** If a full scan shows an item twice, the sighting with the latest stamp counts; the later one if they are equal. */
function isOutdated({ items, unpublished }: ScanState, item: WorkItem, fullScan: number): boolean {
  if (fullScan === NO_FULL_SCAN) return false;
  const sighting = unpublished.sightingOf(item.id);
  const tracked = items.get(item.id);
  const known = sighting?.fullScan === fullScan ? sighting.item : tracked?.fullScan === fullScan ? tracked.item : null;
  return known !== null && latestStamp(item) < latestStamp(known);
}

/** What tells history from events. */
type HistoryFacts = Pick<ScanFacts, 'settledUntil' | 'startedAtIsEnqueueStamp'>;

function observe(
  { items, unpublished }: ScanState,
  item: WorkItem,
  { place, history }: { readonly place: Place & { readonly at: EpochMs }; readonly history: HistoryFacts },
): void {
  const { at, fullScan } = place;
  const { settledUntil, startedAtIsEnqueueStamp } = history;
  const wasKnown = items.get(item.id) !== undefined;
  if (isLive(item.state)) items.sawLive(item, place);
  else items.forget(item.id);
  unpublished.isThere(item.id);
  if (wasKnown || !isHistory(item, settledUntil, startedAtIsEnqueueStamp)) unpublished.saw({ item, at, fullScan });
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
