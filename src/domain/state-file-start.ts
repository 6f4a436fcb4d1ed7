/** Enough bytes of a file to tell whether it is a state file, and whose. */
export const STATE_FILE_START_BYTES = 256;

/** The process that wrote a state file, from its first bytes; null if it is not a state file. */
export function stateFileWriter(start: string): string | null {
  return /^\s*\{\s*"version"\s*:\s*\d+\s*,\s*"instance"\s*:\s*"([^"\\]*)"/.exec(start)?.[1] ?? null;
}

/**
 * The text that marks a state file as behind, and the offset at which it overwrites as many bytes; null for a file that
 * cannot be marked. It also overwrites the checksum, so that damage which removes the mark is noticed.
 */
export function behindMark(start: string): { readonly at: number; readonly text: string } | null {
  const found = /^(\{"version":\d+,"instance":"[^"\\]*","behind":)[01],("crc32":"[0-9a-f]{8}",)?/.exec(start);
  if (found === null) return null;
  const [, before, checksum] = found;
  return { at: Buffer.byteLength(before!), text: checksum === undefined ? '1' : '1,"crc32":"00000000",' };
}

/** How every state file begins. */
const BEGINNING = '{"version":1,"instance":"';
/** What follows the id of the writer. If the file is damaged at one place, either this or the beginning is intact. */
const AFTER_WRITER = /"behind":[01],"crc32":"[0-9a-f]{8}","saved_at":\d/;

/**
 * Whether a state file may replace this file: it is one itself, although a broken disk may have truncated, emptied or
 * damaged it.
 *
 * @param start - the first bytes of the file, or all of a shorter one
 */
export function mayBecomeStateFile(start: string): boolean {
  if (BEGINNING.startsWith(start)) return true;
  if (stateFileWriter(start) !== null || AFTER_WRITER.test(start)) return true;
  return (
    start.startsWith(BEGINNING) && start.length < STATE_FILE_START_BYTES && !/["\\]/.test(start.slice(BEGINNING.length))
  );
}
