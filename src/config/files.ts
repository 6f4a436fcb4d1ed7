import { open, readdir } from 'node:fs/promises';

/** What the configuration needs of a file system. Failures throw, as Node's do. */
export interface FileReader {
  /** At most `limit` + 1 bytes of a file: enough to tell that it is too long. */
  readFile(path: string, limit: number): Promise<Uint8Array> | Uint8Array;
  readdir(path: string): Promise<readonly string[]> | readonly string[];
}

export const nodeFiles: FileReader = {
  async readFile(path, limit) {
    await using file = await open(path, 'r');
    const buffer = Buffer.alloc(limit + 1);
    let length = 0;
    while (length <= limit) {
      const { bytesRead } = await file.read(buffer, length, buffer.length - length);
      if (bytesRead === 0) break;
      length += bytesRead;
    }
    return buffer.subarray(0, length);
  },
  readdir: (path) => readdir(path),
};

/** In words, why a file could not be read; `code` is Node's. */
export function fileFault(code: string | null): string {
  if (code === 'ENOENT') return 'does not exist';
  if (code === 'EACCES' || code === 'EPERM') return 'may not be read by this user';
  if (code === 'EISDIR') return 'is a directory';
  if (code === 'ENOTDIR') return 'is not a directory';
  return `cannot be read${code === null ? '' : ` (${code})`}`;
}
