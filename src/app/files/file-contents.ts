import { createHash } from 'node:crypto';
import type { Clock } from '../../base/clock.ts';
import { systemErrorCode } from '../../base/errors.ts';
import type { FileReader } from '../../base/files/file-reader.ts';
import { NO_FILE } from '../../base/files/file-stamp.ts';

const LARGEST = 16 * 1024 * 1024;
/**
 * A stamp is trusted once it was this old when the content was read. Two changes close together may have the same stamp:
 * some file systems store times in steps of one or two seconds.
 */
const TRUSTED_AFTER_MS = 5000;
/** However reliable the stamps are, the content itself is read this often. */
const READ_AGAIN_MS = 600_000;

/** The stamp of each path; null or absent if it is unknown. */
type Stamps = readonly (string | null)[];
const NO_STAMPS: Stamps = [];

interface KnownContent {
  readonly stamp: string;
  /** Monotonic: since when the file has had this stamp, and when its content was last read. */
  readonly since: number;
  readonly readAt: number;
  readonly content: string;
}

/** Knows the contents of files, and re-reads only those whose stamp says that they may have changed. */
export class FileContents {
  readonly #files: FileReader;
  readonly #clock: Pick<Clock, 'monotonic'>;
  readonly #known = new Map<string, KnownContent>();
  #last: ReadonlyMap<string, string> = new Map();

  constructor(files: FileReader, clock: Pick<Clock, 'monotonic'>) {
    this.#files = files;
    this.#clock = clock;
  }

  /**
   * A hash of each file, so that keys are not stored twice. The reason why a file cannot be read counts as content too.
   * The same object where none of the files had to be read, and at once where their stamps are there at once: that is
   * what nearly every look at an idle process's files comes to.
   */
  of(paths: readonly string[]): Promise<ReadonlyMap<string, string>> | ReadonlyMap<string, string> {
    const stamps = this.#stamps(paths);
    return stamps instanceof Promise
      ? stamps.then((known) => this.#contents(paths, known))
      : this.#contents(paths, stamps);
  }

  #contents(
    paths: readonly string[],
    stamps: Stamps,
  ): Promise<ReadonlyMap<string, string>> | ReadonlyMap<string, string> {
    const now = this.#clock.monotonic();
    const isUnchanged = (path: string, index: number) =>
      this.#isKnown(path, stamps[index], now) && this.#last.get(path) === this.#known.get(path)!.content;
    const areUnchanged = this.#last.size === paths.length && paths.every(isUnchanged);
    return areUnchanged ? this.#last : this.#readChanged(paths, stamps, now);
  }

  async #readChanged(paths: readonly string[], stamps: Stamps, now: number): Promise<ReadonlyMap<string, string>> {
    const contents = new Map<string, string>();
    const toRead: Promise<void>[] = [];
    for (const [index, path] of paths.entries()) {
      const stamp = stamps[index] ?? null;
      if (this.#isKnown(path, stamp, now)) {
        contents.set(path, this.#known.get(path)!.content);
        continue;
      }
      // In parallel: a file that does not answer must not delay checking the others.
      toRead.push(this.#read(path, stamp, now).then((content) => void contents.set(path, content)));
    }
    await Promise.all(toRead);
    for (const path of this.#known.keys()) if (!contents.has(path)) this.#known.delete(path);
    this.#last = contents;
    return contents;
  }

  #isKnown(path: string, stamp: string | null | undefined, now: number): boolean {
    const known = this.#known.get(path);
    return known !== undefined && known.stamp === stamp && isStampTrusted(known) && now - known.readAt < READ_AGAIN_MS;
  }

  /** Taken before the contents are read: a change in between has another stamp at the next check. */
  #stamps(paths: readonly string[]): Promise<Stamps> | Stamps {
    try {
      const stamps = this.#files.stamps?.(paths) ?? NO_STAMPS;
      return stamps instanceof Promise ? stamps.catch(() => NO_STAMPS) : stamps;
    } catch {
      return NO_STAMPS;
    }
  }

  async #read(path: string, stamp: string | null, now: number): Promise<string> {
    const known = this.#known.get(path);
    const since = known?.stamp === stamp ? known.since : now;
    this.#known.delete(path);
    try {
      const bytes = await this.#files.readFile(path, LARGEST);
      const content = createHash('sha256').update(bytes).digest('base64');
      if (stamp !== null) this.#known.set(path, { stamp, since, readAt: now, content });
      return content;
    } catch (error) {
      const content = `unreadable: ${systemErrorCode(error)}`;
      // What is there is tried at every look. Of discovered environments, many have no key of their own.
      if (stamp === NO_FILE) this.#known.set(path, { stamp, since, readAt: now, content });
      return content;
    }
  }
}

/** If the content was read when its stamp was new, it may have changed again under the same stamp. */
function isStampTrusted({ since, readAt }: KnownContent): boolean {
  return readAt - since >= TRUSTED_AFTER_MS;
}
