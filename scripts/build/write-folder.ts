import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/**
 * Makes a folder hold these files and no others. A file that is already right is left alone, and the others appear
 * whole: somebody may be running them.
 * @param programs - the names of those that are started by their path
 */
export function writeFolder(
  folder: string,
  files: ReadonlyMap<string, string | Uint8Array>,
  programs: readonly string[] = [],
): void {
  mkdirSync(folder, { recursive: true });
  for (const [name, content] of files) {
    const path = join(folder, name);
    const isProgram = programs.includes(name);
    if (isCurrent(path, content) && (!isProgram || isExecutable(path))) continue;
    const unfinished = `${path}.${process.pid}`;
    writeFileSync(unfinished, content, { mode: isProgram ? 0o777 : 0o666 });
    renameSync(unfinished, path);
  }
  for (const name of readdirSync(folder)) if (!files.has(name)) rmSync(join(folder, name), { recursive: true });
}

function isCurrent(path: string, content: string | Uint8Array): boolean {
  try {
    return readFileSync(path).equals(Buffer.from(content as string));
  } catch {
    return false;
  }
}

function isExecutable(path: string): boolean {
  return (statSync(path).mode & 0o100) !== 0;
}
