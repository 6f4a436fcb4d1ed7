/** What is kept of the bytes of a page, so that its items are found again in another one. */
export interface PageContent {
  /** Whether the page has these bytes. */
  isOf(body: Buffer): boolean;
  /** Bytes of the item with this place in the page. */
  lengthAt(place: number): number;
  /**
   * Where a text in the item with this place ends, if the body has, from `start`, the same item with another text of as
   * many bytes there; otherwise 0. Both places are counted from the start of the item.
   */
  endOfOtherText(place: number, text: number, other: ItemStart): number;
  /**
   * Which windows have other bytes in the body, if nothing else has: their indexes. Otherwise null. `windows` are start
   * and end of each, in order.
   */
  changedIn(body: Buffer, windows: Uint32Array): readonly number[] | null;
  /** Takes the bytes of the windows from a body that has the same bytes everywhere else. */
  takeIn(body: Buffer, windows: Uint32Array): void;
  /** Finds its items in a body. */
  finderIn(body: Buffer): FindItem;
  /** Takes the place of the page before. */
  keep(page: KeptPage): void;
}

export interface ItemStart {
  readonly body: Buffer;
  readonly start: number;
}

/**
 * What the body has, from `start`: the bytes of the item with that place, the first of them only, as an item has that
 * changed, or others.
 */
export type FindItem = (place: number, start: number) => Likeness;

export type Likeness = 'same' | 'changed' | 'other';

export interface KeptPage {
  readonly body: Buffer;
  /** Start and end of each item, one after the other. */
  readonly spans: readonly number[];
  /** Where each item stood in the page before; negative for one that did not. */
  readonly places: readonly number[];
  /** Whether nothing is likely to happen in a row any more. */
  readonly isSettled: (row: number) => boolean;
}

/** Different items differ within as many bytes, by their ids: only equal ones are worth a look at all bytes. */
export const START_BYTES = 48;
