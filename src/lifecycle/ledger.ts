import type { EpochMs } from '../base/clock.ts';
import { withDeliveries } from './deliveries.ts';
import { firstSighting } from './first-sighting.ts';
import { LATEST_COMMIT_MS } from './late-commit.ts';
import { type LedgerItem, lastTransition, type Sighting } from './ledger-item.ts';
import type { LifecycleTotals } from './lifecycle-totals.ts';
import { addEvents, NO_TOTALS } from './lifecycle-totals.ts';
import { nextSighting } from './next-sighting.ts';
import { RotatedIds } from './rotated-ids.ts';

/**
 * What has been counted for one environment, and what is needed to count nothing twice:
 * docs/design/counting.md#the-ledger.
 */
export interface Ledger {
  /** W: the API's time up to which history is settled. Never falls. */
  readonly settledUntil: EpochMs;
  /** Last stamps of every live item and of those with a transition after W, by id. */
  readonly items: ReadonlyMap<string, LedgerItem>;
  readonly totals: LifecycleTotals;
  /** Negative durations that were counted as 0. */
  readonly clamped: number;
  /** Full scans in a row that reached the end of the list; a full scan of a single page proves as much as two. */
  readonly provenFullScans: number;
}

/** A full scan that ended within a read. */
export interface FullScanEnd {
  /** API time when it began. */
  readonly startedAt: EpochMs;
  readonly pages: number;
  /** The list went on where the full scan stopped. */
  readonly truncated: boolean;
}

/** What one finished read saw. */
export interface LedgerRead {
  readonly sightings: Iterable<Sighting>;
  /** Ids that are proved to be in the list no more. */
  readonly gone: Iterable<string>;
  readonly fullScan: FullScanEnd | null;
}

export interface LedgerOptions {
  readonly startedAtIsEnqueueStamp: boolean;
  /** An item that is handed out again has a new id. */
  readonly idsRotate?: boolean;
  readonly exemplars: boolean;
}

/** Full scans miss an item now and then, but not for so long. */
const UNSEEN_MS = 3_600_000;

/** `now` is the API's time: what happened before is history. */
export function newLedger(now: EpochMs): Ledger {
  return { settledUntil: now, items: new Map(), totals: NO_TOTALS, clamped: 0, provenFullScans: 0 };
}

/** Whether an item that is not in the ledger is history: a stopped one that did nothing since W. */
export function isHistory(item: Sighting['item'], settledUntil: EpochMs, startedAtIsEnqueueStamp: boolean): boolean {
  if (item.state !== 'stopped') return false;
  const enqueuedAt = startedAtIsEnqueueStamp ? (item.startedAt ?? 0) : 0;
  return Math.max(lastTransition(item), enqueuedAt) <= settledUntil;
}

/** Counts what a finished read saw, each transition once however often it is seen. */
export function countRead(ledger: Ledger, read: LedgerRead, options: LedgerOptions): Ledger {
  const { startedAtIsEnqueueStamp, idsRotate = false, exemplars } = options;
  const { settledUntil } = ledger;
  const context = { settledUntil, startedAtIsEnqueueStamp, allLiveKnown: ledger.provenFullScans >= 2 };
  const items = new Map(ledger.items);
  const renamed = new RotatedIds(items);
  let { totals, clamped } = ledger;
  for (const sighting of read.sightings) {
    const { id } = sighting.item;
    const idBefore = idsRotate && !items.has(id) ? renamed.idBefore(sighting.item) : undefined;
    const known = items.get(idBefore ?? id);
    if (idBefore !== undefined) items.delete(idBefore);
    if (known === undefined && isHistory(sighting.item, settledUntil, startedAtIsEnqueueStamp)) continue;
    const recognized =
      known === undefined ? firstSighting(sighting, context) : nextSighting(known, sighting, startedAtIsEnqueueStamp);
    items.set(id, withDeliveries(known, recognized, { sighting, shortLeases: idsRotate }));
    renamed.seen(sighting.item);
    const added = addEvents(totals, recognized.events, { item: sighting.item, exemplars });
    totals = added.totals;
    clamped += added.clamped;
  }
  for (const id of read.gone) {
    const known = items.get(id);
    if (known !== undefined) items.set(id, { ...known, gone: true });
  }
  const counted = { ...ledger, items, totals, clamped };
  return read.fullScan === null ? counted : settled(counted, read.fullScan);
}

/**
 * A live item that left the list long ago, be it that a full scan told so or that it left during a restart. Not at
 * once: full scans may be wrong about one that is not on any page while pages move, and then it is no revived one when
 * it is seen again.
 */
function isLongUnseen({ seenAt }: LedgerItem, settledUntil: EpochMs): boolean {
  return seenAt < settledUntil - UNSEEN_MS;
}

/** Moves W on after a full scan and forgets what is history now. Changes the map that `countRead` made. */
function settled(ledger: Ledger & { readonly items: Map<string, LedgerItem> }, fullScan: FullScanEnd): Ledger {
  const { items } = ledger;
  const settledUntil = Math.max(ledger.settledUntil, fullScan.startedAt - LATEST_COMMIT_MS);
  for (const [id, item] of items) {
    const left = item.gone || !fullScan.truncated;
    const ended = item.state === 'stopped' || (left && isLongUnseen(item, settledUntil));
    if (ended && lastTransition(item) <= settledUntil) items.delete(id);
  }
  const proof = fullScan.truncated ? 0 : ledger.provenFullScans + (fullScan.pages === 1 ? 2 : 1);
  return { ...ledger, settledUntil, provenFullScans: Math.min(2, proof) };
}
