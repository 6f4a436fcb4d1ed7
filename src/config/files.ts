import { dirname, resolve } from 'node:path';
import { type FileReader, fileFault, fileRemedy } from '../base/files.ts';

/** What is wrong, in words that never hold a key, and what to do about it. */
export interface Fault {
  readonly what: string;
  readonly remedy: string;
}

/** The content of a file of at most `limit` bytes, or why there is none. @param name what messages call the file */
export async function readBytes(
  path: string,
  limit: number,
  files: FileReader,
  name = `file ${path}`,
): Promise<Uint8Array | Fault> {
  try {
    const bytes = await files.readFile(path, limit);
    if (bytes.length <= limit) return bytes;
    return { what: `${name} is longer than ${limit / 1024} KiB`, remedy: 'name another file' };
  } catch (error) {
    return { what: `${name} ${fileFault(error)}`, remedy: fileRemedy(error) };
  }
}

/** Relative paths start at the file that names them, so that the working directory does not matter. */
export function absolutePath(path: string, file: string | null): string {
  return file === null ? resolve(path) : resolve(dirname(file), path);
}
