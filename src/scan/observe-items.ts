import type { EpochMs } from '../base/clock.ts';
import { isLive, type WorkItem } from '../domain/work.ts';
import { isHistory } from '../lifecycle/ledger.ts';
import { apiNow, type ScanFacts } from './scan-request.ts';
import type { ScanState } from './scan-state.ts';

export interface ObservedOn {
  /** Cursor of the page; undefined for a single read, which leaves the item where it was. */
  readonly page: string | null | undefined;
  /** Number of the full scan that read the page; -1 for none. */
  readonly fullScan: number;
}

export const NO_FULL_SCAN = -1;
/** A clock skew that is not known yet may be so large without making the exporter look too far back. */
const MOST_AHEAD_MS = 10_000;

/** Takes in what an answer showed, exact as of now. */
export function observeItems(
  scanState: ScanState,
  facts: ScanFacts,
  seen: ObservedOn & { items: readonly WorkItem[] },
): void {
  const at = apiNow(facts);
  for (const item of seen.items) {
    // A stamp from the future would hide for as long what comes until then.
    const createdAt = Math.min(item.createdAt ?? 0, at + MOST_AHEAD_MS);
    if (createdAt > scanState.newestSeen) {
      scanState.newestSeen = createdAt;
      scanState.newestRoseAt = facts.clock.monotonic();
    }
    if (!isOutdated(scanState, item, seen.fullScan)) see(scanState, facts, { item, at, ...seen });
  }
}

/** Of two sightings in one full scan the one with the latest stamp counts, the later one when they are equal. */
function isOutdated(scanState: ScanState, item: WorkItem, fullScan: number): boolean {
  if (fullScan === NO_FULL_SCAN) return false;
  const waiting = scanState.unpublished.get(item.id);
  const tracked = scanState.items.get(item.id);
  const known = waiting?.fullScan === fullScan ? waiting.item : tracked?.fullScan === fullScan ? tracked.item : null;
  return known !== null && latestStamp(item) < latestStamp(known);
}

function see(scanState: ScanState, facts: ScanFacts, seen: ObservedOn & { item: WorkItem; at: EpochMs }): void {
  const { item, at, page, fullScan } = seen;
  const known = scanState.items.get(item.id);
  if (isLive(item.state)) {
    scanState.items.set(item.id, {
      item,
      observedAt: at,
      page: page === undefined ? known?.page : page,
      read: scanState.reads,
      fullScan: fullScan === NO_FULL_SCAN ? (known?.fullScan ?? NO_FULL_SCAN) : fullScan,
      misses: 0,
      // A single read proves that it lives, not where it stands.
      lost: page === undefined && (known?.lost ?? false),
      avoidRetrieve: false,
    });
  } else {
    scanState.items.delete(item.id);
  }
  scanState.gone.delete(item.id);
  const told = known !== undefined || !isHistory(item, facts.settledUntil, facts.startedAtIsEnqueueStamp);
  if (told) scanState.unpublished.set(item.id, { item, at, fullScan });
}

/** The list has the item no more. */
export function dropItem(scanState: ScanState, id: string): void {
  scanState.items.delete(id);
  scanState.gone.add(id);
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
