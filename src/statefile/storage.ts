import { systemErrorCode } from '../base/errors.ts';
import { behindMark, mayBecomeStateFile, STATE_FILE_START_BYTES, stateFileWriter } from '../domain/state-file-start.ts';
import type { StateFileDeps } from './port.ts';

/** Who wrote the file before this process. */
export interface OwnerBefore {
  /** Null when there was none, or when that is not known. */
  readonly instance: string | null;
  /** There may be a file, and nothing of it could be read. */
  readonly isUnread: boolean;
}

/**
 * One process's hold on the file. It replaces its own file or that of the process before it, never another process's or
 * a file of another kind.
 */
export class StateFileStorage {
  readonly #deps: Pick<StateFileDeps, 'path' | 'files' | 'instance'>;
  /** The instance whose file may be replaced although another process wrote it: the one before this. Null: there was none. */
  #replaceableInstance: string | null;
  /** The file could not be read at the start: whose it was is known once it can be. */
  #isUnread: boolean;

  constructor(deps: Pick<StateFileDeps, 'path' | 'files' | 'instance'>, { instance, isUnread }: OwnerBefore) {
    this.#deps = deps;
    this.#replaceableInstance = instance;
    this.#isUnread = isUnread;
  }

  /**
   * Replaces the file. Returns false when another process owns it, and leaves it alone then.
   *
   * @throws what the file system throws
   */
  async write(text: string): Promise<boolean> {
    const { path, files, instance } = this.#deps;
    const start = await this.#start();
    if (start !== null && this.#isOfAnother(start)) return false;
    await files.replace(path, text, `${path}.tmp-${instance}`);
    this.#replaceableInstance = instance;
    return true;
  }

  /**
   * Makes the next process start at 0: a file that is behind what was published would make counters fall and count
   * twice. The file is marked in place: removing it would make room on a full disk for one more write, which would
   * succeed, and the next would fail again. If it cannot be marked, it is removed, or else emptied.
   *
   * @throws when none of this works
   */
  async discard(): Promise<void> {
    const { path, files } = this.#deps;
    const start = await this.#start();
    if (start === null || this.#isOfAnother(start)) return;
    const mark = behindMark(start);
    if (mark !== null && (await succeeds(files.overwrite(path, mark.at, mark.text)))) return;
    try {
      await files.unlink(path);
    } catch (error) {
      if (systemErrorCode(error) !== 'ENOENT') await files.empty(path);
    }
  }

  /** How the file begins now; null when there is none. @throws for a file that is not a state file */
  async #start(): Promise<string | null> {
    const { path, files } = this.#deps;
    try {
      const start = await files.readStart(path, STATE_FILE_START_BYTES);
      // Put there after the start: another program's file.
      if (!mayBecomeStateFile(start)) throw new Error('what lies there now is not a state file, and is not replaced');
      // Left as it is, it would give the next process counters that this one began anew: events would count twice.
      if (this.#isUnread) this.#replaceableInstance = stateFileWriter(start);
      this.#isUnread = false;
      return start;
    } catch (error) {
      if (systemErrorCode(error) !== 'ENOENT') throw error;
      this.#isUnread = false;
      return null;
    }
  }

  #isOfAnother(start: string): boolean {
    const writer = stateFileWriter(start);
    return writer !== null && writer !== this.#deps.instance && writer !== this.#replaceableInstance;
  }
}

async function succeeds(step: Promise<void>): Promise<boolean> {
  return await step.then(
    () => true,
    () => false,
  );
}
