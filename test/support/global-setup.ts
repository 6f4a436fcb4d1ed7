import { readFileSync, rmSync } from 'node:fs';
import { setUp } from '../tools/set-up.ts';
import { buildProgram } from './built-program.ts';
import { CACHE_HITS } from './cached-run.ts';
import { enterRunFolder } from './run-folder.ts';

/** What the machine lacks fails here, before any test could pass by being skipped. */
export default async function setup(): Promise<() => void> {
  setUp();
  await buildProgram();
  rmSync(CACHE_HITS, { force: true });
  const folder = enterRunFolder();
  return () => {
    tellLeft(folder.left());
    folder[Symbol.dispose]();
    tellHits();
  };
}

/** Tests clean up after themselves: the disk of a long run is not endless. */
function tellLeft(names: readonly string[]): void {
  if (names.length === 0) return;
  process.stderr.write(`Tests left temporary files, which are removed now: ${names.join(', ')}\n`);
}

/** Nobody should take a cached result for a run of this time. */
function tellHits(): void {
  const hits = readOr('', CACHE_HITS).split('\n').length - 1;
  if (hits === 0) return;
  process.stderr.write(
    `${hits} results of promtool, Helm and other programs came from the cache, since the same programs had read the same files before. ` +
      'RUN_CACHE=off runs them all.\n',
  );
}

function readOr(otherwise: string, path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return otherwise;
  }
}
