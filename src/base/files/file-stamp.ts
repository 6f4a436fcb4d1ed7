import { type Stats, statSync } from 'node:fs';
import { stat } from 'node:fs/promises';
import { systemErrorCode } from '../errors.ts';

/** The stamp of what is not there. */
export const NO_FILE = 'none';
/** What `throwIfNoEntry` takes for that. */
const ABSENT: ReadonlySet<string | null> = new Set(['ENOENT', 'ENOTDIR']);

/** Undefined if there is no such file, null if it cannot be looked at. A link gives what is known of where it leads. */
export function statsSync(path: string): Stats | undefined | null {
  try {
    return statSync(path, { throwIfNoEntry: false });
  } catch {
    return null;
  }
}

/** Changes whenever the file does; null if it cannot be looked at. */
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
 * Times are exact to a quarter of a microsecond, and inode numbers to 53 bits. With `bigint`, a look at some hundred
 * files would cost twice as much.
 */
export function stampOf(stats: Stats | undefined | null): string | null {
  if (stats === undefined) return NO_FILE;
  if (stats === null) return null;
  const { dev, ino, size, mtimeMs, ctimeMs } = stats;
  return `${dev},${ino},${size},${mtimeMs},${ctimeMs}`;
}

/** The stamps of one file from look to look: written only where it differs, since writing takes longer than looking. */
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
