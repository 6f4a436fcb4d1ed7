import { open, readFile, readlink, realpath, rename, unlink } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { systemErrorCode } from '../base/errors.ts';

/** A disk that is full or broken. Anything else says that this file system does not sync folders, or not for this user. */
const DISK_FAULTS: ReadonlySet<string | null> = new Set(['EIO', 'ENOSPC', 'EDQUOT']);

/** What the state file needs of a file system. Failures throw, as Node's do. */
export type StateDisk = Readonly<typeof nodeDisk>;

export const nodeDisk = {
  read: (path: string): Promise<string> => readFile(path, 'utf8'),

  /** The first bytes of the file as text. */
  async readStart(path: string, bytes: number): Promise<string> {
    await using file = await open(path, 'r');
    const { buffer, bytesRead } = await file.read(Buffer.alloc(bytes), 0, bytes, 0);
    return buffer.toString('utf8', 0, bytesRead);
  },

  /** Replaces the file atomically: a reader sees the old file or the new one. It is on the disk when this has resolved. */
  async replace(path: string, text: string): Promise<void> {
    const temporary = `${path}.tmp`;
    try {
      {
        await using file = await open(temporary, 'w', 0o600);
        await file.writeFile(text);
        await file.datasync();
      }
      await rename(temporary, path);
    } catch (error) {
      await unlink(temporary).catch(() => {});
      throw error;
    }
    await syncFolderOf(path);
  },

  async unlink(path: string): Promise<void> {
    await unlink(path);
    await syncFolderOf(path);
  },

  /** Renames a file, over one that has the new name. */
  rename: (from: string, to: string): Promise<void> => rename(from, to),

  /** The file behind symbolic links, also one that is not there yet: to replace the link would put the file elsewhere. */
  async resolve(path: string): Promise<string> {
    const followed = async () => resolve(dirname(path), await readlink(path));
    return await realpath(path)
      .catch(followed)
      .catch(() => path);
  },
};

/** A new name of a file, or that it has none any more, is content of its folder: syncing the file does not keep it. */
async function syncFolderOf(path: string): Promise<void> {
  try {
    await using folder = await open(dirname(path), 'r');
    await folder.sync();
  } catch (error) {
    if (DISK_FAULTS.has(systemErrorCode(error))) throw error;
  }
}
