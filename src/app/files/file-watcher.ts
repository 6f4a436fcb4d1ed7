import { setAlignedTimer } from '../../base/aligned-timer.ts';
import type { CancelTimer, Clock } from '../../base/clock.ts';
import type { FileReader } from '../../base/files/file-reader.ts';
import { nodeFiles } from '../../base/files/node-files.ts';
import { FileContents } from './file-contents.ts';

/**
 * Mounted secrets change through a link that no file watcher reports, so the content is compared:
 * docs/reference.md#http.
 */
const INTERVAL_MS = 10_000;

/** A hash of each file, by path. */
export type Contents = ReadonlyMap<string, string>;

export interface FileWatcherDeps {
  readonly clock: Clock;
  readonly files?: FileReader;
  /** The files to check now. */
  paths(): readonly string[];
  /** Called when a content differs from the previous check. */
  changed(): Promise<void>;
}

/** Compares the content of files with the previous one, every ten seconds and on request. */
export class FileWatcher {
  readonly #deps: FileWatcherDeps;
  readonly #contents: FileContents;
  #cancelTimer: CancelTimer = () => {};
  #seen: Contents = new Map();
  #checking: Promise<void> | null = null;
  /** Nothing is known before the start, so nothing can differ. */
  #state: 'new' | 'watching' | 'stopped' = 'new';

  constructor(deps: FileWatcherDeps) {
    this.#deps = deps;
    this.#contents = new FileContents(deps.files ?? nodeFiles, deps.clock);
  }

  /** Accepts the present content as known and checks regularly from now on. */
  async start(): Promise<void> {
    this.#seen = await this.contents();
    if (this.#state === 'stopped') return;
    this.#state = 'watching';
    this.#schedule();
  }

  stop(): void {
    this.#state = 'stopped';
    this.#cancelTimer();
  }

  /**
   * Accepts what a reload has read. `before` is the content just before it, so that a file that changed during the
   * reload counts as changed.
   */
  async accept(before: Contents): Promise<void> {
    this.#seen = new Map([...(await this.contents()), ...this.#stillWatched(before)]);
  }

  /** Adopts a new list of files; files that stay are still compared with their known content. */
  async refreshPaths(): Promise<void> {
    const now = await this.contents();
    this.#seen = new Map([...now, ...this.#stillWatched(this.#seen)]);
  }

  /** Checks now, for instance because the API has refused a key. One check at a time. */
  checkNow(): Promise<void> {
    return this.#begin() ?? Promise.resolve();
  }

  /** Begins a check; null if it was clear at once that nothing has changed. */
  #begin(): Promise<void> | null {
    if (this.#checking !== null || this.#state !== 'watching') return this.#checking;
    const now = this.#contents.of(this.#deps.paths());
    if (now === this.#seen) return null;
    this.#checking = this.#compare(now).finally(() => {
      this.#checking = null;
    });
    return this.#checking;
  }

  #schedule(): void {
    if (this.#state !== 'watching') return;
    this.#cancelTimer = setAlignedTimer(this.#deps.clock, INTERVAL_MS, () => {
      const checking = this.#begin();
      if (checking === null) this.#schedule();
      else void checking.finally(() => this.#schedule());
    });
  }

  #stillWatched(contents: Contents): [string, string][] {
    const watched = new Set(this.#deps.paths());
    return [...contents].filter(([path]) => watched.has(path));
  }

  async #compare(reading: Promise<Contents> | Contents): Promise<void> {
    const now = await reading;
    const before = this.#seen;
    this.#seen = now;
    if (differs(now, before) && this.#state === 'watching') await this.#deps.changed();
  }

  /** The present content of every watched file. */
  async contents(): Promise<Contents> {
    return this.#contents.of(this.#deps.paths());
  }
}

export function differs(now: Contents, before: Contents): boolean {
  if (now === before) return false;
  if (now.size !== before.size) return true;
  for (const [path, content] of now) if (before.get(path) !== content) return true;
  return false;
}
