import type { CancelTimer, Clock } from '../base/clock.ts';
import type { FileReader } from '../base/files/file-reader.ts';
import { nodeFiles } from '../base/files/node-files.ts';
import { FileContents } from './file-contents.ts';

/**
 * Mounted secrets change by a link that no file watcher reports, so the content is looked at: docs/reference.md#http.
 */
const INTERVAL_MS = 10_000;

export interface WatchFilesDeps {
  readonly clock: Clock;
  readonly files?: FileReader;
  /** The files to look at now. */
  paths(): readonly string[];
  /** Called when a content differs from the look before. */
  changed(): Promise<void>;
}

/** Compares the content of files with what it was, every ten seconds and when asked. */
export class FileWatcher {
  readonly #deps: WatchFilesDeps;
  readonly #contents: FileContents;
  #cancelTimer: CancelTimer = () => {};
  #seen = new Map<string, string>();
  #looking: Promise<void> | null = null;
  /** Nothing is known before the start, so nothing can differ. */
  #state: 'new' | 'watching' | 'stopped' = 'new';

  constructor(deps: WatchFilesDeps) {
    this.#deps = deps;
    this.#contents = new FileContents(deps.files ?? nodeFiles, deps.clock);
  }

  /** Takes the present content as known and looks again from now on. */
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
   * Takes as known what a reload has read: `before` is the content just before it, so that a file that changed while
   * it was read counts as changed.
   */
  async accept(before: ReadonlyMap<string, string>): Promise<void> {
    this.#seen = new Map([...(await this.contents()), ...this.#stillWatched(before)]);
  }

  /** Follows the list of files when it has become another; what was seen of those that stay is still compared with. */
  async follow(): Promise<void> {
    const now = await this.contents();
    this.#seen = new Map([...now, ...this.#stillWatched(this.#seen)]);
  }

  /** Looks now, e.g. because the API has refused a key. One look at a time. */
  look(): Promise<void> {
    this.#looking ??= this.#compare().finally(() => {
      this.#looking = null;
    });
    return this.#looking;
  }

  #schedule(): void {
    if (this.#state !== 'watching') return;
    this.#cancelTimer = this.#deps.clock.setTimer(INTERVAL_MS, () => void this.look().finally(() => this.#schedule()));
  }

  #stillWatched(contents: ReadonlyMap<string, string>): [string, string][] {
    const watched = new Set(this.#deps.paths());
    return [...contents].filter(([path]) => watched.has(path));
  }

  async #compare(): Promise<void> {
    if (this.#state !== 'watching') return;
    const now = await this.contents();
    const before = this.#seen;
    const differs = now.size !== before.size || [...now].some(([path, content]) => before.get(path) !== content);
    this.#seen = now;
    if (differs && this.#state === 'watching') await this.#deps.changed();
  }

  /** The present content of every watched file. */
  contents(): Promise<Map<string, string>> {
    return this.#contents.of(this.#deps.paths());
  }
}
