import { readdir, readlink, realpath, rename, stat, unlink } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import type { Clock, EpochMs } from '../base/clock.ts';
import { nodeFiles } from '../base/files/node-files.ts';
import type { Logger } from '../base/logger.ts';
import { type DurableFiles, durableFiles } from './durable-files.ts';

/** What the state file needs of a file system. Failures throw, as Node's do. */
export interface StateFiles extends DurableFiles {
  /** The whole file as text. */
  read(path: string): Promise<string>;
  /** Its first bytes; may return one byte more. */
  readStart(path: string, bytes: number): Promise<string>;
  /** Renames a file, over one that has the new name. */
  rename(from: string, to: string): Promise<void>;
  /** The file behind symbolic links, whether it exists yet or not. */
  resolve(path: string): Promise<string>;
  /** Whether a file in the same directory whose name `isCompared` accepts was written after this one. Never throws. */
  hasNewerSibling(path: string, isCompared: (name: string) => boolean): Promise<boolean>;
  /** Removes the file's temporary files that were last written before then, by writes that were interrupted. Never throws. */
  removeAbandoned(path: string, before: EpochMs): Promise<void>;
}

export interface StateFileDeps {
  readonly path: string;
  readonly files: StateFiles;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Unique to this process, without `"` and `\`: a random UUID. */
  readonly instance: string;
  /** Whether this process, and not another shard, watches an environment; all of them if it is missing. */
  readonly isOwn?: (environmentId: string) => boolean;
  /** Whether a file beside it is that of a process that watches the same environments by another division into shards. */
  readonly isOfOtherDivision?: (name: string) => boolean;
  /** Called when writing begins to fail or works again: the metric `state_file_ok`. */
  readonly onOk?: (ok: boolean) => void;
}

/** Slightly less than the longest text that can be parsed at once. */
const MOST_BYTES = 500 * 1024 * 1024;

async function textOf(path: string, limit: number): Promise<string> {
  const bytes = await nodeFiles.readFile(path, limit);
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('utf8');
}

/** As many as Linux follows. */
const MOST_LINKS = 40;

/**
 * Replacing a link to a file that does not exist yet would put the file where the link is, and the link would be lost.
 */
async function behindLinks(path: string, links = MOST_LINKS): Promise<string> {
  const found = await realpath(path).catch(() => null);
  if (found !== null) return found;
  const target = links === 0 ? null : await readlink(path).catch(() => null);
  if (target === null) return path;
  // A folder on the way may be a link as well, and its parent is then another one.
  const folder = await realpath(dirname(path)).catch(() => dirname(path));
  return behindLinks(resolve(folder, target), links - 1);
}

export const nodeStateFiles: StateFiles = {
  read: (path) => textOf(path, MOST_BYTES),
  ...durableFiles(),
  readStart: (path, bytes) => textOf(path, bytes),
  rename,
  resolve: behindLinks,
  async hasNewerSibling(path, isCompared) {
    const writtenAt = async (file: string) =>
      await stat(file)
        .then(({ mtimeMs }) => mtimeMs)
        .catch(() => 0);
    const own = await writtenAt(path);
    const names = await readdir(dirname(path)).catch(() => []);
    const others = await Promise.all(names.filter(isCompared).map((name) => writtenAt(join(dirname(path), name))));
    return others.some((at) => at > own);
  },
  async removeAbandoned(path, before) {
    const [folder, start] = [dirname(path), `${basename(path)}.tmp-`];
    for (const name of await readdir(folder).catch(() => [])) {
      if (!name.startsWith(start)) continue;
      const file = join(folder, name);
      const { mtimeMs } = await stat(file).catch(() => ({ mtimeMs: Number.POSITIVE_INFINITY }));
      if (mtimeMs < before) await unlink(file).catch(() => {});
    }
  },
};
