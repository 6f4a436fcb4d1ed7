import type { EpochMs } from '../base/clock.ts';
import type { WorkItem } from '../domain/work.ts';
import { withBeginning } from './beginning.ts';
import type { CopyOnWriteMap } from './copy-on-write-map.ts';
import { withDeliveries } from './deliveries.ts';
import { firstSighting } from './first-sighting.ts';
import { isSameItem } from './item-news.ts';
import { isHistory, type Ledger, type LedgerOptions, lastSeenAt } from './ledger.ts';
import { isLater, type LedgerItem, NO_EVENTS, type Recognized, type Sighting } from './ledger-item.ts';
import { addEvents, type LifecycleTotals } from './lifecycle-totals.ts';
import { nextSighting } from './next-sighting.ts';
import { isOutdatedRow } from './outdated-row.ts';
import { RotatedIds } from './rotated-ids.ts';
import { isSeenAgain } from './seen-again.ts';

export interface SightingCountOptions {
  /** The ledger as it was before the read. */
  readonly ledger: Ledger;
  /** The items of the ledger; each sighting changes them. */
  readonly items: CopyOnWriteMap<string, LedgerItem>;
  /** API time of the last sighting of the read. */
  readonly readAt: EpochMs;
  readonly options: LedgerOptions;
}

/** Counts the sightings of one read, one after the other. */
export class SightingCount {
  /** Ids of the items whose present state the read has shown. */
  readonly seen = new Set<string>();
  /** Those of the ledger, and what has been counted since. */
  totals: LifecycleTotals;
  /** Negative durations, which were counted as 0. */
  clamped: number;
  readonly #ledger: Ledger;
  readonly #items: CopyOnWriteMap<string, LedgerItem>;
  readonly #readAt: EpochMs;
  readonly #options: LedgerOptions;
  readonly #rotatedIds: RotatedIds;
  readonly #traits: { readonly startedAtIsEnqueueStamp: boolean; readonly idsRotate: boolean };

  constructor({ ledger, items, readAt, options }: SightingCountOptions) {
    const { startedAtIsEnqueueStamp, idsRotate = false } = options;
    this.#ledger = ledger;
    this.#items = items;
    this.#readAt = readAt;
    this.#options = options;
    this.#rotatedIds = new RotatedIds(items);
    this.#traits = { startedAtIsEnqueueStamp, idsRotate };
    this.totals = ledger.totals;
    this.clamped = ledger.clamped;
  }

  /** Counts what this sighting shows that was not known, and updates its item. */
  add(sighting: Sighting): void {
    const { item } = sighting;
    const items = this.#items;
    const mayHaveRotated = this.#traits.idsRotate && !items.has(item.id);
    const idBefore = mayHaveRotated ? this.#rotatedIds.idBefore(item) : undefined;
    const before = items.get(idBefore ?? item.id);
    const known = before === undefined || isReplaced(before, sighting) ? undefined : before;
    // Nearly all sightings end here.
    if (known !== undefined && idBefore === undefined && this.#saysNothingNew(known, sighting)) {
      this.#markSeen(item);
      return;
    }
    const wasSeen = this.seen.has(idBefore ?? item.id);
    if (idBefore !== undefined) {
      items.delete(idBefore);
      this.seen.delete(idBefore);
    }
    if (known === undefined) this.#addUnknown(sighting);
    else this.#addKnown(known, sighting, wasSeen);
  }

  #saysNothingNew(known: LedgerItem, sighting: Sighting): boolean {
    return known.seenAt === this.#seenAt(sighting) && isSeenAgain(known, sighting, this.#traits);
  }

  #addUnknown(sighting: Sighting): void {
    const { settledUntil, provenFullScans } = this.#ledger;
    const { startedAtIsEnqueueStamp } = this.#options;
    if (isHistory(sighting.item, settledUntil, startedAtIsEnqueueStamp)) return;
    const allLiveKnown = provenFullScans >= 2;
    const context = { settledUntil, startedAtIsEnqueueStamp, allLiveKnown, seenAt: this.#seenAt(sighting) };
    this.#countRecognized(undefined, firstSighting(sighting, context), sighting);
  }

  /** `wasSeen`: an earlier sighting of the same read showed the item. */
  #addKnown(known: LedgerItem, sighting: Sighting, wasSeen: boolean): void {
    const { item } = sighting;
    const seenAt = this.#seenAt(sighting);
    if (item.state === 'other') {
      // Without a known state it is unclear whether a run ended or the item waits again: the next read that shows one decides.
      this.#items.set(item.id, { ...known, seenAt, unseen: 0 });
      this.#markSeen(item);
      return;
    }
    const { startedAtIsEnqueueStamp } = this.#options;
    const shownBefore = wasSeen ? { readAt: this.#readAt } : this.#ledger;
    const { settledUntil } = this.#ledger;
    const context = { startedAtIsEnqueueStamp, settledUntil, lastSeenAt: lastSeenAt(shownBefore, known) };
    if (isOutdatedRow(known, sighting, context)) {
      // The row does not count as a sighting, but the item is in the list and must not be forgotten.
      this.#items.set(item.id, known.unseen === 0 ? known : { ...known, unseen: 0 });
      this.#rotatedIds.seen(item);
      return;
    }
    this.#countRecognized(known, nextSighting(known, sighting, { ...context, seenAt }), sighting);
  }

  /** Stores the item as this sighting shows it, and counts the events. `known` is undefined for an item that was not known. */
  #countRecognized(known: LedgerItem | undefined, given: Recognized, sighting: Sighting): void {
    // A row from a lagging copy of the API does not count as a sighting.
    const isOutdated = given.item === known;
    const recognized = isOutdated ? given : withBeginning(known, given, sighting.item);
    const { idsRotate } = this.#traits;
    const { id } = sighting.item;
    const item = withDeliveries(known, recognized, { sighting, idsRotate });
    this.#items.set(id, known !== undefined && isSameItem(known, item) ? known : item);
    if (!isOutdated) this.seen.add(id);
    this.#rotatedIds.seen(sighting.item);
    if (recognized.events === NO_EVENTS) return;
    const { exemplars } = this.#options;
    const added = addEvents(this.totals, recognized.events, { item: sighting.item, exemplars });
    this.totals = added.totals;
    this.clamped += added.clamped;
  }

  /** The read has shown the item in its present state. */
  #markSeen(item: WorkItem): void {
    this.seen.add(item.id);
    this.#rotatedIds.seen(item);
  }

  /** The time of a sighting as the ledger stores it: null is the time of its last read. */
  #seenAt({ at }: Sighting): EpochMs | null {
    return at === this.#readAt ? null : at;
  }
}

/** Whether the item has left the list and its id has come back with a later creation: another item. */
function isReplaced({ gone, createdAt }: LedgerItem, { item }: Sighting): boolean {
  return gone && createdAt !== null && isLater(item.createdAt, createdAt);
}
