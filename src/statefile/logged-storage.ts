import { errorText } from '../base/errors.ts';
import type { StateFileLog } from './state-file-log.ts';
import type { StateFileStorage } from './storage.ts';
import type { Behind } from './writer-state.ts';

/** Writes the state file, and tells the log whether that succeeded. Nothing here rejects. */
export class LoggedStorage {
  readonly #storage: StateFileStorage;
  readonly #log: StateFileLog;

  constructor(storage: StateFileStorage, log: StateFileLog) {
    this.#storage = storage;
    this.#log = log;
  }

  /**
   * Writes a text. Returns what the file lacks after that, or that another process owns it.
   *
   * @param isOutdated asked when the write has ended: whether more has been published since than the text says
   */
  async write(text: string, isOutdated: () => boolean): Promise<Behind | 'usurped'> {
    try {
      if (!(await this.#storage.write(text))) {
        this.#log.usurped();
        return 'usurped';
      }
      if (isOutdated()) {
        await this.#discard();
        return 'soon';
      }
      this.#log.written();
      // It must prove that it works again, and there may be nothing new to write for a long time.
      return this.#log.ok === false ? 'soon' : 'nothing';
    } catch (error) {
      this.#log.cannotWrite(errorText(error));
      await this.#discard();
      return 'later';
    }
  }

  async #discard(): Promise<void> {
    try {
      await this.#storage.discard();
    } catch (error) {
      this.#log.cannotDiscard(errorText(error));
    }
  }
}
