import { type ChangingMember, textOfMember } from './changing-member.ts';
import type { MovingRows } from './moving-rows.ts';
import type { KeptPage } from './page-content.ts';

/** A row whose changing member alone has changed. */
export interface MovedRow<Item> {
  readonly row: number;
  readonly item: Item;
  /** Where it stood before. */
  readonly place: number;
}

/** What the page before says about the rows of a page. */
export interface FoundRows<Item> {
  /** Where each row stood in the page before, with the same bytes; -1 for another one. */
  readonly places: readonly number[];
  /** In the order of the rows. */
  readonly moved: readonly MovedRow<Item>[];
  readonly changing: ChangingMember<Item>;
}

/** The items of the rows; undefined for one that has to be parsed. */
export function itemsOf<Item>(
  { places, moved }: FoundRows<Item>,
  before: readonly (Item | undefined)[],
): (Item | undefined)[] {
  // Of its final length, as it lives as long as the page: one that grows is larger, and leaves shorter ones behind.
  const items = new Array<Item | undefined>(places.length);
  for (let row = 0; row < places.length; row++) if (places[row]! >= 0) items[row] = before[places[row]!];
  for (const { row, item } of moved) items[row] = item;
  return items;
}

/** Where the changing member of each item stands: where it stood, except in items that are new or changed otherwise. */
export function textsOf<Item>(
  { places, moved, changing }: FoundRows<Item>,
  { body, spans }: KeptPage,
  before: Uint32Array,
): Uint32Array {
  // A plain loop, as it looks at each row of each page.
  const texts = new Uint32Array(places.length);
  let next = 0;
  for (let row = 0; row < texts.length; row++) {
    const place = moved[next]?.row === row ? moved[next++]!.place : places[row]!;
    texts[row] = place < 0 ? textOfMember(body, spans[2 * row]!, changing.key) : before[place]!;
  }
  return texts;
}

/** Whether the changing member of a row has moved now, or did before. */
export function movesIn<Item>({ places, moved }: FoundRows<Item>, before: MovingRows): (row: number) => boolean {
  const now = new Set(moved.map(({ row }) => row));
  return (row) => now.has(row) || (places[row]! >= 0 && before.has(places[row]!));
}
