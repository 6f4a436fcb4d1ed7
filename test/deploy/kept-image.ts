import { createHash } from 'node:crypto';
import { appendFileSync, existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { CACHED_RUNS, filesBelow } from '../support/cached-run.ts';
import { ROOT } from '../support/processes.ts';
import { baseKey, IMAGES } from './base-image.ts';

/** What `COPY` takes from the checkout; what other stages made is none of it. */
const COPIES = /^COPY (?!--from)(.+) \S+$/gm;

/**
 * An image that was built of the same files before, on the same base and for the same processor, for which its code is
 * compiled. The build takes half a minute, most of it to install what builds the program.
 */
export class KeptImage {
  readonly #options: readonly string[];
  readonly #archive: string;

  /** @param options - of the build, beside what the files say */
  constructor(base: string, options: readonly string[]) {
    this.#options = options;
    this.#archive = join(IMAGES, `built-${keyOf(base, options)}.tar`);
  }

  /** The path of its archive; null where it must be built. */
  get archive(): string | null {
    if (CACHED_RUNS.kept === null || !existsSync(this.#archive)) return null;
    mkdirSync(dirname(CACHED_RUNS.log), { recursive: true });
    appendFileSync(CACHED_RUNS.log, `buildah bud ${this.#options.join(' ')}\n`);
    return this.#archive;
  }

  /** In the place of all others. `write` writes the archive to a path. What cannot be kept is built again. */
  keep(write: (path: string) => void): void {
    if (CACHED_RUNS.kept === null) return;
    const unfinished = `${this.#archive}.${process.pid}`;
    try {
      write(unfinished);
      for (const name of readdirSync(IMAGES).filter((other) => /^built-\w+\.tar$/.test(other)))
        rmSync(join(IMAGES, name), { force: true });
      renameSync(unfinished, this.#archive);
    } catch {
      rmSync(unfinished, { force: true });
    }
  }

  forget(): void {
    rmSync(this.#archive, { force: true });
  }
}

function keyOf(base: string, options: readonly string[]): string {
  const dockerfile = readFileSync(join(ROOT, 'Dockerfile'), 'utf8');
  const copied = [...dockerfile.matchAll(COPIES)].flatMap(([, names]) => names!.split(' '));
  const hash = createHash('sha256').update(JSON.stringify([baseKey(base), processor(), options]));
  const paths = [...new Set(copied)].toSorted().flatMap((name) => filesOf(join(ROOT, name)));
  for (const path of ['Dockerfile', '.dockerignore'].map((name) => join(ROOT, name)).concat(paths)) {
    const digest = createHash('sha256').update(readFileSync(path)).digest('hex');
    hash.update(`${path.slice(ROOT.length)}\0${digest}\0`);
  }
  return hash.digest('hex').slice(0, 32);
}

function filesOf(path: string): readonly string[] {
  try {
    return filesBelow(path).toSorted();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOTDIR') return [path];
    throw error;
  }
}

/** Compiled code serves processors with the same features. */
function processor(): string {
  const lines = readFileSync('/proc/cpuinfo', 'utf8').split('\n');
  return [...new Set(lines.filter((line) => /^(model name|flags|Features)\s*:/.test(line)))].join();
}
