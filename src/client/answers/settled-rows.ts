import type { KeptPage } from './page-content.ts';
import { codeOfBytes, hasBlockAt, type RowBlock, rowBlock } from './row-block.ts';

/** The fewest rows of a block. If one row of a block has changed or left, all of its rows are parsed. */
const BLOCK_ROWS = 8;
/** A block in memory: an object, a text and three numbers. */
const BLOCK_BYTES = 208;

/**
 * The rows of a page that will not change any more. One code is kept for each block of neighbouring rows instead of their
 * bytes: they are most rows of most lists, and their bytes would take most of the memory of an environment.
 */
export class SettledRows {
  static readonly NONE = new SettledRows([], []);

  readonly #blocks: readonly RowBlock[];
  /** The first row of each block, and its offset in the page. */
  readonly #firsts: readonly number[];
  readonly #starts: readonly number[];
  /** Start and end in the page of each run of adjoining blocks, in order. */
  readonly ranges: Uint32Array;
  /** The code of all these ranges together. */
  readonly #code: number;

  private constructor(blocks: readonly RowBlock[], firsts: readonly number[], page?: KeptPage) {
    this.#blocks = blocks;
    this.#firsts = firsts;
    this.#starts = firsts.map((row) => page!.spans[2 * row]!);
    this.ranges = Uint32Array.from(rangesOf(blocks, firsts, this.#starts));
    this.#code = page === undefined ? 0 : codeOfBytes(page.body, this.ranges);
  }

  /** The settled rows of a page; blocks of the previous page that are still there are taken over from `before`. */
  static in(page: KeptPage, before: SettledRows): SettledRows {
    const blocks: RowBlock[] = [];
    const firsts: number[] = [];
    const rows = page.places.length;
    let open = 0;
    for (let row = 0; row <= rows; row++) {
      const known = row === rows ? undefined : before.#blockAt(page.places[row]!);
      if (row < rows && known === undefined && page.isSettled(row)) continue;
      // The rows since `open` are settled and not yet in a block.
      for (let left = row - open; left >= BLOCK_ROWS; left = row - open) {
        const count = left < 2 * BLOCK_ROWS ? left : BLOCK_ROWS;
        blocks.push(rowBlock(page, open, count));
        firsts.push(open);
        open += count;
      }
      open = row + 1;
      if (known === undefined) continue;
      blocks.push(known);
      firsts.push(row);
      open = row + known.rows;
      row = open - 1;
    }
    return blocks.length === 0 ? SettledRows.NONE : new SettledRows(blocks, firsts, page);
  }

  get byteLength(): number {
    return this.#blocks.length * BLOCK_BYTES;
  }

  /** Whether a body of the same length has the same bytes in these rows. */
  areIn(body: Buffer): boolean {
    return this.ranges.length === 0 || codeOfBytes(body, this.ranges) === this.#code;
  }

  /** The index of the block that a row belongs to; negative if it belongs to none. */
  blockOf(row: number): number {
    // The last block that begins at or before the row.
    let low = 0;
    let high = this.#firsts.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.#firsts[middle]! <= row) low = middle + 1;
      else high = middle;
    }
    const block = low - 1;
    return block >= 0 && row < this.#firsts[block]! + this.#blocks[block]!.rows ? block : -1;
  }

  /**
   * Returns a function that tells whether the body has, from `start`, the bytes of a row that starts at `from` in this page, and all of the
   * row's block around it.
   */
  comparerWith(body: Buffer): (block: number, from: number, start: number) => boolean {
    const looked = new Int32Array(this.#blocks.length).fill(-1);
    const found = new Uint8Array(this.#blocks.length);
    return (block, from, start) => {
      const at = start - (from - this.#starts[block]!);
      if (looked[block] !== at) {
        looked[block] = at;
        found[block] = Number(hasBlockAt(this.#blocks[block]!, body, at));
      }
      return found[block] === 1;
    };
  }

  /** The block whose first row this is. If that row was found in an answer, so was all of its block. */
  #blockAt(place: number): RowBlock | undefined {
    const block = this.blockOf(place);
    return this.#firsts[block] === place ? this.#blocks[block] : undefined;
  }
}

function rangesOf(
  blocks: readonly RowBlock[],
  firsts: readonly number[],
  starts: readonly number[],
): readonly number[] {
  const ranges: number[] = [];
  let next = -1;
  for (const [index, { rows, length }] of blocks.entries()) {
    const start = starts[index]!;
    if (firsts[index] === next) ranges[ranges.length - 1] = start + length;
    else ranges.push(start, start + length);
    next = firsts[index]! + rows;
  }
  return ranges;
}
