import { createHash } from 'node:crypto';
import type { Clock } from '../base/clock.ts';
import { systemErrorCode } from '../base/errors.ts';
import type { FileReader } from '../base/files/file-reader.ts';

const LARGEST = 16 * 1024 * 1024;
/** Two changes so close together may have one stamp: file systems know times in seconds, some in two. */
const SETTLED_MS = 5000;
/** However reliable stamps are, so often the content itself is read. */
const READ_AGAIN_MS = 600_000;

interface KnownContent {
  readonly stamp: string;
  /** Monotonic: since when the file has this stamp, and when its content was read last. */
  readonly since: number;
  readonly readAt: number;
  readonly content: string;
}

/** Tells what is in files, and reads again only those whose stamp says that they may have changed. */
export class FileContents {
  readonly #files: FileReader;
  readonly #clock: Pick<Clock, 'monotonic'>;
  readonly #known = new Map<string, KnownContent>();

  constructor(files: FileReader, clock: Pick<Clock, 'monotonic'>) {
    this.#files = files;
    this.#clock = clock;
  }

  /** A hash of each, so that keys are not kept a second time; why one cannot be read is a content too. */
  async of(paths: readonly string[]): Promise<Map<string, string>> {
    const stamps = await this.#stamps(paths);
    const watched = new Set(paths);
    for (const path of this.#known.keys()) if (!watched.has(path)) this.#known.delete(path);
    // All at once: a file that does not answer must not keep the others from being looked at.
    const contents = paths.map(
      async (path, index) => [path, await this.#content(path, stamps[index] ?? null)] as const,
    );
    return new Map(await Promise.all(contents));
  }

  /** Taken before the contents are read: what changes in between has another stamp at the next look. */
  async #stamps(paths: readonly string[]): Promise<readonly (string | null)[]> {
    try {
      return (await this.#files.stamps?.(paths)) ?? [];
    } catch {
      return [];
    }
  }

  async #content(path: string, stamp: string | null): Promise<string> {
    const now = this.#clock.monotonic();
    const known = this.#known.get(path);
    const since = known !== undefined && known.stamp === stamp ? known.since : now;
    if (known?.stamp === stamp && isSettled(known) && now - known.readAt < READ_AGAIN_MS) return known.content;
    this.#known.delete(path);
    try {
      const bytes = await this.#files.readFile(path, LARGEST);
      const content = createHash('sha256').update(bytes).digest('base64');
      if (stamp !== null) this.#known.set(path, { stamp, since, readAt: now, content });
      return content;
    } catch (error) {
      return `unreadable: ${systemErrorCode(error)}`;
    }
  }
}

/** A content that was read when its stamp was new may have changed once more under it. */
function isSettled({ since, readAt }: KnownContent): boolean {
  return readAt - since >= SETTLED_MS;
}
