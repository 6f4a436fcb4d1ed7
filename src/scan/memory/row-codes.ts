import { codeOf } from './code-of.ts';

/** A page that was asked for has no more rows. A service may send longer ones. */
const MOST_ROWS = 1000;

/** Which items a page showed, in 8 bytes each: the page itself would keep half a megabyte until the next scan. */
export class RowCodes {
  readonly #codes: Float64Array;

  /** @param part which rows of a longer page are kept */
  constructor(rows: readonly { readonly id: string }[], part: 'first' | 'last') {
    const length = Math.min(rows.length, MOST_ROWS);
    const from = part === 'first' ? 0 : rows.length - length;
    this.#codes = new Float64Array(length);
    for (let row = 0; row < length; row++) this.#codes[row] = codeOf(rows[from + row]!.id);
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
