import { closeSync, constants, fstatSync, openSync, readSync, type Stats, statSync } from 'node:fs';
import { FileFault } from './file-reader.ts';

/**
 * At most `limit` + 1 bytes of a regular file; a symbolic link to one will do. Blocks its thread while it reads.
 *
 * Anything else is refused before it is opened: a named pipe would never answer, and a device may do anything. Without
 * O_NONBLOCK the opening itself would wait where a pipe took the file's place in between.
 *
 * @throws FileFault, and what the file system throws
 */
export function readRegularFile(path: string, limit: number): Buffer {
  refuseOthers(statSync(path));
  const file = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  try {
    refuseOthers(fstatSync(file));
    const buffer = Buffer.alloc(limit + 1);
    let length = 0;
    while (length <= limit) {
      const read = readSync(file, buffer, length, buffer.length - length, null);
      if (read === 0) break;
      length += read;
    }
    return buffer.subarray(0, length);
  } finally {
    closeSync(file);
  }
}

function refuseOthers(stats: Stats): void {
  if (!stats.isFile()) throw new FileFault('file_not_regular', `is ${kindOf(stats)}, not a regular file`);
}

function kindOf(stats: Stats): string {
  if (stats.isDirectory()) return 'a directory';
  if (stats.isFIFO()) return 'a named pipe';
  if (stats.isSocket()) return 'a socket';
  return stats.isCharacterDevice() || stats.isBlockDevice() ? 'a device' : 'something else';
}
