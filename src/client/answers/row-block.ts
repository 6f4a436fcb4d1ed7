import { createCipheriv, createSecretKey, randomBytes } from 'node:crypto';
import { type KeptPage, START_BYTES } from './page-content.ts';

/** Random in each process, so that nobody can construct other bytes with the same code. */
const KEY = createSecretKey(randomBytes(16));
const NONCE = randomBytes(12);

/** Neighbouring rows and the bytes between them. */
export interface RowBlock {
  /** How many. */
  readonly rows: number;
  /** Bytes. */
  readonly length: number;
  /** The first bytes, as `latin1`. */
  readonly beginning: string;
  /** The {@link codeOfBytes} of all its bytes. */
  readonly code: string;
}

/** The block of `rows` rows of a page from the row `first` on. */
export function rowBlock({ body, spans }: KeptPage, first: number, rows: number): RowBlock {
  const [from, to] = [spans[2 * first]!, spans[2 * (first + rows) - 1]!];
  const beginning = body.toString('latin1', from, Math.min(from + START_BYTES, to));
  return { rows, length: to - from, beginning, code: codeOfBytes(body, [from, to]) };
}

/** Whether a body has the bytes of this block from `at` on. */
export function standsAt({ length, beginning, code }: RowBlock, body: Buffer, at: number): boolean {
  // From the end, because ids that are counted up differ in their last bytes.
  for (let index = beginning.length - 1; index >= 0; index--) {
    if (body[at + index] !== beginning.charCodeAt(index)) return false;
  }
  return codeOfBytes(body, [at, at + length]) === code;
}

/**
 * A code of 16 bytes, as `latin1`, that identifies the bytes between these starts and ends. It is the authentication tag
 * of AES-GCM, which takes 5 µs for 60 KB; SHA-256 would take 40 µs.
 */
export function codeOfBytes(body: Buffer, ranges: Uint32Array | readonly number[]): string {
  const cipher = createCipheriv('aes-128-gcm', KEY, NONCE);
  for (let at = 0; at < ranges.length; at += 2) cipher.setAAD(body.subarray(ranges[at], ranges[at + 1]));
  cipher.final();
  return cipher.getAuthTag().toString('latin1');
}
