/**
 * What is kept of the bytes of a page, to recognize its items in the next answer. `place` is always the row of an item
 * in the kept page; a row of the new answer is called `row`.
 */
export interface PageContent {
  /** Bytes of memory that it takes, about. */
  readonly byteLength: number;
  /** Whether the kept page has exactly these bytes. */
  hasBytesOf(body: Buffer): boolean;
  /** How many bytes the item has. */
  lengthAt(place: number): number;
  /**
   * The end of the text that begins at `text` in the item, if the body has, from `start`, the same item with another
   * text of the same length there; otherwise 0. Both offsets are counted from the start of the item.
   */
  endOfOtherText(place: number, text: number, other: ItemStart): number;
  /**
   * The indexes of the windows whose bytes differ in the body; null if anything outside the windows differs. `windows`
   * has the start and the end of each, in order.
   */
  changedWindows(body: Buffer, windows: Uint32Array): readonly number[] | null;
  /** Stores the bytes of the windows from a body that has the same bytes everywhere else. */
  storeWindows(body: Buffer, windows: Uint32Array): void;
  /** Returns a function that compares its items with those of a body. */
  comparerWith(body: Buffer): CompareItem;
  /** Keeps this page instead of the previous one. */
  keep(page: KeptPage): void;
}

/** Where an item begins in a new answer. */
export interface ItemStart {
  readonly body: Buffer;
  readonly start: number;
}

/**
 * Compares the bytes of a new answer from `start` on with the kept item of a place: `same`: all are equal; `changed`: only the first are, as in an item
 * that has changed; `other`: it is another item.
 */
export type CompareItem = (place: number, start: number) => Likeness;

export type Likeness = 'same' | 'changed' | 'other';

export interface KeptPage {
  readonly body: Buffer;
  /** Start and end of each item, one after the other. */
  readonly spans: readonly number[];
  /** The row of each item in the previous page; negative for an item that was not on it. */
  readonly places: readonly number[];
  /** Whether a row is unlikely to change again. */
  readonly isSettled: (row: number) => boolean;
}

/** Ids make different items differ within this many bytes: only where these are equal are all bytes compared. */
export const START_BYTES = 48;
