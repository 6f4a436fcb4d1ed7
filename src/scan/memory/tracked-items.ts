import type { EpochMs } from '../../base/clock.ts';
import type { WorkItem } from '../../domain/work.ts';
import { extraMetadataBytes } from './extra-metadata.ts';

export const NO_FULL_SCAN = -1;

/** A live item and where it was last seen. */
export interface TrackedItem {
  readonly item: WorkItem;
  /** API time of the scan that showed it. */
  readonly observedAt: EpochMs;
  /** Cursor of the page where it stood, null for the first; undefined when its cursor is no longer usable. */
  readonly cursor: string | null | undefined;
  /** Numbers of the scan and of the full scan that showed it last; `NO_FULL_SCAN` for none. */
  readonly scan: number;
  readonly fullScan: number;
  /** Consecutive complete full scans that began after it was last seen and did not meet it. */
  readonly misses: number;
  /** It is not on its expected page: only a single read or a full scan can find it. */
  readonly lost: boolean;
  /** Whether the last single read of this item failed, so that its page is requested instead. */
  readonly avoidRetrieve: boolean;
}

/** Where an answer showed an item. */
export interface Place {
  /** Cursor of the page; undefined for a single read, which does not move the item. */
  readonly cursor: string | null | undefined;
  /** Number of the full scan that read the page; `NO_FULL_SCAN` for none. */
  readonly fullScan: number;
}

type Writable<T> = { -readonly [Name in keyof T]: T[Name] };

/** The live items of one list, by id. They are changed in place, because nearly every read shows nearly all of them. */
export class TrackedItems {
  readonly #items = new Map<string, Writable<TrackedItem>>();
  #scans = 0;
  #additions = 0;
  #extraBytes = 0;

  /** How many times an item was added so far. */
  get additions(): number {
    return this.#additions;
  }

  get size(): number {
    return this.#items.size;
  }

  /** How many bytes their metadata takes beyond what the room of an item includes. */
  get extraBytes(): number {
    return this.#extraBytes;
  }

  get(id: string): TrackedItem | undefined {
    return this.#items.get(id);
  }

  get byId(): ReadonlyMap<string, TrackedItem> {
    return this.#items;
  }

  all(): Iterable<TrackedItem> {
    return this.#items.values();
  }

  /** Number of the present scan. */
  get scan(): number {
    return this.#scans;
  }

  /** Begins a scan: items that are seen from now on count as met by it. */
  beginScan(): void {
    this.#scans++;
  }

  /** Whether the present scan has seen the item. */
  isMet({ scan }: TrackedItem): boolean {
    return scan === this.#scans;
  }

  /** A read has shown the item, which is live, at this place. `at` is API time. */
  sawLive(item: WorkItem, { at, cursor, fullScan }: Place & { readonly at: EpochMs }): void {
    const known = this.#items.get(item.id);
    if (known === undefined) {
      const scan = this.#scans;
      this.#additions++;
      this.#extraBytes += extraMetadataBytes(item);
      // Spelled out: what is spread takes more memory.
      this.#items.set(item.id, {
        item,
        observedAt: at,
        cursor,
        scan,
        fullScan,
        misses: 0,
        lost: false,
        avoidRetrieve: false,
      });
      return;
    }
    // Nearly always the same object.
    if (known.item.metadata !== item.metadata)
      this.#extraBytes += extraMetadataBytes(item) - extraMetadataBytes(known.item);
    known.item = item;
    known.observedAt = at;
    known.scan = this.#scans;
    known.misses = 0;
    known.avoidRetrieve = false;
    if (fullScan !== NO_FULL_SCAN) known.fullScan = fullScan;
    // A single read proves that the item is live, not where it stands in the list.
    if (cursor === undefined) return;
    known.cursor = cursor;
    known.lost = false;
  }

  /** It has stopped, or the list no longer has it. */
  forget(id: string): void {
    const known = this.#items.get(id);
    if (known === undefined) return;
    this.#extraBytes -= extraMetadataBytes(known.item);
    this.#items.delete(id);
  }

  /** It is not on its expected page, and this many consecutive full scans have missed it. */
  markLost(id: string, misses?: number): void {
    this.#change(id, ({ misses: before }) => ({ misses: misses ?? before, lost: true }));
  }

  /** A single read of the item has failed. */
  avoidRetrieve(id: string): void {
    this.#change(id, () => ({ avoidRetrieve: true }));
  }

  /** A cursor was rejected: the place of the items that stood there is unknown. */
  forgetCursor(cursor: string): void {
    for (const [id, known] of this.#items) if (known.cursor === cursor) this.#change(id, () => ({ cursor: undefined }));
  }

  /** Cursors apply no longer: the place of every item is unknown. */
  forgetAllCursors(): void {
    for (const id of this.#items.keys()) this.#change(id, () => ({ cursor: undefined }));
  }

  #change(id: string, change: (known: TrackedItem) => Partial<TrackedItem>): void {
    const known = this.#items.get(id);
    if (known !== undefined) Object.assign(known, change(known));
  }
}
