import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readdirSync } from 'node:fs';
import { delimiter, join, resolve } from 'node:path';

/** Debian's package for each real program that the tests run. */
const PROGRAMS: Readonly<Record<string, string>> = {
  prometheus: 'prometheus',
  promtool: 'promtool',
  'prometheus-alertmanager': 'prometheus-alertmanager',
  amtool: 'prometheus-alertmanager',
  openssl: 'openssl',
};

/** Debian's Alertmanager looks for its templates here and nowhere else. */
const TEMPLATES = '/usr/share/prometheus/alertmanager';

const ROOT = resolve(import.meta.dirname, '../..');
const CACHE = join(ROOT, '.cache', 'real-parts');

function run(command: string, args: readonly string[], cwd = ROOT): boolean {
  return spawnSync(command, args, { cwd, stdio: 'ignore' }).status === 0;
}

function missing(): string[] {
  const programs = Object.keys(PROGRAMS).filter((program) => !run('sh', ['-c', `command -v ${program}`]));
  const templates = ['default.tmpl', 'email.tmpl'].map((name) => join(TEMPLATES, name));
  return [...programs, ...templates.filter((path) => !existsSync(path))];
}

/**
 * Puts the real Prometheus and Alertmanager on the PATH: the machine's own, else Debian's packages unpacked into
 * `.cache`, which starts no service. What is missing even so fails here, before any test could pass by being skipped.
 */
export default function setup(): void {
  process.env.PATH = [process.env.PATH, join(CACHE, 'usr/bin')].join(delimiter);
  if (missing().length > 0) unpack(missing());
  const still = missing();
  if (still.length === 0) return;
  throw new Error(
    `The tests run real programs, and of these the machine lacks ${still.join(', ')}. Install them: ` +
      'sudo apt-get update && sudo apt-get install --no-install-recommends prometheus prometheus-alertmanager openssl',
  );
}

function unpack(wanted: readonly string[]): void {
  mkdirSync(CACHE, { recursive: true });
  const packages = [...new Set(wanted.map((name) => PROGRAMS[name] ?? 'prometheus-alertmanager'))];
  // A new machine has no package lists yet.
  if (!packages.every(download)) {
    run('apt-get', ['update', '-qq']);
    packages.every(download);
  }
  for (const file of readdirSync(CACHE).filter((entry) => entry.endsWith('.deb')))
    run('dpkg', ['-x', file, '.'], CACHE);
  const templates = join(CACHE, TEMPLATES);
  if (process.getuid?.() === 0 && existsSync(templates))
    cpSync(templates, TEMPLATES, { recursive: true, force: false });
}

function download(name: string): boolean {
  return run('apt-get', ['download', '-qq', name], CACHE);
}
