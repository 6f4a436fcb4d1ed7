import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { CACHE } from './go-builds.ts';

const REQUIREMENTS = join(import.meta.dirname, 'python/requirements.txt');

/** The folder of the virtual environment, below a name that changes with what is in it and with the machine's Python. */
function folder(): string {
  const hash = createHash('sha256')
    .update(readFileSync(REQUIREMENTS))
    .update(run('python3', ['-VV']));
  return join(CACHE, 'python', hash.digest('hex').slice(0, 16));
}

/** The Python that finds the packages of `test/tools/python/requirements.txt`. */
export function cachedPython(): string {
  return join(folder(), 'bin/python');
}

/** Where those packages are, once `bringPythonPackages` has run. */
export function pythonPackages(): string {
  const script = 'import sysconfig; print(sysconfig.get_path("purelib"))';
  return run(cachedPython(), ['-c', script]).trim();
}

/** Written last: an installation that was interrupted is begun anew. */
const completionMark = () => join(folder(), 'complete');

export function hasPythonPackages(): boolean {
  return existsSync(completionMark());
}

/** Installs what the cache lacks, exactly as it is pinned. @throws with what Python or pip says */
export function bringPythonPackages(): void {
  if (hasPythonPackages()) return;
  process.stderr.write('Installing the official SDK for Python into the cache, once for this machine …\n');
  mkdirSync(dirname(folder()), { recursive: true });
  run('python3', ['-m', 'venv', '--clear', folder()]);
  const options = ['--quiet', '--disable-pip-version-check', '--no-deps', '--require-hashes', '--only-binary', ':all:'];
  run(cachedPython(), ['-m', 'pip', 'install', ...options, '--requirement', REQUIREMENTS]);
  writeFileSync(completionMark(), '');
}

function run(program: string, args: readonly string[]): string {
  const { status, stdout, stderr, error } = spawnSync(program, args, { encoding: 'utf8' });
  if (status === 0) return stdout;
  throw new Error(`\`${program} ${args.join(' ')}\` failed: ${error?.message ?? `${stdout}${stderr}`.trim()}`);
}
