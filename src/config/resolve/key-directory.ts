import { FileFault, type FileReader } from '../../base/files.ts';

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
  try {
    const present = new Set(await files.readdir(directory));
    return faults.filter((fault) => present.has(nameOf(fault)));
  } catch (error) {
    // Nothing is read while a file does not answer, and that is what the faults say.
    return error instanceof FileFault ? faults : [];
  }
}
