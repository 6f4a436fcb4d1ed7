import { createHash, type Hash } from 'node:crypto';
import {
  appendFileSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { homedir } from 'node:os';
import { delimiter, dirname, join, relative } from 'node:path';
import { zstdCompressSync, zstdDecompressSync } from 'node:zlib';
import { ROOT } from './processes.ts';

/** A run of a program whose result depends on nothing but the program itself, its arguments and the files of a folder. */
export interface ProgramRun {
  /** A name on the PATH, or a path. */
  readonly program: string;
  readonly args: readonly string[];
  /** It reads no file elsewhere; `args` may name it. */
  readonly folder: string;
  /** Paths of all that it reads there; all that is there, if absent. */
  readonly files?: readonly string[];
}

export interface RunResult {
  readonly ok: boolean;
  readonly output: string;
}

/** Of some kilobytes each; all tests together need some 450. */
export const MOST_KEPT = 1000;
/** Compressed; all entries together have no more than 256 MB. */
const LONGEST_KEPT = 256 * 1024;
const DIGEST_BYTES = 32;

/** A line for each result of this test run that came from the cache. */
export const CACHE_HITS = join(ROOT, '.cache/cache-hits');

export interface Places {
  /** Where results are kept; null: nowhere. */
  readonly kept: string | null;
  /** The file that gets a line for each hit. */
  readonly log: string;
}

/** Where this run has them. */
export const CACHED_RUNS: Places = { kept: cacheFolder(), log: CACHE_HITS };

/**
 * The result of a program that may take a minute: from the cache, if the same program has had the same arguments and files
 * before. The cache is beside the tools, outside the checkout. A test judges the result, wherever it comes from. Only
 * success is kept: neither a full disk nor a killed program makes one, and what fails must fail for a reason of now.
 * `RUN_CACHE=off` runs every program.
 */
export async function cachedRun<R extends RunResult>(
  what: ProgramRun,
  run: () => Promise<R>,
  places = CACHED_RUNS,
): Promise<R> {
  const entry = new CacheEntry<R>(what, places);
  const result = entry.hit ?? (await run());
  if (result.ok) entry.keep(result);
  return result;
}

/**
 * The same without a promise.
 * @param isFinal whether a result depends on nothing that the next run may not have, such as a full disk
 */
export function cachedRunSync<R>(
  what: ProgramRun,
  run: () => R,
  isFinal: (result: R) => boolean,
  places = CACHED_RUNS,
): R {
  const entry = new CacheEntry<R>(what, places);
  const result = entry.hit ?? run();
  if (isFinal(result)) entry.keep(result);
  return result;
}

/** What the cache has of one run. */
export class CacheEntry<R> {
  readonly hit: R | null;
  readonly #file: string | null;

  constructor(what: ProgramRun, { kept, log }: Places) {
    const name = kept === null ? null : keyOf(what);
    this.#file = kept === null || name === null ? null : join(kept, name);
    this.hit = this.#file === null ? null : resultIn<R>(this.#file);
    if (this.hit === null) return;
    mkdirSync(dirname(log), { recursive: true });
    appendFileSync(log, `${what.program} ${what.args.join(' ').slice(0, 200).replaceAll('\n', ' ')}\n`);
  }

  keep(result: R): void {
    if (this.hit === null) this.replace(result);
  }

  /** What it has by now: another process may have kept something since. */
  get latest(): R | null {
    return this.#file === null ? null : resultIn<R>(this.#file);
  }

  /** Whether the cache takes the result, in the place of the one that it may have. */
  replace(result: R): boolean {
    return this.#file !== null && keep(this.#file, JSON.stringify(result));
  }
}

export function cacheFolder(env: NodeJS.ProcessEnv = process.env): string | null {
  if (env.RUN_CACHE === 'off') return null;
  return join(env.XDG_CACHE_HOME || join(env.HOME || homedir(), '.cache'), 'anthropic-work-exporter/cached-runs');
}

/** The name of its result in the cache; null where the program cannot be told from another one: a script may start any other. */
export function keyOf({ program, args, folder, files = filesBelow(folder) }: ProgramRun): string | null {
  const digest = programDigest(program);
  if (digest === null) return null;
  const hash = createHash('sha256');
  // Each part with its length, so that no two runs make the same bytes.
  add(hash, digest);
  add(hash, String(args.length));
  for (const arg of args) add(hash, arg.replaceAll(folder, ''));
  for (const path of files.toSorted()) {
    add(hash, relative(folder, path));
    add(hash, readFileSync(path));
  }
  return hash.digest('hex');
}

function add(hash: Hash, part: string | Buffer): void {
  const bytes = Buffer.from(part);
  hash.update(`${bytes.length}:`).update(bytes);
}

export function filesBelow(folder: string): readonly string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => !entry.isDirectory())
    .map(({ parentPath, name }) => join(parentPath, name));
}

const DIGESTS = new Map<string, string | null>();

/** Null where it is not there, or may start any other. */
export function programDigest(program: string): string | null {
  const known = DIGESTS.get(program);
  if (known !== undefined) return known;
  const path = program.includes('/') ? program : onPath(program);
  const bytes = path === null ? null : readFileSync(path);
  const isScript = bytes?.subarray(0, 2).toString() === '#!';
  const digest = bytes === null || isScript ? null : createHash('sha256').update(bytes).digest('hex');
  DIGESTS.set(program, digest);
  return digest;
}

function onPath(name: string): string | null {
  const places = (process.env.PATH ?? '').split(delimiter).map((folder) => join(folder, name));
  return places.find((path) => statSync(path, { throwIfNoEntry: false })?.isFile() === true) ?? null;
}

/** Null if nothing is there, or not what was written. */
function resultIn<R>(file: string): R | null {
  try {
    const whole = readFileSync(file);
    const packed = whole.subarray(DIGEST_BYTES);
    if (!whole.equals(withDigest(packed))) return null;
    // What was used lately is kept longest.
    utimesSync(file, new Date(), new Date());
    return JSON.parse(zstdDecompressSync(packed).toString());
  } catch {
    return null;
  }
}

/** A result that cannot be kept is made again in the next run. */
function keep(file: string, text: string): boolean {
  const packed = zstdCompressSync(text);
  if (packed.length > LONGEST_KEPT) return false;
  try {
    mkdirSync(dirname(file), { recursive: true });
    forgetOldest(dirname(file));
    const own = `${file}.${process.pid}`;
    writeFileSync(own, withDigest(packed));
    renameSync(own, file);
    return true;
  } catch {
    return false;
  }
}

function forgetOldest(folder: string): void {
  const names = readdirSync(folder);
  if (names.length < MOST_KEPT) return;
  const byAge = names
    .map((name) => ({
      path: join(folder, name),
      at: statSync(join(folder, name), { throwIfNoEntry: false })?.mtimeMs ?? 0,
    }))
    .toSorted((a, b) => a.at - b.at);
  for (const { path } of byAge.slice(0, names.length - MOST_KEPT / 2)) rmSync(path, { force: true });
}

function withDigest(bytes: Buffer): Buffer {
  return Buffer.concat([createHash('sha256').update(bytes).digest(), bytes]);
}
