import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { bundleProgram } from '../../scripts/build/bundle-program.ts';
import { setUp } from '../tools/set-up.ts';
import { ROOT } from './processes.ts';

/** npm keeps there what it has compiled, and makes it again. */
const CACHE = 'node-compile-cache';

/** What the machine lacks fails here, before any test could pass by being skipped. */
export default async function setup(): Promise<() => void> {
  setUp();
  await buildProgram();
  // Of all processes of this run, which inherit it: a test that fails, or a program that is killed, leaves its files there.
  // In short parts, since the exporter takes a long and random one in the path of a file for a key.
  const folder = mkdtempSync(join(resolve(tmpdir()), `work-tests.${process.pid}.`));
  process.env.TMPDIR = folder;
  return () => {
    // Tests clean up after themselves: the disk of a long run is not endless.
    const left = readdirSync(folder).filter((name) => name !== CACHE);
    if (left.length > 0)
      process.stderr.write(`Tests left temporary files, which are removed now: ${left.join(', ')}\n`);
    rmSync(folder, { recursive: true, force: true, maxRetries: 3 });
  };
}

const DIST = join(ROOT, 'dist');
/** Everything that the build reads, and what it wrote. */
const INVOLVED = ['package.json', 'package-lock.json', 'scripts/build', 'src', 'dist'];
const STAMP = join(ROOT, 'node_modules/.cache/built-program');

/** Builds the program as `npm run build` does, unless that has just been done. What tests start is what is shipped. */
async function buildProgram(): Promise<void> {
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
