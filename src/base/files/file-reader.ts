import { ExporterError, systemErrorCode } from '../errors.ts';

/** What the configuration needs of a file system. Failures throw, as Node's do, or a `FileFault`. */
export interface FileReader {
  /** At most `limit` + 1 bytes of a file: the extra byte shows that it is too long. */
  readFile(path: string, limit: number): Promise<Uint8Array> | Uint8Array;
  readdir(path: string): Promise<readonly string[]> | readonly string[];
  /**
   * For each path, what identifies the version of the file without reading it: device, inode, size and times of change, or
   * that there is no file; null if it cannot be stat'ed. Omitted where the file system has no such thing.
   */
  stamps?(paths: readonly string[]): Promise<readonly (string | null)[]> | readonly (string | null)[];
}

/** A fault for which the system has no code; the message continues `file PATH …`. */
export class FileFault extends ExporterError {}

/** Why a file could not be read, in words that continue `file PATH …`. */
export function fileFault(error: unknown): string {
  if (error instanceof FileFault) return error.message;
  const code = systemErrorCode(error);
  if (code === 'ENOENT') return 'does not exist';
  if (code === 'EACCES' || code === 'EPERM') return 'may not be read by this user';
  if (code === 'EISDIR') return 'is a directory';
  if (code === 'ENOTDIR') return 'is not a directory';
  if (code === 'ELOOP') return 'is a symbolic link that leads to itself';
  if (code === 'EMFILE')
    return 'cannot be read while the process has as many files and sockets open as it may (EMFILE)';
  return `cannot be read${code === null ? '' : ` (${code})`}`;
}

const REMEDIES: Readonly<Record<string, string>> = {
  ENOENT: 'check the path and the mount',
  EACCES: 'let the user that runs this program read it, and enter the directories above it',
  EPERM: 'let the user that runs this program read it, and enter the directories above it',
  EISDIR: 'name a file in it',
  file_not_regular: 'save the content to a file and name that one',
  ENOTDIR: 'check the path',
  ELOOP: 'let the link lead to a file',
  EMFILE: 'raise the limit on open files (ulimit -n)',
};

/** What to do about a file that could not be read, in words that follow a semicolon. */
export function fileRemedy(error: unknown): string {
  const code = error instanceof FileFault ? error.code : systemErrorCode(error);
  if (code === 'ENOENT' && hasUnexpanded(error)) return UNEXPANDED;
  if (code === 'ENOENT' && isAddress(error))
    return 'write the path alone, without file:// or anything like it before it';
  return REMEDIES[code ?? ''] ?? 'check the path, the mount and its owner';
}

/** What to do about a path in which a shell would have expanded something. */
export const UNEXPANDED = 'write the whole path: ~ and variables in it are not expanded';

/** Whether the path contains something that a shell would have expanded. */
export function hasUnexpanded(error: unknown): boolean {
  return /\/(?:~|\$\w+|\$\{\w+\})(?:\/|$)/.test(pathOf(error));
}

/** Whether an address was named, which as a path is one below the folder that paths are relative to. */
function isAddress(error: unknown): boolean {
  return /\/[a-z][a-z\d+.-]+:\//i.test(pathOf(error));
}

function pathOf(error: unknown): string {
  return error instanceof Error && 'path' in error ? String(error.path) : '';
}
