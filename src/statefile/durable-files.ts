import { open, rename, unlink } from 'node:fs/promises';
import { dirname } from 'node:path';
import { systemErrorCode } from '../base/errors.ts';

/** Changes of a file that are on the disk once they have resolved, so that a machine which loses power does not undo them. */
export interface DurableFiles {
  /**
   * Replaces the file atomically. The new content goes to `temporary` and is synced first, so a reader sees either the
   * old file or the new one.
   */
  replace(path: string, text: string, temporary: string): Promise<void>;
  unlink(path: string): Promise<void>;
  /** Overwrites some bytes in place, which needs no space on the disk. */
  overwrite(path: string, at: number, text: string): Promise<void>;
  /** Truncates the file and leaves it in place. */
  empty(path: string): Promise<void>;
}

/** What that takes of Node. */
export interface Disk {
  readonly open: (path: string, flags: string, mode?: number) => Promise<DiskFile>;
  readonly rename: (from: string, to: string) => Promise<void>;
  readonly unlink: (path: string) => Promise<void>;
}

export interface DiskFile extends AsyncDisposable {
  writeFile(text: string): Promise<void>;
  write(text: string, at: number): Promise<unknown>;
  truncate(length: number): Promise<void>;
  datasync(): Promise<void>;
  sync(): Promise<void>;
}

/** A disk that is full or broken. Anything else says that this file system does not sync folders, or not for this user. */
const DISK_FAULTS: ReadonlySet<string | null | undefined> = new Set(['EIO', 'ENOSPC', 'EDQUOT']);

export function durableFiles(disk: Disk = { open, rename, unlink }): DurableFiles {
  /** A new name of a file, or that it has none any more, is content of its folder: syncing the file does not keep it. */
  async function syncFolderOf(path: string): Promise<void> {
    try {
      await using folder = await disk.open(dirname(path), 'r');
      await folder.sync();
    } catch (error) {
      if (DISK_FAULTS.has(systemErrorCode(error))) throw error;
    }
  }
  return {
    async replace(path, text, temporary) {
      try {
        {
          await using file = await disk.open(temporary, 'w', 0o600);
          await file.writeFile(text);
          await file.datasync();
        }
        await disk.rename(temporary, path);
      } catch (error) {
        await disk.unlink(temporary).catch(() => {});
        throw error;
      }
      await syncFolderOf(path);
    },
    async unlink(path) {
      await disk.unlink(path);
      await syncFolderOf(path);
    },
    async overwrite(path, at, text) {
      await using file = await disk.open(path, 'r+');
      await file.write(text, at);
      await file.datasync();
    },
    async empty(path) {
      await using file = await disk.open(path, 'r+');
      await file.truncate(0);
      await file.datasync();
    },
  };
}
