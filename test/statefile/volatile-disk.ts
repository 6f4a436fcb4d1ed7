import { dirname } from 'node:path';
import type { Disk, DiskFile } from '../../src/statefile/durable-files.ts';

/** A disk that keeps what was synced when the machine loses power: contents of files, and which name a folder has for which. */
export class VolatileDisk implements Disk {
  readonly #contents = new Map<object, string>();
  readonly #synced = new Map<object, string>();
  readonly #names = new Map<string, object>();
  readonly #syncedNames = new Map<string, object>();
  readonly #folder: string;
  readonly #folderFault: string | null;

  /** @param folderFault the code of the error that syncing the folder ends with */
  constructor(folder: string, { folderFault = null }: { readonly folderFault?: string | null } = {}) {
    this.#folder = folder;
    this.#folderFault = folderFault;
  }

  /** A file that has been on the disk for long. */
  put(path: string, text: string): void {
    const file = {};
    for (const contents of [this.#contents, this.#synced]) contents.set(file, text);
    for (const names of [this.#names, this.#syncedNames]) names.set(path, file);
  }

  /** The text that a reader sees now; null without such a file. */
  text(path: string): string | null {
    return this.#contents.get(this.#names.get(path)!) ?? null;
  }

  /** The text that is there after the machine has lost power and started again; null without such a file. */
  afterPowerLoss(path: string): string | null {
    const file = this.#syncedNames.get(path);
    return file === undefined ? null : (this.#synced.get(file) ?? '');
  }

  async open(path: string, flags: string): Promise<DiskFile> {
    if (path === this.#folder) return this.#opened(() => this.#syncNames());
    if (flags === 'w') this.#names.set(path, {});
    const file = this.#names.get(path);
    if (file === undefined) throw fault('ENOENT');
    if (flags === 'w') this.#contents.set(file, '');
    return this.#opened(() => void this.#synced.set(file, this.#contents.get(file)!), file);
  }

  async rename(from: string, to: string): Promise<void> {
    this.#names.set(to, this.#names.get(from)!);
    this.#names.delete(from);
  }

  async unlink(path: string): Promise<void> {
    if (!this.#names.delete(path)) throw fault('ENOENT');
  }

  #syncNames(): void {
    if (this.#folderFault !== null) throw fault(this.#folderFault);
    this.#syncedNames.clear();
    for (const [path, file] of this.#names) if (dirname(path) === this.#folder) this.#syncedNames.set(path, file);
  }

  #opened(sync: () => void, file: object = {}): DiskFile {
    const change = async (to: (before: string) => string) =>
      void this.#contents.set(file, to(this.#contents.get(file) ?? ''));
    return {
      writeFile: (text) => change(() => text),
      write: (text, at) => change((before) => before.slice(0, at) + text + before.slice(at + text.length)),
      truncate: (length) => change((before) => before.slice(0, length)),
      sync: async () => sync(),
      datasync: async () => sync(),
      [Symbol.asyncDispose]: async () => {},
    };
  }
}

function fault(code: string): Error {
  return Object.assign(new Error(`${code}: a fault of the test`), { code });
}
