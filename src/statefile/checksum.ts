import { crc32 } from 'node:zlib';

/**
 * What a state file says of the rest of itself: a disk or another program that changes a digit leaves JSON that counts
 * something else. It is no protection against people, who may remove it.
 */

/** How a file begins that has one, up to where `rest` begins. */
const BEGINNING = /^(\{"version":\d+,"instance":"[^"\\]*","behind":0),"crc32":"([0-9a-f]{8})",/;
/** More than that is long. */
const MOST_CHARACTERS = 512;

/** Puts the two parts of a file together, with their checksum between them. `start` ends with `"behind":0`. */
export function withChecksum(start: string, rest: string): string {
  return `${start},"crc32":"${checksumOf(start, rest)}",${rest}`;
}

/** Whether the text is exactly what `withChecksum` made. */
export function hasItsChecksum(text: string): boolean {
  const found = BEGINNING.exec(text.slice(0, MOST_CHARACTERS));
  return found !== null && checksumOf(found[1]!, text.slice(found[0].length)) === found[2];
}

function checksumOf(start: string, rest: string): string {
  return crc32(rest, crc32(start)).toString(16).padStart(8, '0');
}
