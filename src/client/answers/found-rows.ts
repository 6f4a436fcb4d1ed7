import { type ChangingMember, textOfMember } from './changing-member.ts';
import type { ChangingRows } from './changing-rows.ts';
import type { KeptPage } from './page-content.ts';

/** A row in which nothing but the changing member has changed. */
export interface UpdatedRow<Item> {
  readonly row: number;
  readonly item: Item;
  /** Its row in the previous page. */
  readonly place: number;
}

/** The rows of a page that the previous page also had. */
export interface FoundRows<Item> {
  /** For each row, the row of the previous page with the same bytes; -1 if there is none. */
  readonly places: readonly number[];
  /** In the order of their rows. */
  readonly updated: readonly UpdatedRow<Item>[];
  readonly changing: ChangingMember<Item>;
}

/** The item of each row; undefined for a row that has to be parsed. */
export function itemsOf<Item>(
  { places, updated }: FoundRows<Item>,
  before: readonly (Item | undefined)[],
): (Item | undefined)[] {
  // Allocated at its final length: it lives as long as the page, and a growing array would keep spare room.
  const items = new Array<Item | undefined>(places.length);
  for (let row = 0; row < places.length; row++) if (places[row]! >= 0) items[row] = before[places[row]!];
  for (const { row, item } of updated) items[row] = item;
  return items;
}

/**
 * The offset of the changing member's text in each item. It is looked for only in items that are new or in which
 * something else has changed.
 */
export function textsOf<Item>(
  { places, updated, changing }: FoundRows<Item>,
  { body, spans }: KeptPage,
  before: Uint32Array,
): Uint32Array {
  // A plain loop, as it looks at each row of each page.
  const texts = new Uint32Array(places.length);
  let next = 0;
  for (let row = 0; row < texts.length; row++) {
    const place = updated[next]?.row === row ? updated[next++]!.place : places[row]!;
    texts[row] = place < 0 ? textOfMember(body, spans[2 * row]!, changing.key) : before[place]!;
  }
  return texts;
}

/** Tells of each row whether its changing member has changed, now or earlier. */
export function hasChangedIn<Item>(
  { places, updated }: FoundRows<Item>,
  before: ChangingRows,
): (row: number) => boolean {
  const now = new Set(updated.map(({ row }) => row));
  return (row) => now.has(row) || (places[row]! >= 0 && before.has(places[row]!));
}
