import type { Stats } from 'node:fs';
import { lstat, stat, statfs } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { Clock } from '../clock.ts';
import { systemErrorCode } from '../errors.ts';
import { KnownStamp, statsSync } from './file-stamp.ts';

/**
 * The kinds of file systems, as `statfs` names them, that answer from the memory of this machine or from its own disks:
 * ext2 to ext4, XFS, Btrfs, F2FS, ZFS, SquashFS, tmpfs (a secret of Kubernetes), ramfs, and overlays (the root of a
 * container).
 */
const LOCAL_TYPES: ReadonlySet<number> = new Set([
  0xef53, 0x58465342, 0x9123683e, 0xf2f52010, 0x2fc12fc1, 0x73717368, 0x01021994, 0x858458f6, 0x794c7630,
]);
/** If checking all files takes longer than this, it delays other work noticeably. */
const BLOCKED_MS = 100;

/** What the file system says about a path. The methods throw for a path that cannot be examined. */
export interface PathFacts {
  stat(path: string): Promise<Pick<Stats, 'dev'>>;
  lstat(path: string): Promise<unknown>;
  statfs(path: string): Promise<{ readonly type: number }>;
}

const NODE_FACTS: PathFacts = {
  stat: (path) => stat(path),
  lstat: (path) => lstat(path),
  statfs: (path) => statfs(path),
};

interface LocalPath {
  /** The device on which it was found, or `NOWHERE`. */
  readonly device: number;
  readonly stamp: KnownStamp;
}

/** Stands for the device of a path that does not exist, although its folder is on a local disk. */
const NOWHERE = -1;

/**
 * Stats files on the main thread where that is safe. That takes microseconds; through another thread it would take ten
 * times as long, and watching files is most of what an idle process does. On a network disk a stat may hang, and the whole
 * process with it. So only files on known kinds of local file systems are checked here, and none once one was slow.
 */
export class LocalFiles {
  readonly #clock: Pick<Clock, 'monotonic'>;
  readonly #facts: PathFacts;
  /** What `decide` found out, by path; null if a stat may hang. A path whose folder does not exist has no entry. */
  readonly #paths = new Map<string, LocalPath | null>();

  constructor(clock: Pick<Clock, 'monotonic'>, facts = NODE_FACTS) {
    this.#clock = clock;
    this.#facts = facts;
  }

  /** The paths that `decide` must examine first. All paths that are not given are forgotten. */
  undecided(paths: readonly string[]): readonly string[] {
    const wanted = new Set(paths);
    for (const path of this.#paths.keys()) if (!wanted.has(path)) this.#paths.delete(path);
    return paths.filter((path) => !this.#paths.has(path));
  }

  /** Finds out on which file systems paths lie; this takes as long as those file systems do. */
  async decide(paths: readonly string[]): Promise<void> {
    const types = new Map<number, number>();
    const folders = new Map<string, boolean>();
    const deviceOf = async (path: string) => {
      const { dev } = await this.#facts.stat(path);
      if (!types.has(dev)) types.set(dev, (await this.#facts.statfs(path)).type);
      return dev;
    };
    const isLocal = (dev: number) => LOCAL_TYPES.has(types.get(dev)!);
    // One after the other: in parallel, hanging files would occupy all threads.
    for (const path of paths) {
      // The folder must be local too, because the path may be a link that leads out of it.
      const folder = dirname(path);
      try {
        if (!folders.has(folder)) folders.set(folder, isLocal(await deviceOf(folder)));
        const dev = folders.get(folder) ? await deviceOf(path) : null;
        this.#paths.set(path, dev !== null && isLocal(dev) ? foundOn(dev) : null);
      } catch {
        // It is missing or not readable: whoever reads it reports that.
        if (folders.get(folder) && (await this.#hasNoEntry(path))) this.#paths.set(path, foundOn(NOWHERE));
      }
    }
  }

  /** Whether the folder has no such name, not even a dangling link, which may point to a network disk. */
  async #hasNoEntry(path: string): Promise<boolean> {
    try {
      await this.#facts.lstat(path);
      return false;
    } catch (error) {
      return systemErrorCode(error) === 'ENOENT';
    }
  }

  /** The stamps of all files, without waiting; null unless all of them are known to be local. */
  stamps(paths: readonly string[]): readonly (string | null)[] | null {
    const known: LocalPath[] = [];
    for (const path of paths) {
      const local = this.#paths.get(path);
      if (local === undefined || local === null) return null;
      known.push(local);
    }
    const begunAt = this.#clock.monotonic();
    const stamps = paths.map((path, index) => this.#stamp(path, known[index]!));
    if (this.#clock.monotonic() - begunAt > BLOCKED_MS) this.#paths.clear();
    return stamps;
  }

  /** The stamp of a path, which is forgotten if it has appeared, gone or moved to another device: `decide` is due again. */
  #stamp(path: string, { device, stamp }: LocalPath): string | null {
    const stats = statsSync(path);
    if ((stats === undefined ? NOWHERE : stats?.dev) !== device) this.#paths.delete(path);
    return stamp.of(stats);
  }
}

function foundOn(device: number): LocalPath {
  return { device, stamp: new KnownStamp() };
}
