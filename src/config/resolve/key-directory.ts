import type { FileReader } from '../../base/files/file-reader.ts';

/** The file names in a directory of keys. A directory that cannot be read is a problem at the start; later it has no keys. */
export async function keyFileNames(directory: string, files: FileReader): Promise<readonly string[]> {
  try {
    return await files.readdir(directory);
  } catch {
    return [];
  }
}

/**
 * The faults of files that are still in their directory. A key that was removed between the listing and the reading is
 * no fault; a link that leads nowhere is one. Lists the directory again only if there are faults.
 */
export async function withoutRemovedFiles<Fault>(
  faults: readonly Fault[],
  nameOf: (fault: Fault) => string,
  directory: string,
  files: FileReader,
): Promise<readonly Fault[]> {
  if (faults.length === 0) return faults;
  const present = new Set(await keyFileNames(directory, files));
  return faults.filter((fault) => present.has(nameOf(fault)));
}
