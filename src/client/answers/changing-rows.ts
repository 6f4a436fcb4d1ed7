import { QUOTE } from './json-bytes.ts';
import type { KeptPage } from './page-content.ts';

/**
 * The rows of a page whose changing member has changed before. It will probably change again, as the heartbeats of live
 * items do, and most pages differ from the previous one in nothing else.
 */
export class ChangingRows {
  static readonly NONE = new ChangingRows([], []);

  readonly #rows: Uint32Array;
  /** Start and end of each text in the page, one after the other. */
  readonly windows: Uint32Array;

  private constructor(rows: readonly number[], windows: readonly number[]) {
    this.#rows = Uint32Array.from(rows);
    this.windows = Uint32Array.from(windows);
  }

  /** @param texts where the text begins in each row, counted from the row's start; 0 in a row without one */
  static in({ body, spans }: KeptPage, texts: Uint32Array, hasChanged: (row: number) => boolean): ChangingRows {
    const rows: number[] = [];
    const windows: number[] = [];
    for (let row = 0; row < texts.length; row++) {
      if (texts[row] === 0 || !hasChanged(row)) continue;
      const start = spans[2 * row]! + texts[row]!;
      rows.push(row);
      windows.push(start, body.indexOf(QUOTE, start));
    }
    return rows.length === 0 ? ChangingRows.NONE : new ChangingRows(rows, windows);
  }

  /** The row of the window with this index. */
  rowAt(index: number): number {
    return this.#rows[index]!;
  }

  has(row: number): boolean {
    return this.#rows.includes(row);
  }
}
