import { crc32 } from 'node:zlib';

/**
 * The checksum that a state file carries of its own content: if a disk or another program changes a digit, the file is still
 * valid JSON but its counts are wrong. It does not protect against people, who may remove it.
 */

/** The beginning of a file with a checksum, up to where `rest` begins. */
const BEGINNING = /^(\{"version":\d+,"instance":"[^"\\]*","behind":0),"crc32":"([0-9a-f]{8})",/;
/** More than that is long. */
const MOST_CHARACTERS = 512;

/** Puts the two parts of a file together, with their checksum between them. `start` ends with `"behind":0`. */
export function withChecksum(start: string, rest: string): string {
  return `${start},"crc32":"${checksumOf(start, rest)}",${rest}`;
}

/** Whether the text is exactly what `withChecksum` returned. */
export function hasItsChecksum(text: string): boolean {
  const found = BEGINNING.exec(text.slice(0, MOST_CHARACTERS));
  return found !== null && checksumOf(found[1]!, text.slice(found[0].length)) === found[2];
}

function checksumOf(start: string, rest: string): string {
  return crc32(rest, crc32(start)).toString(16).padStart(8, '0');
}
