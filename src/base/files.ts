import { constants, type Stats } from 'node:fs';
import { open, readdir, stat } from 'node:fs/promises';
import { type Clock, SerialQueue, systemClock } from './clock.ts';
import { ExporterError, systemErrorCode } from './errors.ts';

/** What is needed of a file system. Failures throw, as Node's do, or a `FileFault`. */
export interface FileReader {
  /** At most `limit` + 1 bytes of a file: the extra byte shows that it is too long. */
  readFile(path: string, limit: number): Promise<Uint8Array> | Uint8Array;
  readdir(path: string): Promise<readonly string[]> | readonly string[];
  /** A text that changes whenever the file does, without reading it; where there is none, the content is compared. */
  stamp?(path: string): Promise<string | null> | string | null;
}

/** A fault for which the system has no code; the message continues `file PATH …`. */
export class FileFault extends ExporterError {}

/** The code of a file that is not read, because another one does not answer. */
export const NOT_TRIED = 'file_not_tried';

/** How long a read may take before it counts as failed, ms. */
const READ_DEADLINE_MS = 10_000;

/**
 * The same files, read one at a time, each within ten seconds; while one does not answer, none is read. Node's file
 * functions share four threads with the lookups of names, so a network disk that hangs holds one of them at most.
 */
export class BoundedFiles implements FileReader {
  readonly #files: FileReader;
  readonly #clock: Pick<Clock, 'setTimer'>;
  readonly #queue = new SerialQueue();
  #hanging: string | null = null;

  constructor(files: FileReader, clock: Pick<Clock, 'setTimer'>) {
    this.#files = files;
    this.#clock = clock;
  }

  stamp(path: string): Promise<string | null> {
    return this.#inTurn(path, () => this.#files.stamp?.(path) ?? null);
  }

  readFile(path: string, limit: number): Promise<Uint8Array> {
    return this.#inTurn(path, () => this.#files.readFile(path, limit));
  }

  readdir(path: string): Promise<readonly string[]> {
    return this.#inTurn(path, () => this.#files.readdir(path));
  }

  #inTurn<T>(path: string, read: () => Promise<T> | T): Promise<T> {
    return this.#queue.run(() => {
      if (this.#hanging === path) throw noAnswer();
      if (this.#hanging === null) return this.#inTime(path, Promise.resolve(read()));
      throw new FileFault(NOT_TRIED, `is not read while the file ${this.#hanging} does not answer`);
    });
  }

  async #inTime<T>(path: string, reading: Promise<T>): Promise<T> {
    const { promise: late, reject } = Promise.withResolvers<never>();
    const cancel = this.#clock.setTimer(READ_DEADLINE_MS, () => {
      this.#hanging = path;
      const over = () => {
        this.#hanging = null;
      };
      reading.then(over, over);
      reject(noAnswer());
    });
    try {
      return await Promise.race([reading, late]);
    } finally {
      cancel();
    }
  }
}

function noAnswer(): FileFault {
  return new FileFault('file_hangs', `does not answer: nothing was read within ${READ_DEADLINE_MS / 1000} s`);
}

/** The regular files of the machine. One per process: its readers share one turn. */
export const nodeFiles: FileReader = new BoundedFiles(
  { readFile: readRegularFile, readdir: (path) => readdir(path), stamp: stampOf },
  systemClock,
);

async function stampOf(path: string): Promise<string> {
  const { mtimeMs, ctimeMs, dev, ino, size } = await stat(path);
  return `${mtimeMs},${ctimeMs},${dev},${ino},${size}`;
}

/** O_NONBLOCK is for a pipe: without it, opening one would block. */
const FLAGS = constants.O_RDONLY | constants.O_NONBLOCK;

/** At most `limit` + 1 bytes of a regular file, also through a symbolic link: a pipe would never answer. */
async function readRegularFile(path: string, limit: number): Promise<Uint8Array> {
  const file = await open(path, FLAGS);
  const chunks: Buffer[] = [];
  try {
    const stats = await file.stat();
    if (!stats.isFile()) throw notRegular(stats);
    for await (const chunk of file.createReadStream({ end: limit, autoClose: false })) chunks.push(chunk);
  } finally {
    await file.close();
  }
  return Buffer.concat(chunks);
}

function notRegular(stats: Stats): FileFault {
  if (stats.isDirectory()) return new FileFault('EISDIR', 'is a directory, not a regular file');
  return new FileFault('file_not_regular', `is ${stats.isFIFO() ? 'a named pipe' : 'a device'}, not a regular file`);
}

const BY_THIS_USER = [
  'may not be read by this user',
  'let the user that runs this program read it, and enter the directories above it',
] as const;
const SAVE_IT = 'save the content to a file and name that one';

/** What is wrong with a file, by code, in words that continue `file PATH …`, and what to do about it. */
const FAULTS: Readonly<Record<string, readonly [what: string, remedy: string]>> = {
  ENOENT: ['does not exist', 'check the path and the mount'],
  EACCES: BY_THIS_USER,
  EPERM: BY_THIS_USER,
  EISDIR: ['is a directory', 'name a file in it'],
  ENOTDIR: ['is not a directory', 'check the path'],
  ENXIO: ['is a socket or a device, not a regular file', SAVE_IT],
  ELOOP: ['is a symbolic link that leads to itself', 'let the link lead to a file'],
  EMFILE: [
    'cannot be read while the process has as many files and sockets open as it may (EMFILE)',
    'raise the limit on open files (ulimit -n)',
  ],
  file_not_regular: ['is not a regular file', SAVE_IT],
};

/** Why a file could not be read, in words that continue `file PATH …`. */
export function fileFault(error: unknown): string {
  if (error instanceof FileFault) return error.message;
  const code = systemErrorCode(error);
  return FAULTS[code ?? '']?.[0] ?? `cannot be read${code === null ? '' : ` (${code})`}`;
}

/** What is probably meant by a path that does not exist. Paths are absolute by then. */
const MEANT: readonly (readonly [RegExp, remedy: string])[] = [
  [/\/(?:~|\$\w+|\$\{\w+\})(?:\/|$)/, 'write the whole path: ~ and variables in it are not expanded'],
  [/\/[a-z][a-z\d+.-]+:\//i, 'write the path alone, without file:// or anything like it before it'],
];

/** What to do about a file that could not be read, in words that follow a semicolon. */
export function fileRemedy(error: unknown): string {
  const code = systemErrorCode(error);
  const path = code === 'ENOENT' && error instanceof Error && 'path' in error ? String(error.path) : '';
  const meant = MEANT.find(([shape]) => shape.test(path));
  return meant?.[1] ?? FAULTS[code ?? '']?.[1] ?? 'check the path, the mount and its owner';
}
