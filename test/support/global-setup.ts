import { spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync } from 'node:fs';
import { delimiter, join, resolve } from 'node:path';

/** Debian's package for each real program that the tests run. */
const PROGRAMS: Readonly<Record<string, string>> = {
  prometheus: 'prometheus',
  promtool: 'promtool',
  'prometheus-alertmanager': 'prometheus-alertmanager',
  amtool: 'prometheus-alertmanager',
};

const ROOT = resolve(import.meta.dirname, '../..');
const CACHE = join(ROOT, '.cache', 'real-parts');

function run(command: string, args: readonly string[], cwd = ROOT): boolean {
  return spawnSync(command, args, { cwd, stdio: 'ignore' }).status === 0;
}

function missing(): string[] {
  return Object.keys(PROGRAMS).filter((program) => !run('sh', ['-c', `command -v ${program}`]));
}

/**
 * Puts the real Prometheus and Alertmanager on the PATH: the machine's own, else Debian's packages unpacked into
 * `.cache`, which needs no root. A machine that has neither fails here, before any test could pass by being skipped.
 */
export default function setup(): void {
  process.env.PATH = [process.env.PATH, join(CACHE, 'usr/bin')].join(delimiter);
  const wanted = missing();
  if (wanted.length === 0) return;
  mkdirSync(CACHE, { recursive: true });
  const packages = [...new Set(wanted.map((program) => PROGRAMS[program]!))];
  for (const name of packages) run('apt-get', ['download', '-qq', name], CACHE);
  for (const file of readdirSync(CACHE).filter((entry) => entry.endsWith('.deb')))
    run('dpkg', ['-x', file, '.'], CACHE);
  const still = missing();
  if (still.length === 0) return;
  throw new Error(
    `The tests run the real ${still.join(', ')}, and they are not on this machine. ` +
      'Install them: sudo apt-get update && sudo apt-get install --no-install-recommends prometheus prometheus-alertmanager',
  );
}
