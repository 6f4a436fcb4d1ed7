import { codeOf } from './code-of.ts';

/** A page that was asked for has no more rows. Of a longer one, which nobody asked for, the last ones are kept. */
const MOST_ROWS = 1000;

/** Which items a page showed, in 8 bytes each: the page itself would keep half a megabyte until the next scan. */
export class RowCodes {
  readonly #codes: Float64Array;

  constructor(rows: readonly { readonly id: string }[]) {
    const from = Math.max(0, rows.length - MOST_ROWS);
    this.#codes = new Float64Array(rows.length - from);
    for (let row = from; row < rows.length; row++) this.#codes[row - from] = codeOf(rows[row]!.id);
    this.#codes.sort();
  }

  /** How many rows are kept. */
  get size(): number {
    return this.#codes.length;
  }

  has(id: string): boolean {
    const code = codeOf(id);
    let low = 0;
    let high = this.#codes.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.#codes[middle]! < code) low = middle + 1;
      else high = middle;
    }
    return this.#codes[low] === code;
  }
}
