import type { StateDisk } from '../../src/statefile/disk.ts';

/** A disk in memory, which may hang or fail at any of its steps. */
export class MemoryDisk implements StateDisk {
  readonly files = new Map<string, string>();
  /** The steps so far, such as `replace state.json`. */
  readonly steps: string[] = [];
  /** Asked before each step: an error that it ends with, or a promise to wait for first. */
  before: (step: keyof StateDisk) => Error | Promise<void> | null = () => null;

  read(path: string): Promise<string> {
    return this.#step('read', path, () => this.#text(path));
  }

  readStart(path: string, bytes: number): Promise<string> {
    return this.#step('readStart', path, () => this.#text(path).slice(0, bytes));
  }

  replace(path: string, text: string): Promise<void> {
    return this.#step('replace', path, () => void this.files.set(path, text));
  }

  unlink(path: string): Promise<void> {
    return this.#step('unlink', path, () => {
      this.#text(path);
      this.files.delete(path);
    });
  }

  rename(from: string, to: string): Promise<void> {
    return this.#step('rename', from, () => {
      this.files.set(to, this.#text(from));
      this.files.delete(from);
    });
  }

  async resolve(path: string): Promise<string> {
    return path;
  }

  async #step<T>(name: keyof StateDisk, path: string, act: () => T): Promise<T> {
    this.steps.push(`${name} ${path}`);
    const obstacle = this.before(name);
    if (obstacle instanceof Error) throw obstacle;
    await obstacle;
    return act();
  }

  #text(path: string): string {
    const text = this.files.get(path);
    if (text === undefined) throw systemError('ENOENT');
    return text;
  }
}

export function systemError(code: string): Error {
  return Object.assign(new Error(`${code}: as Node says it`), { code });
}
