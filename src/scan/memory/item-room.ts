import { type MemoryLimits, usableBytes } from './memory-limits.ts';

/**
 * Heap for an item: its rows, what the ledger follows of it, and the garbage of its earlier ones. Half of it is enough for an
 * item with the longest ids, and the rest for as much metadata as `extraMetadataBytes` does not count.
 */
const HEAP_BYTES_PER_ITEM = 8192;
/** Heap for a byte of further metadata: itself, and what earlier rows had until it is collected. */
const HEAP_BYTES_PER_METADATA_BYTE = 2.5;
/** A list may always have this many items: other lists must not hide a small one. */
const ITEMS_FREE_FOR_EACH_LIST = 100;
/** The part of the room that is shared evenly when all else is taken. */
const EVENLY_SHARED_PART = 1 / 4;

/** How many items all lists may have. */
export function mostItemsIn(limits: MemoryLimits): number {
  return Math.floor(usableBytes(limits) / HEAP_BYTES_PER_ITEM);
}

/**
 * The room for items in the memory of the process, shared by all of its lists: one that never ends, or shows other
 * items at each read, must not end the process, which would leave every environment unread.
 */
export class ItemRoom {
  readonly #most: number;
  /** Items that lists have beyond those that they may always have. */
  #taken = 0;
  #lists = 0;

  /** @param most items of all lists together */
  constructor(most: number) {
    this.#most = most;
  }

  /**
   * Whether a list that has taken room for `taken` items may take more. Room is kept for the items that each list may always have. When
   * nothing else is left, each may still have its share of some more.
   */
  isLeftFor(taken: number): boolean {
    const shared = this.#most * EVENLY_SHARED_PART;
    const left = Math.max(shared, this.#most - this.#lists * ITEMS_FREE_FOR_EACH_LIST) - this.#taken;
    return left > 0 || (left > -shared && taken < shared / this.#lists);
  }

  /** A list takes room for `taken` items instead of `before`. */
  replaceTaken(taken: number, before: number): void {
    this.#taken += taken - before;
  }

  /** A list is read from now on. */
  join(): void {
    this.#lists++;
  }

  /** A list is no longer read. */
  leave(): void {
    this.#lists--;
  }
}

/** What one list takes of the room. */
export class ListRoom {
  readonly #room: ItemRoom;
  #state: 'unread' | 'read' | 'left' = 'unread';
  #taken = 0;
  #leftOut = 0;

  constructor(room: ItemRoom) {
    this.#room = room;
  }

  /** How many times a row, or its metadata, was left out because there was no room for it. */
  get leftOut(): number {
    return this.#leftOut;
  }

  /** Tells the room that the list has this many items now, and that their metadata takes this many extra bytes. */
  setSize(items: number, extraBytes: number): void {
    if (this.#state === 'left') return;
    if (this.#state === 'unread') {
      this.#state = 'read';
      this.#room.join();
    }
    const taken = Math.max(0, inItems(items, extraBytes) - ITEMS_FREE_FOR_EACH_LIST);
    if (taken === this.#taken) return;
    this.#room.replaceTaken(taken, this.#taken);
    this.#taken = taken;
  }

  /**
   * Whether the list, which has this many items and extra bytes now, may have one more item, or more metadata. If not, it is
   * counted as left out.
   */
  admits(items: number, extraBytes: number): boolean {
    this.setSize(items, extraBytes);
    if (inItems(items, extraBytes) < ITEMS_FREE_FOR_EACH_LIST || this.#room.isLeftFor(this.#taken)) return true;
    this.#leftOut++;
    return false;
  }

  /** The list is no longer read. */
  leave(): void {
    if (this.#state === 'read') {
      this.setSize(0, 0);
      this.#room.leave();
    }
    this.#state = 'left';
  }
}

/** How many items take as much heap: a whole number, because sums of fractions would not come back to 0. */
function inItems(items: number, extraBytes: number): number {
  return items + Math.ceil((extraBytes * HEAP_BYTES_PER_METADATA_BYTE) / HEAP_BYTES_PER_ITEM);
}
