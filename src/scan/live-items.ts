import type { EpochMs } from '../base/clock.ts';
import { isLive, isRunning, type QueueStats, type WorkItem } from '../domain/work.ts';
import { type Ledger, type LedgerOptions, lastTransition, ledgerKey, type Sighting } from '../lifecycle/ledger.ts';
import type { ObservedItem, QueueSnapshot } from '../state/environment-state.ts';

/** A hostile list must not fill the memory: no more items of one list are followed. */
const MOST_ITEMS = 50_000;

/** A live item and where it was last seen. */
export interface LiveItem {
  readonly item: WorkItem;
  /** API time. */
  readonly observedAt: EpochMs;
  /** Cursor of the page where it stood, null for the first; undefined when its place is unknown. */
  cursor: string | null | undefined;
  /** The number of the read that showed it last: clocks may be set, numbers only rise. */
  readonly read: number;
  /** Complete full scans in a row that did not meet it. */
  misses: number;
}

/** What was counted before a read, and how its rows are to be understood. */
export interface Counted extends Omit<LedgerOptions, 'exemplars'> {
  readonly ledger: Ledger;
}

/** The live items of one list, and what reads have seen since something was last published. */
export class LiveItems {
  readonly #live = new Map<string, LiveItem>();
  #sightings = new Map<string, Sighting>();
  /** The number of the present read. */
  read = 0;

  *items(): Iterable<WorkItem> {
    for (const { item } of this.#live.values()) yield item;
  }

  /** Every live item, as it was seen last, with what the ledger knows of it. */
  shown({ ledger, idsRotate = false }: Counted): readonly ObservedItem[] {
    return Array.from(this.#live.values(), ({ item, observedAt }) => {
      const known = ledger.items.get(ledgerKey(item, idsRotate));
      const { queuedSince = null, runAcknowledgedAt = null, deliveries = 0 } = known ?? {};
      return { item, observedAt, queuedSince, runAcknowledgedAt, deliveries };
    });
  }

  /** An answer has shown these rows. `cursor` is undefined for a single read: it does not say where the item stands. */
  see(items: readonly WorkItem[], at: EpochMs, cursor: string | null | undefined, counted: Counted): void {
    // What is stopped in one row of an answer is not live in another one.
    const stopped = new Set(items.filter(({ state }) => !isLive(state)).map(({ id }) => id));
    for (const item of items) {
      const { id } = item;
      if (isLive(item.state) && stopped.has(id)) continue;
      const known = this.#live.get(id);
      const isUnknown = known === undefined && !this.#sightings.has(id);
      if (isUnknown && !this.#isFollowed(item, counted)) continue;
      this.#sightings.set(id, { item, at });
      const place = cursor === undefined ? known?.cursor : cursor;
      if (!isLive(item.state)) this.#live.delete(id);
      else this.#live.set(id, { item, observedAt: at, cursor: place, read: this.read, misses: 0 });
    }
  }

  /** Whether the present read has shown an item, or that it is no longer live. */
  isMet(id: string): boolean {
    return (this.#live.get(id)?.read ?? this.read) === this.read;
  }

  /** Live items that no read has shown since, those unseen for longest first. */
  unseenSince(read: number): LiveItem[] {
    const unseen = [...this.#live.values()].filter((known) => known.read < read);
    return unseen.sort((a, b) => a.read - b.read || a.observedAt - b.observedAt);
  }

  /** A place is no longer known; of all items, or of those not met there. */
  forgetPlace(cursor?: string | null): void {
    for (const known of this.#live.values()) {
      if (cursor === undefined || (known.cursor === cursor && known.read < this.read)) known.cursor = undefined;
    }
  }

  /** It is proved that the list no longer has the item. */
  drop(id: string): void {
    this.#live.delete(id);
  }

  /** Hands over what is to be published. A read that failed has left it to the next one that does not. */
  take(): readonly Sighting[] {
    const sightings = [...this.#sightings.values()];
    this.#sightings = new Map();
    return sightings;
  }

  /** Whether there is no room for further items. */
  isFull({ ledger }: Counted): boolean {
    return Math.max(this.#live.size, this.#sightings.size, ledger.items.size) >= MOST_ITEMS;
  }

  /** Not an item that stopped before counting began, nor one for which there is no room. */
  #isFollowed(item: WorkItem, counted: Counted): boolean {
    const { ledger, idsRotate = false, startedAtIsEnqueueStamp } = counted;
    if (ledger.items.has(ledgerKey(item, idsRotate))) return true;
    const enqueuedAt = startedAtIsEnqueueStamp ? item.startedAt : null;
    if (!isLive(item.state) && lastTransition(item, enqueuedAt) <= ledger.settledUntil) return false;
    return !this.isFull(counted);
  }
}

/**
 * Whether work waits and nothing shows a living worker: nobody polls, and no live item has a fresh heartbeat.
 * A worker that has just acknowledged an item is alive too.
 */
export function isUnserved(
  stats: QueueStats | null,
  items: Iterable<WorkItem>,
  { now, staleHeartbeatSeconds }: { readonly now: EpochMs; readonly staleHeartbeatSeconds: number },
): boolean {
  if (stats === null || stats.workersPolling !== 0 || stats.depth === 0) return false;
  const freshFrom = now - staleHeartbeatSeconds * 1000;
  for (const item of items) {
    const sign = item.latestHeartbeatAt ?? item.acknowledgedAt;
    if (isRunning(item.state) && sign !== null && sign >= freshFrom) return false;
  }
  return true;
}

/** How many more items the stats count than the list has: docs/design/README.md#lists. */
export class StatsMismatch {
  /** The difference on which the stats before and after a read agree; null before the first comparison. */
  value: number | null = null;
  /** What the last read knew, until it is compared. Its end is on the own clock. */
  #read: { readonly before: number | null; readonly queued: number; readonly endedAt: EpochMs } | null = null;

  /** A read has ended and knew these items. */
  note(items: Iterable<WorkItem>, queue: QueueSnapshot | null, endedAt: EpochMs): void {
    let queued = 0;
    for (const { state } of items) if (state === 'queued') queued++;
    this.#read = { before: waitingIn(queue), queued, endedAt };
  }

  /** Compares the last read with later stats. */
  compare(queue: QueueSnapshot | null): void {
    const read = this.#read;
    const now = waitingIn(queue);
    if (read === null || now === null || queue!.observedAt <= read.endedAt) return;
    this.#read = null;
    const [before, after] = [(read.before ?? now) - read.queued, now - read.queued];
    // What one of the two does not show is a race.
    this.value = before * after > 0 ? Math.sign(before) * Math.min(Math.abs(before), Math.abs(after)) : 0;
  }
}

function waitingIn(queue: QueueSnapshot | null): number | null {
  return queue === null ? null : queue.stats.depth + queue.stats.pending;
}
