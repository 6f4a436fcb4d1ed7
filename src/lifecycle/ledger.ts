import type { EpochMs } from '../base/clock.ts';
import { CopyOnWriteMap } from './copy-on-write-map.ts';
import { withDeliveries } from './deliveries.ts';
import { firstSighting } from './first-sighting.ts';
import { isSame } from './item-news.ts';
import { LATEST_COMMIT_MS } from './late-commit.ts';
import { isLater, type LedgerItem, lastTransition, NO_EVENTS, type Sighting } from './ledger-item.ts';
import type { LifecycleTotals } from './lifecycle-totals.ts';
import { addEvents, NO_TOTALS } from './lifecycle-totals.ts';
import { nextSighting } from './next-sighting.ts';
import { isOutdatedRow } from './outdated-row.ts';
import { RotatedIds } from './rotated-ids.ts';
import { isSeenAgain } from './seen-again.ts';

/**
 * What has been counted for one environment, and what is needed to count nothing twice:
 * docs/design/counting.md#the-ledger.
 */
export interface Ledger {
  /** W: the API's time up to which history is settled. Never falls. */
  readonly settledUntil: EpochMs;
  /** API time of the last read that showed an item. */
  readonly readAt: EpochMs;
  /** The last stamps of every live item and of every item with a transition after W, by id. */
  readonly items: ReadonlyMap<string, LedgerItem>;
  readonly totals: LifecycleTotals;
  /** How many negative durations were counted as 0. */
  readonly clamped: number;
  /** Consecutive full scans that reached the end of the list; one of a single page proves as much as two. */
  readonly provenFullScans: number;
}

/** A full scan that ended during a read. */
export interface FullScanEnd {
  /** API time when it began. */
  readonly startedAt: EpochMs;
  readonly pages: number;
  /** It stopped before the end of the list. */
  readonly truncated: boolean;
}

/** What one finished read showed. */
export interface LedgerRead {
  readonly sightings: readonly Sighting[];
  /** Ids that are proved to have left the list. */
  readonly gone: Iterable<string>;
  readonly fullScan: FullScanEnd | null;
}

export interface LedgerOptions {
  readonly startedAtIsEnqueueStamp: boolean;
  /** An item that is handed out again gets a new id. */
  readonly idsRotate?: boolean;
  readonly exemplars: boolean;
}

/** Full scans may miss an item, but not for this long. */
const UNSEEN_MS = 3_600_000;
/** After a clock was set or a machine slept, every item seems long unseen; a read soon shows those that are there. */
const UNSEEN_FULL_SCANS = 3;

/** `now` is the API's time: what happened earlier is history. */
export function newLedger(now: EpochMs): Ledger {
  return { settledUntil: now, readAt: now, items: new Map(), totals: NO_TOTALS, clamped: 0, provenFullScans: 0 };
}

/** Whether an item that is not in the ledger is history: stopped, and without a transition since W. */
export function isHistory(item: Sighting['item'], settledUntil: EpochMs, startedAtIsEnqueueStamp: boolean): boolean {
  return item.state === 'stopped' && historyFrom(item, startedAtIsEnqueueStamp) <= settledUntil;
}

/** W from which on a stopped item is history. */
export function historyFrom(item: Sighting['item'], startedAtIsEnqueueStamp: boolean): EpochMs {
  const enqueuedAt = startedAtIsEnqueueStamp ? (item.startedAt ?? 0) : 0;
  return Math.max(lastTransition(item), enqueuedAt);
}

/** API time of the last read that showed an item. */
export function lastSeenAt({ readAt }: Pick<Ledger, 'readAt'>, { seenAt }: LedgerItem): EpochMs {
  return seenAt ?? readAt;
}

