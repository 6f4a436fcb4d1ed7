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

/** For a program whose answer depends on nothing but the program itself, its arguments and the files of a folder. */
export interface Question {
  /** A name on the PATH, or a path. */
  readonly program: string;
  readonly args: readonly string[];
  /** It reads no file elsewhere; `args` may name it. */
  readonly folder: string;
  /** Paths of all that it reads there; all that is there, if absent. */
  readonly files?: readonly string[];
}

export interface Answer {
  readonly ok: boolean;
  readonly output: string;
}

/** Of some kilobytes each; a run of all tests asks for some 300. */
export const MOST_KEPT = 1000;
/** Packed: all together have no more than 256 MB. */
const LONGEST_KEPT = 256 * 1024;
const DIGEST_BYTES = 32;

/** A line for each answer of this run that was known. */
export const KNOWN_IN_THIS_RUN = join(ROOT, '.cache/known-answers');

export interface Places {
  /** Where answers are kept; null: nowhere. */
  readonly kept: string | null;
  /** The file that gets a line for each answer that was known. */
  readonly log: string;
}

const HERE: Places = { kept: keptHere(), log: KNOWN_IN_THIS_RUN };

/**
 * What a program answers, which for some takes a minute. The answer to the same question is known from an earlier run,
 * outside the checkout, as the program is. The test gets it either way, and judges it. Only success is kept: a full disk
 * or a killed program makes no success, and what fails is to fail for a reason of now. `ANSWERS=anew` asks every time.
 */
export async function knownAnswer<A extends Answer>(
  question: Question,
  ask: () => Promise<A>,
  places = HERE,
): Promise<A> {
  const memory = new Memory<A>(question, places);
  const answer = memory.known ?? (await ask());
  if (answer.ok) memory.keep(answer);
  return answer;
}

/** The same for who cannot wait. `isFinal`: not for a reason that the next run may not have. */
export function knownAnswerSync<A>(
  question: Question,
  ask: () => A,
  isFinal: (answer: A) => boolean,
  places = HERE,
): A {
  const memory = new Memory<A>(question, places);
  const answer = memory.known ?? ask();
  if (isFinal(answer)) memory.keep(answer);
  return answer;
}

/** What is known of one question. */
class Memory<A> {
  readonly known: A | null;
  readonly #file: string | null;

  constructor(question: Question, { kept, log }: Places) {
    const name = kept === null ? null : nameOf(question);
    this.#file = kept === null || name === null ? null : join(kept, name);
    this.known = this.#file === null ? null : answerIn<A>(this.#file);
    if (this.known === null) return;
    mkdirSync(dirname(log), { recursive: true });
    appendFileSync(log, `${question.program} ${question.args.join(' ').slice(0, 200).replaceAll('\n', ' ')}\n`);
  }

  keep(answer: A): void {
    if (this.known === null && this.#file !== null) keep(this.#file, JSON.stringify(answer));
  }
}

export function keptHere(env: NodeJS.ProcessEnv = process.env): string | null {
  if (env.ANSWERS === 'anew') return null;
  return join(env.XDG_CACHE_HOME || join(env.HOME || homedir(), '.cache'), 'anthropic-work-exporter/answers');
}

/** Null where the program cannot be told from another one: a script may start anything. */
function nameOf({ program, args, folder, files = filesBelow(folder) }: Question): string | null {
  const digest = digestOf(program);
  if (digest === null) return null;
  const hash = createHash('sha256');
  // Each part with its length, so that no two questions make the same bytes.
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

function filesBelow(folder: string): readonly string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => !entry.isDirectory())
    .map(({ parentPath, name }) => join(parentPath, name));
}

const DIGESTS = new Map<string, string | null>();

function digestOf(program: string): string | null {
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
function answerIn<A>(file: string): A | null {
  try {
    const whole = readFileSync(file);
    const packed = whole.subarray(DIGEST_BYTES);
    if (!whole.equals(withDigest(packed))) return null;
    // What was asked for lately is kept longest.
    utimesSync(file, new Date(), new Date());
    return JSON.parse(zstdDecompressSync(packed).toString());
  } catch {
    return null;
  }
}

/** An answer that cannot be kept is asked for again. */
function keep(file: string, text: string): void {
  const packed = zstdCompressSync(text);
  if (packed.length > LONGEST_KEPT) return;
  try {
    mkdirSync(dirname(file), { recursive: true });
    forgetOldest(dirname(file));
    const own = `${file}.${process.pid}`;
    writeFileSync(own, withDigest(packed));
    renameSync(own, file);
  } catch {}
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
