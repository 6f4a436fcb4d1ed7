import { type BigIntStats, statSync } from 'node:fs';
import { stat } from 'node:fs/promises';

/** Changes whenever the file does; null if it cannot be looked at. A link gives the stamp of the file that it leads to. */
export function fileStampSync(path: string): string | null {
  try {
    return textOf(statSync(path, { bigint: true }));
  } catch {
    return null;
  }
}

/** The same, on a thread of Node's pool. */
export async function fileStamp(path: string): Promise<string | null> {
  try {
    return textOf(await stat(path, { bigint: true }));
  } catch {
    return null;
  }
}

function textOf({ dev, ino, size, mtimeNs, ctimeNs }: BigIntStats): string {
  return [dev, ino, size, mtimeNs, ctimeNs].join();
}
