import { closeSync, constants, fstatSync, openSync, readSync, type Stats, statSync } from 'node:fs';
import { open, stat } from 'node:fs/promises';
import { FileFault } from './file-reader.ts';

/** O_NONBLOCK is for a pipe that takes the file's place before it is opened: without it, opening would block. */
const FLAGS = constants.O_RDONLY | constants.O_NONBLOCK;

/**
 * At most `limit` + 1 bytes of a regular file, also through a symbolic link. Blocks its thread while it reads.
 *
 * Anything else is rejected before it is opened: a named pipe would never answer, and a device may do anything.
 *
 * @throws FileFault, and what the file system throws
 */
export function readRegularFileSync(path: string, limit: number): Uint8Array {
  rejectOthers(statSync(path));
  const file = openSync(path, FLAGS);
  try {
    const stats = fstatSync(file);
    rejectOthers(stats);
    const content = new Content(stats.size, limit);
    while (!content.isWhole) content.add(readSync(file, content.buffer, content.length, content.room, null));
    return content.bytes;
  } finally {
    closeSync(file);
  }
}

/** The same, on a thread of Node's pool. */
export async function readRegularFile(path: string, limit: number): Promise<Uint8Array> {
  rejectOthers(await stat(path));
  const file = await open(path, FLAGS);
  try {
    const stats = await file.stat();
    rejectOthers(stats);
    const content = new Content(stats.size, limit);
    while (!content.isWhole) {
      const { bytesRead } = await file.read(content.buffer, content.length, content.room, null);
      content.add(bytesRead);
    }
    return content.bytes;
  } finally {
    await file.close();
  }
}

/** The bytes that have been read so far, and room for more. */
class Content {
  buffer: Buffer;
  length = 0;
  isWhole = false;
  readonly #limit: number;

  /**
   * One byte more than the file has, so that its end is found without a second buffer. Some files report size 0 and
   * have content.
   */
  constructor(size: number, limit: number) {
    this.buffer = Buffer.alloc(Math.min(limit, Math.max(size, 4096)) + 1);
    this.#limit = limit;
  }

  get room(): number {
    return this.buffer.length - this.length;
  }

  /** A copy: the memory behind a buffer may be larger than what was read into it. */
  get bytes(): Uint8Array {
    return new Uint8Array(this.buffer.subarray(0, this.length));
  }

  /** Takes note that `read` more bytes were written into the buffer. */
  add(read: number): void {
    this.length += read;
    this.isWhole = read === 0 || this.length > this.#limit;
    if (!this.isWhole && this.room === 0)
      this.buffer = Buffer.concat([this.buffer], Math.min(this.#limit + 1, 2 * this.length));
  }
}

function rejectOthers(stats: Stats): void {
  if (stats.isFile()) return;
  const code = stats.isDirectory() ? 'EISDIR' : 'file_not_regular';
  throw new FileFault(code, `is ${kindOf(stats)}, not a regular file`);
}

function kindOf(stats: Stats): string {
  if (stats.isDirectory()) return 'a directory';
  if (stats.isFIFO()) return 'a named pipe';
  if (stats.isSocket()) return 'a socket';
  return stats.isCharacterDevice() || stats.isBlockDevice() ? 'a device' : 'something else';
}
