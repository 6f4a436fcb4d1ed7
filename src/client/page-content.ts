/** What is kept of the bytes of a page, so that its items are found again in another one. */
export interface PageContent {
  /** Whether the page has these bytes. */
  isOf(body: Buffer): boolean;
  /** Bytes of the item with this place in the page. */
  lengthAt(place: number): number;
  /** Whether the body has, from `start`, the bytes of that item: then it ends where that item ends. */
  isAt(place: number, body: Buffer, start: number): boolean;
  /** Takes the place of the page before. */
  keep(page: KeptPage): void;
}

export interface KeptPage {
  readonly body: Buffer;
  /** Start and end of each item, one after the other. */
  readonly spans: readonly number[];
  /** Where each item stood in the page before; negative for one that did not. */
  readonly places: readonly number[];
}

/** Different items differ within as many bytes, by their ids: only equal ones are worth a look at all bytes. */
export const START_BYTES = 48;
