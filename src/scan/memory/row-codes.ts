import { codeOf } from './code-of.ts';

/** A page that was asked for has no more rows. A service may send longer ones. */
const MOST_ROWS = 1000;

/** The code of the item in each row. */
export function codesOf(rows: readonly { readonly id: string }[]): Float64Array {
  const codes = new Float64Array(rows.length);
  for (let row = 0; row < rows.length; row++) codes[row] = codeOf(rows[row]!.id);
  return codes;
}

/** Which items a page showed, in 8 bytes each: the page itself would keep half a megabyte until the next scan. */
export class RowCodes {
  readonly #codes: Float64Array;

  /**
   * @param codes by row
   * @param part which rows of a longer page are kept
   */
  constructor(codes: Float64Array, part: 'first' | 'last') {
    this.#codes = (part === 'first' ? codes.slice(0, MOST_ROWS) : codes.slice(-MOST_ROWS)).sort();
  }

  /** How many rows are kept. */
  get size(): number {
    return this.#codes.length;
  }

  /** Whether a row shows the item with this code. */
  has(code: number): boolean {
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
