import type { EpochMs } from '../base/clock.ts';
import { isLive, type WorkItem } from '../domain/work.ts';
import type { Sighting } from '../lifecycle/ledger.ts';

/** A hostile list must not fill the memory: no more items of one list are followed. */
const MOST_ITEMS = 50_000;

/** A live item and where it was last seen. */
export interface SeenItem {
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

/** What the ledger needs to be told. */
export interface Counting {
  /** How many items it follows. */
  readonly size: number;
  follows(item: WorkItem): boolean;
  /** Whether it does not follow a stopped item, and all that its row says happened before counting began. */
  isHistory(item: WorkItem): boolean;
}

/** The live items of one list, and what reads have seen since something was last published. */
export class SeenItems {
  readonly #live = new Map<string, SeenItem>();
  #sightings = new Map<string, Sighting>();
  #gone = new Set<string>();
  /** How many items the ledger will follow once the sightings are published. */
  #added = 0;
  /** How many rows were left out for want of room. */
  leftOut = 0;
  /** The number of the present read. */
  read = 0;

  get live(): Iterable<SeenItem> {
    return this.#live.values();
  }

  /** An answer has shown these rows. `cursor` is undefined for a single read: it does not say where the item stands. */
  show(items: readonly WorkItem[], at: EpochMs, cursor: string | null | undefined, counting: Counting): void {
    // What is stopped in one row of an answer is not live in another one.
    const stopped = new Set<string>();
    for (const item of items) {
      const { id } = item;
      const known = this.#live.get(id);
      const isHistory = !isLive(item.state) && counting.isHistory(item);
      if (isLive(item.state) && stopped.has(id)) continue;
      if (!isLive(item.state)) stopped.add(id);
      const isUnknown = known === undefined && !this.#sightings.has(id) && !this.#gone.has(id);
      if (isUnknown && (isHistory || !this.#isRoomFor(item, counting))) continue;
      this.#gone.delete(id);
      if (known !== undefined || !isHistory) this.#sightings.set(id, { item, at });
      if (!isLive(item.state)) {
        this.#live.delete(id);
        continue;
      }
      const place = cursor === undefined ? known?.cursor : cursor;
      this.#live.set(id, { item, observedAt: at, cursor: place, read: this.read, misses: 0 });
    }
  }

  /** Whether the present read has shown an item, or that it is no longer live. */
  isMet(id: string): boolean {
    return (this.#live.get(id)?.read ?? this.read) === this.read;
  }

  /** Live items that no read has shown since, those unseen for longest first. */
  unseenSince(read: number): SeenItem[] {
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
    this.#gone.add(id);
  }

  /** Hands over what is to be published. A read that failed has left it to the next one that does not. */
  take(): { readonly sightings: readonly Sighting[]; readonly gone: ReadonlySet<string> } {
    const seen = { sightings: [...this.#sightings.values()], gone: this.#gone };
    this.#sightings = new Map();
    this.#gone = new Set();
    this.#added = 0;
    return seen;
  }

  #isRoomFor(item: WorkItem, counting: Counting): boolean {
    if (counting.follows(item)) return true;
    const isFull = Math.max(this.#live.size, counting.size + this.#added) >= MOST_ITEMS;
    if (isFull) this.leftOut++;
    else this.#added++;
    return !isFull;
  }
}
