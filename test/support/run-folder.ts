import { existsSync, mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

/**
 * With the id of the process, as one that is killed cannot clean up: a later run does. In short parts, since the exporter takes a
 * long and random one in the path of a file for a key.
 */
const OURS = /^work-tests\.(\d+)\./;

/**
 * A run makes files every few seconds. One whose process is unknown here may run in another container, with the same folder for
 * temporary files and processes of its own.
 */
const QUIET_MS = 15 * 60_000;

/** npm keeps there what it has compiled, and makes it again. */
const CACHE = 'node-compile-cache';

export interface RunFolder extends Disposable {
  readonly path: string;
  /** What lies in it. */
  left(): readonly string[];
}

/**
 * A folder for the temporary files of all processes of this test run, which inherit it as TMPDIR: a test that fails, or a
 * program that is killed, leaves its files in it, and they go with it.
 */
export function enterRunFolder(parent = tmpdir()): RunFolder {
  const before = process.env.TMPDIR;
  for (const name of readdirSync(parent)) {
    const [, id] = OURS.exec(name) ?? [];
    if (id !== undefined && !isRunning(Number(id)) && isQuiet(join(parent, name))) remove(join(parent, name));
  }
  // Whole, as a program may be started in another folder.
  const path = mkdtempSync(join(resolve(parent), `work-tests.${process.pid}.`));
  process.env.TMPDIR = path;
  return {
    path,
    left: () => (existsSync(path) ? readdirSync(path).filter((name) => name !== CACHE) : []),
    [Symbol.dispose]: () => {
      if (before === undefined) delete process.env.TMPDIR;
      else process.env.TMPDIR = before;
      remove(path);
    },
  };
}

/** Whatever user it belongs to. */
function isRunning(id: number): boolean {
  try {
    return process.kill(id, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

function isQuiet(path: string): boolean {
  const changed = statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? Infinity;
  return Date.now() - changed > QUIET_MS;
}

/** As far as this user may; a program that has not ended yet may still write. */
function remove(path: string): void {
  try {
    rmSync(path, { recursive: true, force: true, maxRetries: 3 });
  } catch {}
}
