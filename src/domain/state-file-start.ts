/** Enough of a file to tell whether it is a state file, and of whom. */
export const STATE_FILE_START_BYTES = 256;

/** The process that wrote a state file, from its first bytes; null when they are no start of a state file. */
export function stateFileWriter(start: string): string | null {
  return /^\s*\{\s*"version"\s*:\s*\d+\s*,\s*"instance"\s*:\s*"([^"\\]*)"/.exec(start)?.[1] ?? null;
}

/** How every state file begins. */
const BEGINNING = '{"version":1,"instance":"';

/** Whether a state file may be written in the place of this one: of a broken disk it may be cut, or empty. */
export function mayBecomeStateFile(start: string): boolean {
  return BEGINNING.startsWith(start) || stateFileWriter(start) !== null;
}
