import { open, readFile, rename, unlink } from 'node:fs/promises';

/** What the state file needs of a file system. Failures throw, as Node's do. */
export interface StateFiles {
  /** The whole file as text. */
  read(path: string): Promise<string>;
  /** The first bytes of it. */
  readStart(path: string, bytes: number): Promise<string>;
  /** Replaces the file in one step by content that is on the disk: whoever reads it sees the old one or the new one. */
  replace(path: string, text: string): Promise<void>;
  rename(from: string, to: string): Promise<void>;
  unlink(path: string): Promise<void>;
}

export const nodeStateFiles: StateFiles = {
  read: (path) => readFile(path, 'utf8'),
  async readStart(path, bytes) {
    await using file = await open(path, 'r');
    const { buffer, bytesRead } = await file.read(Buffer.alloc(bytes), 0, bytes, 0);
    return buffer.subarray(0, bytesRead).toString('utf8');
  },
  async replace(path, text) {
    const temporary = `${path}.tmp`;
    {
      await using file = await open(temporary, 'w', 0o600);
      await file.writeFile(text);
      await file.datasync();
    }
    await rename(temporary, path);
  },
  rename,
  unlink,
};
