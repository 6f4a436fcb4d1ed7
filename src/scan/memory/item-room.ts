import { type MemoryLimits, usableBytes } from './memory-limits.ts';

/**
 * Heap for an item: its rows, what the ledger follows of it, and the garbage of its earlier ones. Half of it is enough for an
 * item with the longest ids, and the rest for as much metadata as `extraBytes` leaves out.
 */
const BYTES_AN_ITEM = 8192;
/** Heap for a byte of further metadata: itself, and what earlier rows had until it is collected. */
const BYTES_A_BYTE = 2.5;
/** A list may always have this many: other lists must not hide a small one. */
const FREE = 100;
/** The part of the room that is shared evenly when all else is taken. */
const SHARED = 1 / 4;

/** How many items all lists may have. */
export function mostItemsIn(limits: MemoryLimits): number {
  return Math.floor(usableBytes(limits) / BYTES_AN_ITEM);
}

/**
 * The room for items in the memory of the process, shared by all of its lists: one that never ends, or shows other
 * items at each read, must not end the process, which would leave every environment unread.
 */
export class ItemRoom {
  readonly #most: number;
  /** What lists take beyond what they may always have. */
  #taken = 0;
  #lists = 0;

  constructor(most: number) {
    this.#most = most;
  }

  /**
   * Whether a list that takes that much may take more. Room is kept for the items that each list may always have. When
   * nothing else is left, each may still have its share of some more.
   */
  isLeftFor(taken: number): boolean {
    const shared = this.#most * SHARED;
    const left = Math.max(shared, this.#most - this.#lists * FREE) - this.#taken;
    return left > 0 || (left > -shared && taken < shared / this.#lists);
  }

  /** A list takes that much instead of what it took before. */
  takes(taken: number, before: number): void {
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

  /** The list has that many items now, and their metadata takes so many extra bytes. */
  has(items: number, extraBytes: number): void {
    if (this.#state === 'left') return;
    if (this.#state === 'unread') {
      this.#state = 'read';
      this.#room.join();
    }
    const taken = Math.max(0, inItems(items, extraBytes) - FREE);
    if (taken === this.#taken) return;
    this.#room.takes(taken, this.#taken);
    this.#taken = taken;
  }

  /** Whether the list, which has that much, may have one more item, or more metadata; if not, that is left out. */
  admits(items: number, extraBytes: number): boolean {
    this.has(items, extraBytes);
    if (inItems(items, extraBytes) < FREE || this.#room.isLeftFor(this.#taken)) return true;
    this.#leftOut++;
    return false;
  }

  /** The list is no longer read. */
  leave(): void {
    if (this.#state === 'read') {
      this.has(0, 0);
      this.#room.leave();
    }
    this.#state = 'left';
  }
}

/** As many items as take that much: whole ones, because sums of fractions would not come back to 0. */
function inItems(items: number, extraBytes: number): number {
  return items + Math.ceil((extraBytes * BYTES_A_BYTE) / BYTES_AN_ITEM);
}
