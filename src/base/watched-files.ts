import { createHash } from 'node:crypto';
import type { CancelTimer, Clock } from './clock.ts';
import { systemErrorCode } from './errors.ts';
import { type FileReader, NOT_TRIED, nodeFiles } from './files.ts';

/**
 * Mounted secrets change through a link that no file watcher reports, so the files are looked at:
 * docs/reference.md#http.
 */
const INTERVAL_MS = 10_000;
/** Whatever the stamp of a file says, its content is read this often: some file systems count in whole seconds. */
const READ_AGAIN_MS = 600_000;
const LARGEST = 16 * 1024 * 1024;

/** A hash of each file, by path, so that keys are not stored twice; for a file that cannot be read, the reason. */
export type Contents = ReadonlyMap<string, string>;

interface Known {
  readonly content: string;
  readonly stamp: string | null;
  /** Monotonic. */
  readonly readAt: number;
}

export interface FileWatcherDeps {
  readonly clock: Clock;
  readonly files?: FileReader;
  /** The files to check now. */
  paths(): readonly string[];
  /** Called when a content differs from the previous check. */
  changed(): Promise<void>;
}

/** Compares files with what they were before, every ten seconds and on request. */
export class FileWatcher {
  readonly #deps: FileWatcherDeps;
  readonly #files: FileReader;
  #known: ReadonlyMap<string, Known> = new Map();
  #cancelTimer: CancelTimer = () => {};
  #seen: Contents = new Map();
  #checking: Promise<void> | null = null;
  /** Nothing is known before the start, so nothing can differ. */
  #state: 'new' | 'watching' | 'stopped' = 'new';

  constructor(deps: FileWatcherDeps) {
    this.#deps = deps;
    this.#files = deps.files ?? nodeFiles;
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
    this.#seen = withKnown(await this.contents(), before);
  }

  /** Adopts a new list of files; files that stay are still compared with their known content. */
  async refreshPaths(): Promise<void> {
    const now = await this.contents();
    this.#seen = withKnown(now, this.#seen);
  }

  /** Checks now, for instance because the API has refused a key. One check at a time. */
  async checkNow(): Promise<void> {
    if (this.#state !== 'watching') return;
    this.#checking ??= this.#check().finally(() => {
      this.#checking = null;
    });
    await this.#checking;
  }

  /** The present content of every watched file. */
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
    if (differs(now, before) && this.#state === 'watching') await this.#deps.changed();
  }

  #schedule(): void {
    if (this.#state !== 'watching') return;
    this.#cancelTimer = this.#deps.clock.setTimer(INTERVAL_MS, () => {
      void this.checkNow().finally(() => this.#schedule());
    });
  }

  async #look(path: string, known: Known | undefined): Promise<Known> {
    const now = this.#deps.clock.monotonic();
    try {
      // Taken before the content is read: a change in between has another stamp at the next look.
      const stamp = (await this.#files.stamp?.(path)) ?? null;
      if (known && stamp !== null && stamp === known.stamp && now - known.readAt < READ_AGAIN_MS) return known;
      const bytes = await this.#files.readFile(path, LARGEST);
      return { content: createHash('sha256').update(bytes).digest('base64'), stamp, readAt: now };
    } catch (error) {
      const code = systemErrorCode(error);
      // It was not looked at, so nothing has changed.
      if (known && code === NOT_TRIED) return known;
      return { content: `unreadable: ${code}`, stamp: null, readAt: now };
    }
  }
}

function withKnown(now: Contents, before: Contents): Contents {
  return new Map([...now].map(([path, content]) => [path, before.get(path) ?? content]));
}

function differs(now: Contents, before: Contents): boolean {
  return now.size !== before.size || [...now].some(([path, content]) => before.get(path) !== content);
}
