/** Heap that an item may take: its rows, what the ledger follows of it, and their copies while the state file is written. */
const BYTES_AN_ITEM = 8192;
/** A list may always have this many: other lists must not hide a small one. */
const FREE = 100;

/** What the process may use, in bytes. */
export interface MemoryLimits {
  /** V8's own limit. In a small container it may be larger than the container. */
  readonly heapBytes: number;
  /** That of the container; 0 or a very large number without one. */
  readonly containerBytes: number;
}

/** As many items as lists may have beyond those that are free. Half of a container is for all that is not the heap. */
export function mostItemsIn({ heapBytes, containerBytes }: MemoryLimits): number {
  const bytes = containerBytes > 0 ? Math.min(heapBytes, containerBytes / 2) : heapBytes;
  return Math.floor(bytes / BYTES_AN_ITEM);
}

/**
 * The room for items in the memory of the process, shared by all of its lists: one that never ends, or shows other
 * items at each read, must not end the process, which would leave every environment unread.
 */
export class ItemRoom {
  readonly #most: number;
  #taken = 0;
  /** Lists that take any of it. */
  #takers = 0;

  constructor(most: number) {
    this.#most = most;
  }

  /** Whether a list that takes that much may take more. When nothing is left, each list may still have its share. */
  isLeftFor(taken: number): boolean {
    return this.#taken < this.#most || taken < this.#most / Math.max(1, this.#takers);
  }

  /** A list takes that much instead of what it took before. */
  takes(taken: number, before: number): void {
    this.#taken += taken - before;
    this.#takers += Number(taken > 0) - Number(before > 0);
  }
}

/** What one list takes of the room. */
export class ListRoom {
  readonly #room: ItemRoom;
  #taken = 0;
  #refusals = 0;

  constructor(room: ItemRoom) {
    this.#room = room;
  }

  /** How many rows were left out because there was no room for their items. */
  get refusals(): number {
    return this.#refusals;
  }

  /** The list has that many items now. */
  has(items: number): void {
    const taken = Math.max(0, items - FREE);
    if (taken === this.#taken) return;
    this.#room.takes(taken, this.#taken);
    this.#taken = taken;
  }

  /** Whether the list, which has that many items, may have one more; if not, its row is left out. */
  admits(items: number): boolean {
    this.has(items);
    if (items < FREE || this.#room.isLeftFor(this.#taken)) return true;
    this.#refusals++;
    return false;
  }

  /** The list is no longer read. */
  leave(): void {
    this.has(0);
  }
}
