import { delimiter, join, resolve } from 'node:path';
import { bringPrograms, type How } from './bring.ts';
import { buildTools, toolsToBuild } from './build-tools.ts';
import { complaint } from './complaint.ts';
import { GO_TOOLS } from './go-tools.ts';
import { thisMachine } from './machine.ts';
import { GO, PROGRAMS } from './programs.ts';

const UNPACKED = resolve(import.meta.dirname, '../../.cache/real-parts');

/**
 * Gets this machine ready for the tests: what apt brings on the PATH of this process, what Go builds in the cache.
 * @throws when a program is missing even so, with what helps.
 */
export function setUp(how: How): void {
  process.env.PATH = [process.env.PATH, join(UNPACKED, 'usr/bin')].join(delimiter);
  const machine = thisMachine({ folder: UNPACKED, sudo: how === 'install' });
  const wanted = toolsToBuild(GO_TOOLS).length === 0 ? PROGRAMS : [...PROGRAMS, GO];
  const missing = bringPrograms(wanted, machine, how);
  if (missing.length > 0) throw new Error(complaint(missing, machine));
  if (how === 'install') buildTools(GO_TOOLS, (line) => process.stderr.write(`${line}\n`));
}
