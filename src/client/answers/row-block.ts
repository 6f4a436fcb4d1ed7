import { crc32 } from 'node:zlib';
import { type KeptPage, START_BYTES } from './page-content.ts';

/** Neighbouring rows and the bytes between them. */
export interface RowBlock {
  /** How many. */
  readonly rows: number;
  /** Bytes. */
  readonly length: number;
  /** The first bytes, as `latin1`. */
  readonly beginning: string;
  /** The {@link codeOfBytes} of all its bytes. */
  readonly code: number;
}

/** The block of `rows` rows of a page from the row `first` on. */
export function rowBlock({ body, spans }: KeptPage, first: number, rows: number): RowBlock {
  const [from, to] = [spans[2 * first]!, spans[2 * (first + rows) - 1]!];
  const beginning = body.toString('latin1', from, Math.min(from + START_BYTES, to));
  return { rows, length: to - from, beginning, code: codeOfBytes(body, [from, to]) };
}

/** Whether a body has the bytes of this block from `at` on. */
export function hasBlockAt({ length, beginning, code }: RowBlock, body: Buffer, at: number): boolean {
  // From the end, because ids that are counted up differ in their last bytes.
  for (let index = beginning.length - 1; index >= 0; index--) {
    if (body[at + index] !== beginning.charCodeAt(index)) return false;
  }
  return codeOfBytes(body, [at, at + length]) === code;
}

/**
 * The CRC-32 of the bytes between these starts and ends. It finds every change within four bytes, such as that of a
 * digit, and all but one in four billion of the others; one that it misses is a change of an item that has stopped. A
 * cryptographic code would take three times as long, mostly to be set up.
 */
export function codeOfBytes(body: Buffer, ranges: Uint32Array | readonly number[]): number {
  let code = 0;
  for (let at = 0; at < ranges.length; at += 2) code = crc32(body.subarray(ranges[at], ranges[at + 1]), code);
  return code;
}
