import { type BigIntStats, statSync } from 'node:fs';
import { stat } from 'node:fs/promises';

/** Null if the file cannot be looked at. A link gives what is known of the file that it leads to. */
export function statsSync(path: string): BigIntStats | null {
  try {
    return statSync(path, { bigint: true, throwIfNoEntry: false }) ?? null;
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
    return stampOf(await stat(path, { bigint: true }));
  } catch {
    return null;
  }
}

export function stampOf({ dev, ino, size, mtimeNs, ctimeNs }: BigIntStats): string {
  return `${dev},${ino},${size},${mtimeNs},${ctimeNs}`;
}
