import { ExporterError, systemErrorCode } from '../errors.ts';

/** What the configuration needs of a file system. Failures throw, as Node's do, or a `FileFault`. */
export interface FileReader {
  /** At most `limit` + 1 bytes of a file: enough to tell that it is too long. */
  readFile(path: string, limit: number): Promise<Uint8Array> | Uint8Array;
  readdir(path: string): Promise<readonly string[]> | readonly string[];
  /**
   * What tells a file's version without reading it: place, size and times of change; null for one that cannot be looked
   * at. In the order of `paths`. Left out where there is no such thing.
   */
  stamps?(paths: readonly string[]): Promise<readonly (string | null)[]>;
}

/** A fault that the system has no code for; the message continues `file PATH …`. */
export class FileFault extends ExporterError {}

/** In words that continue `file PATH …`, why a file could not be read. */
export function fileFault(error: unknown): string {
  if (error instanceof FileFault) return error.message;
  const code = systemErrorCode(error);
  if (code === 'ENOENT') return 'does not exist';
  if (code === 'EACCES' || code === 'EPERM') return 'may not be read by this user';
  if (code === 'EISDIR') return 'is a directory';
  if (code === 'ENOTDIR') return 'is not a directory';
  if (code === 'ELOOP') return 'is a symbolic link that leads to itself';
  return `cannot be read${code === null ? '' : ` (${code})`}`;
}
