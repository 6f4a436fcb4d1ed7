import type { EpochMs } from '../../base/clock.ts';
import { isLive, type WorkItem } from '../../domain/work.ts';
import { extraMetadataBytes, withMetadata } from '../memory/extra-metadata.ts';
import { latestStamp } from '../memory/latest-stamp.ts';
import type { ScanState } from '../memory/scan-state.ts';
import type { SeenPage } from '../memory/seen-rows.ts';
import { historyFrom } from '../memory/seen-rows.ts';
import { NO_FULL_SCAN, type Place, type TrackedItem } from '../memory/tracked-items.ts';
import type { Unpublished } from '../memory/unpublished.ts';
import { apiNow, type ScanFacts } from './scan-request.ts';

/** What an answer showed. */
interface Shown extends Place {
  readonly items: readonly WorkItem[];
  /** What is known of its rows from earlier answers. */
  readonly seen?: SeenPage | null;
}

/** Stores what an answer showed in the memory of the scan, with the present API time as that of the sighting. */
export function observeItems(scanState: ScanState, facts: ScanFacts, { items, seen = null, ...place }: Shown): void {
  const moment = { at: apiNow(facts), now: facts.clock.monotonic() };
  // Read once per answer: these are getters that compute their value each time.
  const { settledUntil, startedAtIsEnqueueStamp, followed } = facts;
  const { highWaterMark, items: tracked } = scanState;
  const isFollowed = (id: string) => facts.isFollowed(id);
  const shown = { ...place, at: moment.at, settledUntil, startedAtIsEnqueueStamp, isFollowed, followed };
  // Most rows of most lists are history: nothing needs them.
  if (seen?.isHistoryStill(settledUntil, tracked.additions)) {
    highWaterMark.saw(seen.facts.newestCreatedAt, moment);
    highWaterMark.sawStopped(seen.facts.historyFrom);
    for (const row of seen.facts.live) observeItem(scanState, items[row]!, shown);
    return;
  }
  for (const item of items) {
    highWaterMark.saw(item.createdAt, moment);
    observeItem(scanState, item, shown);
  }
  seen?.markLookedAt(tracked.additions);
}

function observeItem(
  scanState: ScanState,
  item: WorkItem,
  shown: Place &
    Pick<ScanFacts, 'settledUntil' | 'startedAtIsEnqueueStamp' | 'isFollowed' | 'followed'> & { readonly at: EpochMs },
): void {
  const { items, unpublished, highWaterMark } = scanState;
  const { at, fullScan, settledUntil, startedAtIsEnqueueStamp } = shown;
  const tracked = items.get(item.id);
  const isUnknown = tracked === undefined && !unpublished.mentions(item.id);
  const settledFrom = item.state === 'stopped' ? historyFrom(item, startedAtIsEnqueueStamp) : Number.POSITIVE_INFINITY;
  if (item.state === 'stopped') highWaterMark.sawStopped(settledFrom);
  // After a restart the ledger may follow an item that no full scan has shown yet and that stopped meanwhile.
  const isHistory = settledFrom <= settledUntil && !shown.isFollowed(item.id);
  if (isUnknown && (isHistory || !isAdmitted(scanState, item, shown))) return;
  if (isOutdated(unpublished, item, { fullScan, tracked })) return;
  // Nearly all rows have the metadata that is known.
  const remembered = tracked?.item.metadata === item.metadata ? item : rememberedItem(scanState, item, shown);
  unpublished.noteListed(item.id);
  if (isLive(item.state)) items.sawLive(remembered, shown);
  else items.forget(item.id);
  if (tracked !== undefined || !isHistory) {
    unpublished.saw({ item: remembered, at, fullScan });
  }
}

/**
 * What is remembered of an item. If there is no room for more metadata, it is shown with what it had before. Nothing shows the
 * metadata of a stopped item, so that much of it need not wait with it until the read is published.
 */
function rememberedItem(
  scanState: ScanState,
  item: WorkItem,
  { isFollowed, followed }: Pick<ScanFacts, 'isFollowed' | 'followed'>,
): WorkItem {
  const { items, unpublished, room } = scanState;
  const extra = extraMetadataBytes(item);
  if (extra === 0) return item;
  if (!isLive(item.state)) return withMetadata(item, {});
  const before = items.get(item.id)?.item;
  // One of which nothing was known has just been admitted with all that it has.
  const isNew = before === undefined && !isFollowed(item.id) && !unpublished.mentions(item.id);
  if (isNew || (before !== undefined && extra <= extraMetadataBytes(before))) return item;
  if (room.admits(roomTaken(scanState, followed), items.extraBytes)) return item;
  return withMetadata(item, before?.metadata ?? {});
}

function roomTaken({ items, unpublished }: ScanState, followed: number): number {
  return Math.max(items.size, followed + unpublished.additions);
}

/** Whether there is room for an item that no read has shown yet. One that the ledger follows has its place. */
function isAdmitted(
  scanState: ScanState,
  { id }: WorkItem,
  { isFollowed, followed }: Pick<ScanFacts, 'isFollowed' | 'followed'>,
): boolean {
  if (isFollowed(id)) return true;
  if (!scanState.room.admits(roomTaken(scanState, followed), scanState.items.extraBytes)) return false;
  scanState.unpublished.countAddition();
  return true;
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
  unpublished.noteGone(id);
}
