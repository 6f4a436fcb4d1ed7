import type { EpochMs } from '../base/clock.ts';
import { isLive, type WorkItem } from '../domain/work.ts';
import type { Sighting } from '../lifecycle/ledger.ts';

/** A hostile list must not fill the memory: no more items of one list are followed. */
const MOST_ITEMS = 50_000;
/** A stamp may be ahead of the API's time by this much: the skew between the clocks may be unknown. */
const MOST_AHEAD_MS = 10_000;

/** A live item and where it was last seen. */
export interface SeenItem {
  item: WorkItem;
  /** API time. */
  observedAt: EpochMs;
  /** Cursor of the page where it stood, null for the first; undefined when its place is unknown. */
  cursor: string | null | undefined;
  /** Numbers of the read and of the full scan that showed it last; 0 for none. Clocks may be set, numbers only rise. */
  read: number;
  scan: number;
  /** Complete full scans in a row that did not meet it. */
  misses: number;
  /** Reading it by itself has failed since it was last seen. */
  avoidsSingleRead: boolean;
}

/** What the ledger needs to be told, at the moment of an answer. */
export interface Counting {
  /** How many items it follows. */
  readonly size: number;
  /** Whether it follows the item: then its row says something, however old its stamps are. */
  follows(item: WorkItem): boolean;
  /** Whether all that the row of a stopped item says happened before counting began. */
  isHistory(item: WorkItem): boolean;
}

/** Where and when an answer showed its rows. */
export interface Place {
  readonly at: EpochMs;
  /** Undefined for a single read: it does not say where the item stands. */
  readonly cursor: string | null | undefined;
  /** 0: not by a full scan. */
  readonly scan: number;
}

/** The live items of one list, and what reads have seen since something was last published. */
export class SeenItems {
  readonly #live = new Map<string, SeenItem>();
  #sightings = new Map<string, Sighting & { readonly scan: number }>();
  #gone = new Set<string>();
  /** How many items the ledger will follow once the sightings are published. */
  #added = 0;
  #leftOut = 0;
  #read = 0;
  #newest: EpochMs = 0;

  get live(): Iterable<SeenItem> {
    return this.#live.values();
  }

  /** The number of the present read. */
  get read(): number {
    return this.#read;
  }

  /** How many rows were left out for want of room. */
  get leftOut(): number {
    return this.#leftOut;
  }

  /** The latest creation that was shown. */
  get newest(): EpochMs {
    return this.#newest;
  }

  beginRead(): void {
    this.#read++;
  }

  /** An answer has shown these rows. */
  show(items: readonly WorkItem[], place: Place, counting: Counting): void {
    for (const item of items) this.#show(item, place, counting);
  }

  isMet({ item, read }: SeenItem): boolean {
    return read === this.#read || !this.#live.has(item.id);
  }

  /** Live items that the present read has not shown, those unseen for longest first. */
  unseen(): SeenItem[] {
    return [...this.#live.values()]
      .filter(({ read }) => read < this.#read)
      .sort((a, b) => a.read - b.read || a.observedAt - b.observedAt);
  }

  /** Live items that a full scan should have met and did not. */
  missing(scan: number, startedInRead: number): SeenItem[] {
    return [...this.#live.values()].filter((known) => known.scan !== scan && known.read < startedInRead);
  }

  /** A place is no longer known; of all items, or of those not met there. */
  forgetPlace(cursor?: string | null): void {
    for (const known of this.#live.values()) {
      if (cursor === undefined || (known.cursor === cursor && known.read < this.#read)) known.cursor = undefined;
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

  #show(item: WorkItem, { at, cursor, scan }: Place, counting: Counting): void {
    const { id } = item;
    this.#newest = Math.max(this.#newest, Math.min(item.createdAt ?? 0, at + MOST_AHEAD_MS));
    const known = this.#live.get(id);
    const sighting = this.#sightings.get(id);
    const isHistory = !isLive(item.state) && counting.isHistory(item);
    const isUnknown = known === undefined && sighting === undefined && !this.#gone.has(id);
    if (isUnknown && (isHistory || !this.#isRoomFor(item, counting))) return;
    // Rows move while a full scan goes on: of two rows of one item, the one with the later stamp counts.
    const other = scan === 0 ? undefined : [sighting, known].find((before) => before?.scan === scan);
    if (other !== undefined && latestStamp(item) < latestStamp(other.item)) return;
    this.#gone.delete(id);
    if (known !== undefined || !isHistory) this.#sightings.set(id, { item, at, scan });
    if (!isLive(item.state)) {
      this.#live.delete(id);
      return;
    }
    this.#live.set(id, {
      item,
      observedAt: at,
      cursor: cursor === undefined ? known?.cursor : cursor,
      read: this.#read,
      scan: scan === 0 ? (known?.scan ?? 0) : scan,
      misses: 0,
      avoidsSingleRead: false,
    });
  }

  #isRoomFor(item: WorkItem, counting: Counting): boolean {
    if (counting.follows(item)) return true;
    if (Math.max(this.#live.size, counting.size + this.#added) >= MOST_ITEMS) {
      this.#leftOut++;
      return false;
    }
    this.#added++;
    return true;
  }
}

/** The latest of an item's stamps, heartbeats included. */
function latestStamp(item: WorkItem): EpochMs {
  const { createdAt, acknowledgedAt, startedAt, latestHeartbeatAt, stopRequestedAt, stoppedAt } = item;
  const stamps = [createdAt, acknowledgedAt, startedAt, latestHeartbeatAt, stopRequestedAt, stoppedAt];
  return Math.max(...stamps.map((stamp) => stamp ?? 0));
}
