import type { FindItem } from './page-content.ts';

/** Items that came since the last page, or left it, within which the others are still found. */
const MOST_CAME = 32;
const MOST_LEFT = 4;

/** Finds the items of a page in the page before, row by row. */
export class RowFinder {
  readonly #likeness: FindItem;
  #lastRow = -1;
  #lastPlace = -1;
  #changed = -1;

  constructor(likeness: FindItem) {
    this.#likeness = likeness;
  }

  /** Of the row that was looked up last, where it probably stood before it changed; -1 where nothing was like it. */
  get changed(): number {
    return this.#changed;
  }

  /** Where the item that starts there stood; -1 for one that is new, or has changed. */
  placeOf(row: number, start: number): number {
    this.#changed = -1;
    // Where it stands if as many came as left since the last one that was known.
    const expected = this.#lastPlace + row - this.#lastRow;
    const first = Math.max(this.#lastPlace + 1, expected - MOST_CAME);
    let place = this.#isAt(expected, start) ? expected : -1;
    for (let one = expected - 1; place < 0 && one >= first; one--) if (this.#isAt(one, start)) place = one;
    for (let one = expected + 1; place < 0 && one <= expected + MOST_LEFT; one++) {
      if (this.#isAt(one, start)) place = one;
    }
    if (place >= 0) this.stands(row, place);
    return place;
  }

  /** The row is known to be the item with that place: those after it stood behind it. */
  stands(row: number, place: number): void {
    this.#lastRow = row;
    this.#lastPlace = place;
  }

  #isAt(place: number, start: number): boolean {
    const likeness = this.#likeness(place, start);
    if (likeness === 'changed' && this.#changed < 0) this.#changed = place;
    return likeness === 'same';
  }
}
