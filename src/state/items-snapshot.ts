import type { EpochMs } from '../base/clock.ts';
import type { WorkItem } from '../domain/work.ts';
import type { Ledger } from '../lifecycle/ledger.ts';
import type { LedgerItem } from '../lifecycle/ledger-item.ts';
import type { ItemsSnapshot, ObservedItem } from './environment-state.ts';

/** A live item with the API time of the last read that showed it. */
export interface LiveItem {
  readonly item: WorkItem;
  readonly observedAt: EpochMs;
}

/** What a read knows of its live items. */
export interface LiveItems {
  readonly tracked: ReadonlyMap<string, LiveItem>;
  readonly ledger: Ledger;
  /** The snapshot of the previous read. */
  readonly before: ItemsSnapshot | null;
}

/**
 * The result of a successful read: every known live item, as last seen. Objects that the read did not change are reused,
 * because objects that live from one read to the next are freed only by a full garbage collection.
 */
export function snapshotItems(
  { tracked, ledger, before }: LiveItems,
  facts: Omit<ItemsSnapshot, 'live' | 'seenAt'>,
): ItemsSnapshot {
  let seenAt = 0;
  for (const { observedAt } of tracked.values()) seenAt = Math.max(seenAt, observedAt);
  return { ...facts, seenAt, live: liveItems({ tracked, ledger, before }, seenAt) };
}

function liveItems({ tracked, ledger, before }: LiveItems, seenAt: EpochMs): ItemsSnapshot['live'] {
  const known = before?.live ?? [];
  // Allocated at its final length: it lives until the next read, and a growing array would keep spare room.
  const live = new Array<ObservedItem>(tracked.size);
  const find = finderIn(known);
  let changed = tracked.size !== known.length;
  let place = 0;
  for (const seen of tracked.values()) {
    const { id } = seen.item;
    const was = find(id);
    const circumstances = { known: ledger.items.get(id), seenAt };
    const isSame = isAsBefore(was, seen, circumstances);
    changed ||= !isSame;
    live[place++] = isSame ? was : new SeenItem(seen, circumstances);
  }
  return changed ? live : known;
}

/**
 * Finds the previous snapshot's item of an id. Ids are asked for in the order of the live items, which begins with those of
 * the previous snapshot, in their order.
 */
function finderIn(live: ItemsSnapshot['live']): (id: string) => ObservedItem | undefined {
  let place = 0;
  return (id) => {
    while (place < live.length && live[place]!.item.id !== id) place++;
    return live[place++];
  };
}

interface Circumstances {
  readonly known: LedgerItem | undefined;
  readonly seenAt: EpochMs;
}

/** An item that refers to the entry of the ledger: copies would be made at each read and live until the next. */
class SeenItem implements ObservedItem {
  readonly item: WorkItem;
  readonly observedAt: EpochMs | null;
  readonly known: LedgerItem | undefined;

  constructor({ item, observedAt }: LiveItem, { known, seenAt }: Circumstances) {
    this.item = item;
    this.observedAt = observedAt === seenAt ? null : observedAt;
    this.known = known;
  }

  get queuedSince() {
    return this.known?.queuedSince?.at ?? null;
  }

  get runAcknowledgedAt() {
    return this.known?.runAcknowledgedAt ?? null;
  }

  get deliveries() {
    return this.known?.deliveries ?? 0;
  }
}

/** Whether the previous object says the same as a new `SeenItem` would. */
function isAsBefore(
  was: ObservedItem | undefined,
  { item, observedAt }: LiveItem,
  { known, seenAt }: Circumstances,
): was is ObservedItem {
  return (
    was !== undefined &&
    was.item === item &&
    was.observedAt === (observedAt === seenAt ? null : observedAt) &&
    was.queuedSince === (known?.queuedSince?.at ?? null) &&
    was.runAcknowledgedAt === (known?.runAcknowledgedAt ?? null) &&
    was.deliveries === (known?.deliveries ?? 0)
  );
}
