import { type Stats, statSync } from 'node:fs';
import { stat } from 'node:fs/promises';
import { systemErrorCode } from '../errors.ts';

/** The stamp of a path without a file. */
export const NO_FILE = 'none';
/** The error codes for a path without a file: the same as those of Node's `throwIfNoEntry`. */
const ABSENT: ReadonlySet<string | null> = new Set(['ENOENT', 'ENOTDIR']);

/** The stats of a file, through links; undefined if there is none, null if it cannot be stat'ed. */
export function statsSync(path: string): Stats | undefined | null {
  try {
    return statSync(path, { throwIfNoEntry: false });
  } catch {
    return null;
  }
}

/** A text that changes whenever the file does; null if the file cannot be stat'ed. */
export function fileStampSync(path: string): string | null {
  return stampOf(statsSync(path));
}

/** The same, on a thread of Node's pool. */
export async function fileStamp(path: string): Promise<string | null> {
  try {
    return stampOf(await stat(path));
  } catch (error) {
    return ABSENT.has(systemErrorCode(error)) ? NO_FILE : null;
  }
}

/**
 * Numbers hold times exactly to a quarter of a microsecond, and inode numbers up to 53 bits. With `bigint`, checking a
 * hundred files would take twice as long.
 */
export function stampOf(stats: Stats | undefined | null): string | null {
  if (stats === undefined) return NO_FILE;
  if (stats === null) return null;
  const { dev, ino, size, mtimeMs, ctimeMs } = stats;
  return `${dev},${ino},${size},${mtimeMs},${ctimeMs}`;
}

/** Keeps the stamp of one file: while its stats stay the same, the text is not written again, which would take longer. */
export class KnownStamp {
  #dev = Number.NaN;
  #ino = Number.NaN;
  #size = Number.NaN;
  #mtimeMs = Number.NaN;
  #ctimeMs = Number.NaN;
  #stamp: string | null = null;

  of(stats: Stats | undefined | null): string | null {
    if (stats === undefined || stats === null) return stampOf(stats);
    const { dev, ino, size, mtimeMs, ctimeMs } = stats;
    const isSame = dev === this.#dev && ino === this.#ino && size === this.#size;
    if (isSame && mtimeMs === this.#mtimeMs && ctimeMs === this.#ctimeMs) return this.#stamp;
    [this.#dev, this.#ino, this.#size, this.#mtimeMs, this.#ctimeMs] = [dev, ino, size, mtimeMs, ctimeMs];
    this.#stamp = stampOf(stats);
    return this.#stamp;
  }
}
