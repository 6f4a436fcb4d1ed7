import type { CompareItem } from './page-content.ts';

/** How many items may have been added, or removed, between two rows that are found again. */
const MOST_ADDED = 32;
const MOST_REMOVED = 4;

/** Finds the items of a page in the previous page, row by row. A place is a row of the previous page. */
export class RowFinder {
  readonly #likeness: CompareItem;
  #lastRow = -1;
  #lastPlace = -1;
  #changed = -1;

  constructor(likeness: CompareItem) {
    this.#likeness = likeness;
  }

  /** The probable place of the row that was looked up last, if it has changed since; -1 if none resembles it. */
  get changed(): number {
    return this.#changed;
  }

  /** The place of the item that begins at `start`; -1 if it is new or has changed. */
  placeOf(row: number, start: number): number {
    this.#changed = -1;
    // Its place unless items were added or removed after the last row that was found.
    const expected = this.#lastPlace + row - this.#lastRow;
    const first = Math.max(this.#lastPlace + 1, expected - MOST_ADDED);
    let place = this.#isAt(expected, start) ? expected : -1;
    for (let one = expected - 1; place < 0 && one >= first; one--) if (this.#isAt(one, start)) place = one;
    for (let one = expected + 1; place < 0 && one <= expected + MOST_REMOVED; one++) {
      if (this.#isAt(one, start)) place = one;
    }
    if (place >= 0) this.found(row, place);
    return place;
  }

  /** The row is the item that had this place: the rows that follow are looked for behind it. */
  found(row: number, place: number): void {
    this.#lastRow = row;
    this.#lastPlace = place;
  }

  #isAt(place: number, start: number): boolean {
    const likeness = this.#likeness(place, start);
    if (likeness === 'changed' && this.#changed < 0) this.#changed = place;
    return likeness === 'same';
  }
}