/** Counts what a finished read showed: each transition once, however often it is seen. */
export function countRead(ledger: Ledger, read: LedgerRead, options: LedgerOptions): Ledger {
  const { startedAtIsEnqueueStamp, idsRotate = false, exemplars } = options;
  const { settledUntil } = ledger;
  const context = { settledUntil, startedAtIsEnqueueStamp, allLiveKnown: ledger.provenFullScans >= 2 };
  const habits = { startedAtIsEnqueueStamp, shortLeases: idsRotate };
  const items = new CopyOnWriteMap(ledger.items);
  const renamed = new RotatedIds(items);
  const readAt = read.sightings.at(-1)?.at ?? ledger.readAt;
  const seen = new Set<string>();
  let { totals, clamped } = ledger;
  for (const sighting of read.sightings) {
    const { id } = sighting.item;
    const idBefore = idsRotate && !items.has(id) ? renamed.idBefore(sighting.item) : undefined;
    const before = items.get(idBefore ?? id);
    const known = before !== undefined && isReplaced(before, sighting) ? undefined : before;
    const wasSeen = seen.has(idBefore ?? id);
    if (idBefore !== undefined) {
      items.delete(idBefore);
      seen.delete(idBefore);
    }
    if (known === undefined && isHistory(sighting.item, settledUntil, startedAtIsEnqueueStamp)) continue;
    const seenAt = sighting.at === readAt ? null : sighting.at;
    if (
      known !== undefined &&
      known.seenAt === seenAt &&
      idBefore === undefined &&
      isSeenAgain(known, sighting, habits)
    ) {
      seen.add(id);
      renamed.seen(sighting.item);
      continue;
    }
    if (known !== undefined && sighting.item.state === 'other') {
      // Only a state tells whether a stop ended the run or an item waits again: the next read that shows one counts.
      items.set(id, { ...known, seenAt, unseen: 0 });
      seen.add(id);
      renamed.seen(sighting.item);
      continue;
    }
    const knownSince = known === undefined ? readAt : lastSeenAt(wasSeen ? { readAt } : ledger, known);
    const place = { startedAtIsEnqueueStamp, lastSeenAt: knownSince };
    if (known !== undefined && isOutdatedRow(known, sighting, place)) {
      // It counts as not seen; but it is in the list, and must not be forgotten.
      items.set(id, known.unseen === 0 ? known : { ...known, unseen: 0 });
      renamed.seen(sighting.item);
      continue;
    }
    const recognized =
      known === undefined
        ? firstSighting(sighting, { ...context, seenAt })
        : nextSighting(known, sighting, { ...place, seenAt });
    const item = withDeliveries(known, recognized, { sighting, shortLeases: idsRotate });
    items.set(id, known !== undefined && isSame(known, item) ? known : item);
    // What a lagging copy of the API shows counts as not seen.
    if (recognized.item !== known) seen.add(id);
    renamed.seen(sighting.item);
    if (recognized.events === NO_EVENTS) continue;
    const added = addEvents(totals, recognized.events, { item: sighting.item, exemplars });
    totals = added.totals;
    clamped += added.clamped;
  }
  for (const id of read.gone) {
    const known = items.get(id);
    if (known !== undefined) items.set(id, { ...known, gone: true });
  }
  if (readAt !== ledger.readAt) stampUnseen(items, seen, ledger.readAt);
  const counted = { ...ledger, readAt, items, totals, clamped };
  return read.fullScan === null ? { ...counted, items: items.value } : settled(counted, read.fullScan);
}

/** Those that only the read before showed get its time, now that another is the last one. */
function stampUnseen(items: CopyOnWriteMap<string, LedgerItem>, seen: ReadonlySet<string>, seenAt: EpochMs): void {
  if (seen.size === items.size) return;
  items.forEach((item, id) => {
    if (item.seenAt === null && !seen.has(id)) items.set(id, { ...item, seenAt });
  });
}

/** Whether the item has left the list and its id has come back with a later creation: another item. */
function isReplaced({ gone, createdAt }: LedgerItem, { item }: Sighting): boolean {
  return gone && createdAt !== null && isLater(item.createdAt, createdAt);
}

/**
 * Whether a live item left the list long ago: a full scan showed it, or it left during a restart. It is not forgotten
 * at once: while pages move, full scans may miss an item, and when it is seen again it must not count as revived.
 */
function isLongUnseen(seenAt: EpochMs, settledUntil: EpochMs): boolean {
  return seenAt < settledUntil - UNSEEN_MS;
}

/** Advances W after a full scan and forgets what has become history. */
function settled(
  ledger: Omit<Ledger, 'items'> & { readonly items: CopyOnWriteMap<string, LedgerItem> },
  fullScan: FullScanEnd,
): Ledger {
  const { items } = ledger;
  const settledUntil = Math.max(ledger.settledUntil, fullScan.startedAt - LATEST_COMMIT_MS);
  items.forEach((item, id) => {
    if (lastTransition(item) > settledUntil) return;
    if (item.state === 'stopped') items.delete(id);
    else if ((item.gone || !fullScan.truncated) && isLongUnseen(lastSeenAt(ledger, item), settledUntil)) {
      const unseen = item.unseen + 1;
      if (unseen < UNSEEN_FULL_SCANS) items.set(id, { ...item, unseen });
      else items.delete(id);
    }
  });
  const proof = fullScan.truncated ? 0 : ledger.provenFullScans + (fullScan.pages === 1 ? 2 : 1);
  return { ...ledger, items: items.value, settledUntil, provenFullScans: Math.min(2, proof) };
}
