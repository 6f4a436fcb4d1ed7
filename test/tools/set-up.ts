import { delimiter, join, resolve } from 'node:path';
import { bringPrograms, type How } from './bring.ts';
import { complaint } from './complaint.ts';
import { thisMachine } from './machine.ts';
import { PROGRAMS } from './programs.ts';

const UNPACKED = resolve(import.meta.dirname, '../../.cache/real-parts');

/** Puts every real program on the PATH of this process. Throws when one is missing even so, with what helps. */
export function setUpPrograms(how: How): void {
  process.env.PATH = [process.env.PATH, join(UNPACKED, 'usr/bin')].join(delimiter);
  const machine = thisMachine({ folder: UNPACKED, sudo: how === 'install' });
  const missing = bringPrograms(PROGRAMS, machine, how);
  if (missing.length > 0) throw new Error(complaint(missing, machine));
}
