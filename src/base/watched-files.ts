import { createHash } from 'node:crypto';
import type { CancelTimer, Clock } from './clock.ts';
import { systemErrorCode } from './errors.ts';
import { type FileReader, NOT_TRIED } from './files.ts';

/** Mounted secrets change through a link that no file watcher reports, so the files are looked at. */
const INTERVAL_MS = 10_000;
/** Whatever the stamp of a file says, its content is read this often: some file systems count in whole seconds. */
const READ_AGAIN_MS = 600_000;
const LARGEST = 16 * 1024 * 1024;

/** By path: a hash of each file, so that keys are not stored twice, or of the names in a directory but hidden ones; else why it cannot be read. */
export type Contents = ReadonlyMap<string, string>;

interface Known {
  readonly content: string;
  readonly stamp: string | null;
  /** Monotonic. */
  readonly readAt: number;
}

export interface FileWatcherDeps {
  readonly clock: Clock;
  readonly files: FileReader;
  /** The files and directories to look at now. */
  paths(): Iterable<string>;
  /** Called when a content differs from the previous check. */
  changed(): Promise<unknown>;
}

/** Compares files with what they were before, every ten seconds and on request. */
export class FileWatcher {
  readonly #deps: FileWatcherDeps;
  #known: ReadonlyMap<string, Known> = new Map();
  #seen: Contents = new Map();
  #checking: Promise<void> | null = null;
  #isWatching = false;
  #isStopped = false;
  #cancelTimer: CancelTimer = () => {};

  constructor(deps: FileWatcherDeps) {
    this.#deps = deps;
  }

  /** Accepts the present content as known and checks regularly from now on. */
  async start(): Promise<void> {
    this.#seen = await this.contents();
    this.#isWatching = !this.#isStopped;
    this.#schedule();
  }

  stop(): void {
    this.#isStopped = true;
    this.#isWatching = false;
    this.#cancelTimer();
  }

  /** Accepts what a reload has read. @param before just before it: a file that changed meanwhile counts as changed */
  async accept(before: Contents): Promise<void> {
    this.#seen = new Map([...(await this.contents()), ...before]);
  }

  /** Checks now, for instance because the API has refused a key. One check at a time. */
  async checkNow(): Promise<void> {
    if (!this.#isWatching) return;
    this.#checking ??= this.#check().finally(() => {
      this.#checking = null;
    });
    await this.#checking;
  }

  /** What is to be watched, as it is now. */
  async contents(): Promise<Contents> {
    const known = new Map<string, Known>();
    // In turn: a file that does not answer holds up the rest only until its deadline.
    for (const path of new Set(this.#deps.paths())) known.set(path, await this.#look(path, this.#known.get(path)));
    this.#known = known;
    return new Map([...known].map(([path, { content }]) => [path, content]));
  }

  async #check(): Promise<void> {
    const now = await this.contents();
    const before = this.#seen;
    this.#seen = now;
    const isChanged = [...now].some(([path, content]) => before.get(path) !== content);
    if (isChanged && this.#isWatching) await this.#deps.changed();
  }

  #schedule(): void {
    if (!this.#isWatching) return;
    this.#cancelTimer = this.#deps.clock.setTimer(INTERVAL_MS, () => {
      void this.checkNow().finally(() => this.#schedule());
    });
  }

  async #look(path: string, known: Known | undefined): Promise<Known> {
    const { clock, files } = this.#deps;
    const readAt = clock.monotonic();
    try {
      // Taken before the content is read: a change in between has another stamp at the next look.
      const stamp = (await files.stamp?.(path)) ?? null;
      if (known && stamp !== null && stamp === known.stamp && readAt - known.readAt < READ_AGAIN_MS) return known;
      return { content: await this.#hash(path), stamp, readAt };
    } catch (error) {
      const code = systemErrorCode(error);
      // It was not looked at, so nothing has changed.
      if (known && code === NOT_TRIED) return known;
      return { content: `unreadable: ${code}`, stamp: null, readAt };
    }
  }

  async #hash(path: string): Promise<string> {
    const { files } = this.#deps;
    const content = await Promise.resolve(files.readFile(path, LARGEST)).catch(async (error: unknown) => {
      if (systemErrorCode(error) !== 'EISDIR') throw error;
      const names = await files.readdir(path);
      return JSON.stringify(names.filter((name) => !name.startsWith('.')).toSorted());
    });
    return createHash('sha256').update(content).digest('base64');
  }
}
