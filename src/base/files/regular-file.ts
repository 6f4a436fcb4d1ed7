import { closeSync, constants, fstatSync, openSync, readSync, type Stats, statSync } from 'node:fs';
import { FileFault } from './file-reader.ts';

/**
 * At most `limit` + 1 bytes of a regular file, also through a symbolic link. Blocks its thread while it reads.
 *
 * Anything else is rejected before it is opened: a named pipe would never answer, and a device may do anything.
 * O_NONBLOCK is for the case that a pipe has taken the file's place in the meantime: without it, opening the pipe would
 * block.
 *
 * @throws FileFault, and what the file system throws
 */
export function readRegularFile(path: string, limit: number): Buffer {
  rejectOthers(statSync(path));
  const file = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  try {
    const stats = fstatSync(file);
    rejectOthers(stats);
    // One byte more than the file has, so that its end is found without a second buffer. Some files report size 0 and
    // have content.
    let buffer = Buffer.alloc(Math.min(limit, Math.max(stats.size, 4096)) + 1);
    let length = 0;
    for (;;) {
      const read = readSync(file, buffer, length, buffer.length - length, null);
      length += read;
      if (read === 0 || length > limit) return buffer.subarray(0, length);
      if (length === buffer.length) buffer = Buffer.concat([buffer], Math.min(limit + 1, 2 * length));
    }
  } finally {
    closeSync(file);
  }
}

function rejectOthers(stats: Stats): void {
  if (!stats.isFile()) throw new FileFault('file_not_regular', `is ${kindOf(stats)}, not a regular file`);
}

function kindOf(stats: Stats): string {
  if (stats.isDirectory()) return 'a directory';
  if (stats.isFIFO()) return 'a named pipe';
  if (stats.isSocket()) return 'a socket';
  return stats.isCharacterDevice() || stats.isBlockDevice() ? 'a device' : 'something else';
}
