import { readdir } from 'node:fs/promises';
import { setAwakeTimer } from '../awake-timer.ts';
import type { Clock } from '../clock.ts';
import { SerialQueue } from '../serial-queue.ts';
import type { FileReader } from './file-reader.ts';
import { fileStamp } from './file-stamp.ts';
import { LocalFiles } from './local-files.ts';
import { readRegularFile } from './regular-file.ts';

/** A read that takes longer may hang: until it ends, all others use `ReadsElsewhere`. */
const SLOW_MS = 500;
/** The stamps of more files than this are read elsewhere: here each file costs two switches of threads. */
const MANY = 16;

/** What is unused for this long is put to rest. */
const UNUSED_MS = 60_000;

/** Another way to read files, which goes on working while one read hangs. */
export interface ReadsElsewhere extends Required<FileReader> {
  /** How many reads hang. */
  readonly held: number;
  /** Frees what it needs only while it reads. */
  rest(): void;
}

/**
 * Reads files on the threads that Node has anyway, one at a time. While a read is slow, all others go elsewhere. These
 * threads also look up names, and there are four of them: one may hang. A thread of our own would isolate a hanging read,
 * but costs 12 MB and a tenth of a start, and hardly any process needs one for long: reads are slow mostly during a start
 * on a busy machine.
 */
export class PoolFiles implements FileReader {
  readonly #clock: Clock;
  readonly #makeElsewhere: () => ReadsElsewhere;
  readonly #local: LocalFiles;
  readonly #queue = new SerialQueue();
  #elsewhere: ReadsElsewhere | null = null;
  /** When something was last read elsewhere, monotonic. */
  #usedAt = 0;
  #slow = 0;

  constructor(clock: Clock, elsewhere: () => ReadsElsewhere, local = new LocalFiles(clock)) {
    this.#clock = clock;
    this.#makeElsewhere = elsewhere;
    this.#local = local;
  }

  /** Reads that hang: the process cannot exit by itself until they end. */
  get held(): number {
    return this.#slow + (this.#elsewhere?.held ?? 0);
  }

  readFile(path: string, limit: number): Promise<Uint8Array> {
    return this.#read(
      () => readRegularFile(path, limit),
      async (files) => files.readFile(path, limit),
    );
  }

  readdir(path: string): Promise<readonly string[]> {
    return this.#read(
      () => readdir(path),
      async (files) => files.readdir(path),
    );
  }

  /** Returns the stamps without waiting where that is safe. */
  stamps(paths: readonly string[]): Promise<readonly (string | null)[]> | readonly (string | null)[] {
    // Here, as the watched files are looked at regularly: a timer would keep a command from ending.
    this.#restElsewhere();
    return this.#local.stamps(paths) ?? this.#looked(paths);
  }

  async #looked(paths: readonly string[]): Promise<readonly (string | null)[]> {
    const undecided = this.#local.undecided(paths);
    if (undecided.length > 0) {
      await this.#read(
        () => this.#local.decide(undecided),
        async () => {},
      );
    }
    const stamps = this.#local.stamps(paths);
    if (stamps !== null) return stamps;
    if (paths.length > MANY) return this.#there().stamps(paths);
    return this.#read(
      async () => {
        const stamps: (string | null)[] = [];
        for (const path of paths) stamps.push(await fileStamp(path));
        return stamps;
      },
      async (files) => files.stamps(paths),
    );
  }

  async #read<T>(here: () => Promise<T>, there: (files: ReadsElsewhere) => Promise<T>): Promise<T> {
    const { reading } = await this.#queue.run(async () => ({ reading: await this.#begun(here) }));
    return reading === null ? there(this.#there()) : await reading.result;
  }

  #there(): ReadsElsewhere {
    this.#usedAt = this.#clock.monotonic();
    this.#elsewhere ??= this.#makeElsewhere();
    return this.#elsewhere;
  }

  #restElsewhere(): void {
    if (this.#clock.monotonic() - this.#usedAt >= UNUSED_MS) this.#elsewhere?.rest();
  }

  /**
   * Begins a read and returns once it has ended or is slow; null if one is slow already. The promise is wrapped, because
   * an async function would wait for it.
   */
  async #begun<T>(here: () => Promise<T>): Promise<{ readonly result: Promise<T> } | null> {
    if (this.held > 0) return null;
    const result = here();
    const ended = result.then(
      () => {},
      () => {},
    );
    let cancel = () => {};
    const slow = new Promise<void>((resolve) => {
      cancel = setAwakeTimer(this.#clock, SLOW_MS, () => {
        this.#slow++;
        void ended.then(() => this.#slow--);
        resolve();
      });
    });
    await Promise.race([ended, slow]);
    cancel();
    return { result };
  }
}
