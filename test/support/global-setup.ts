import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setUp } from '../tools/set-up.ts';
import { buildProgram } from './built-program.ts';

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
