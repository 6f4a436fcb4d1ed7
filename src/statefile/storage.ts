import { systemErrorCode } from '../base/errors.ts';
import { mayBecomeStateFile, STATE_FILE_START_BYTES, stateFileWriter } from '../domain/state-file-start.ts';
import type { StateFileDeps } from './port.ts';

/** One process's hold on the file: it replaces its own, or that of the process before it, and never another's, nor a file of
 * another kind. */
export class StateFileStorage {
  readonly #deps: Pick<StateFileDeps, 'path' | 'files' | 'instance'>;
  /** Whose file we may replace beside our own. */
  #mine: string | null;

  constructor(deps: Pick<StateFileDeps, 'path' | 'files' | 'instance'>, instanceBefore: string | null) {
    this.#deps = deps;
    this.#mine = instanceBefore;
  }

  /** False when another process has the file, which is then left to it. @throws what the file system throws */
  async write(text: string): Promise<boolean> {
    const { path, files, instance } = this.#deps;
    if (await this.#isUsurped()) return false;
    await files.replace(path, text, `${path}.tmp-${instance}`);
    this.#mine = instance;
    return true;
  }

  /**
   * Makes the next process begin at 0: a file that is behind what was published would make counters go down and count
   * twice. Where the file cannot be taken away it may still be emptied. @throws when neither works
   */
  async discard(): Promise<void> {
    const { path, files } = this.#deps;
    if (await this.#isUsurped()) return;
    try {
      await files.unlink(path);
    } catch (error) {
      if (systemErrorCode(error) !== 'ENOENT') await files.empty(path);
    }
  }

  async #isUsurped(): Promise<boolean> {
    const { path, files, instance } = this.#deps;
    try {
      const start = await files.readStart(path, STATE_FILE_START_BYTES);
      // Put there after the start: somebody else's, whatever it is.
      if (!mayBecomeStateFile(start)) throw new Error('what lies there now is not a state file, and is not replaced');
      const writer = stateFileWriter(start);
      return writer !== null && writer !== instance && writer !== this.#mine;
    } catch (error) {
      if (systemErrorCode(error) === 'ENOENT') return false;
      throw error;
    }
  }
}
