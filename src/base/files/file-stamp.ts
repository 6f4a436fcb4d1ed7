import { type Stats, statSync } from 'node:fs';
import { stat } from 'node:fs/promises';

/** Null if the file cannot be looked at. A link gives what is known of the file that it leads to. */
export function statsSync(path: string): Stats | null {
  try {
    return statSync(path, { throwIfNoEntry: false }) ?? null;
  } catch {
    return null;
  }
}

/** Changes whenever the file does; null if it cannot be looked at. */
export function fileStampSync(path: string): string | null {
  const stats = statsSync(path);
  return stats && stampOf(stats);
}

/** The same, on a thread of Node's pool. */
export async function fileStamp(path: string): Promise<string | null> {
  try {
    return stampOf(await stat(path));
  } catch {
    return null;
  }
}

/**
 * Times are exact to a quarter of a microsecond, and numbers of inodes to 53 bits. In whole numbers of any size, a look at
 * some hundred files would cost twice as much.
 */
export function stampOf({ dev, ino, size, mtimeMs, ctimeMs }: Stats): string {
  return `${dev},${ino},${size},${mtimeMs},${ctimeMs}`;
}
