import type { FileReader } from '../../src/base/files.ts';
import { settle } from '../support/manual-clock.ts';
import { waitUntil } from '../support/wait-until.ts';

/** Files of the machine, and whether they are being read: a busy disk takes real time, and that is not a test's time. */
export class CountedFiles implements FileReader {
  readonly #files: FileReader;
  #reads = 0;

  constructor(files: FileReader) {
    this.#files = files;
  }

  readFile(path: string, limit: number) {
    return this.#counted(this.#files.readFile(path, limit));
  }

  readdir(path: string) {
    return this.#counted(this.#files.readdir(path));
  }

  stamp(path: string) {
    return this.#counted(this.#files.stamp!(path));
  }

  /** Resolves when nothing is being read, and what comes of the last read has had its turn. */
  async settled(): Promise<void> {
    await settle();
    while (this.#reads > 0) {
      await waitUntil(() => this.#reads === 0, { what: 'the reads of files', everyMs: 1 });
      await settle();
    }
  }

  #counted<T>(read: Promise<T> | T): Promise<T> | T {
    if (!(read instanceof Promise)) return read;
    this.#reads++;
    return read.finally(() => void this.#reads--);
  }
}
