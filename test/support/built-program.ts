import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { bundleProgram } from '../../scripts/build/bundle-program.ts';
import { ROOT } from './processes.ts';

const DIST = join(ROOT, 'dist');
/** Everything that the build reads, and what it wrote. */
const INVOLVED = ['package.json', 'package-lock.json', 'scripts/build', 'src', 'dist'];
const STAMP = join(ROOT, 'node_modules/.cache/built-program');

/** Builds the program as `npm run build` does, unless that has just been done. What tests start is what is shipped. */
export async function buildProgram(): Promise<void> {
  if (readOrNull(STAMP) === fingerprint()) return;
  await bundleProgram(ROOT, DIST);
  mkdirSync(dirname(STAMP), { recursive: true });
  writeFileSync(STAMP, fingerprint());
}

function fingerprint(): string {
  const hash = createHash('sha256');
  for (const path of INVOLVED.flatMap(filesOf)) hash.update(`${path}\0`).update(readFileSync(join(ROOT, path)));
  return hash.digest('hex');
}

function filesOf(path: string): readonly string[] {
  try {
    return readdirSync(join(ROOT, path), { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map(({ parentPath, name }) => join(parentPath, name).slice(ROOT.length))
      .toSorted();
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOTDIR') return [path];
    if (code === 'ENOENT') return [];
    throw error;
  }
}

function readOrNull(path: string): string | null {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return null;
  }
}
