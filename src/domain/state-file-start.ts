/** Enough bytes of a file to tell whether it is a state file, and whose. */
export const STATE_FILE_START_BYTES = 256;

/** The process that wrote a state file, from its first bytes; null if it is not a state file. */
export function stateFileWriter(start: string): string | null {
  return /^\s*\{\s*"version"\s*:\s*\d+\s*,\s*"instance"\s*:\s*"([^"\\]*)"/.exec(start)?.[1] ?? null;
}

/** The offset of the 0 or 1 with which a state file says whether it is behind; null for a file that does not say. */
export function behindFlagOffset(start: string): number | null {
  const before = /^\{"version":\d+,"instance":"[^"\\]*","behind":(?=[01],)/.exec(start);
  return before === null ? null : Buffer.byteLength(before[0]);
}

/** How every state file begins. */
const BEGINNING = '{"version":1,"instance":"';

/** Whether a state file may replace this file. A broken disk may have cut or emptied it. */
export function mayBecomeStateFile(start: string): boolean {
  return BEGINNING.startsWith(start) || stateFileWriter(start) !== null;
}
