import { spawnSync } from 'node:child_process';

/** What goes before a command that only root may run. */
const SUDO = process.getuid?.() === 0 ? [] : ['sudo', '--non-interactive'];

/** The words of a command that mounts, changes its root or owns files of others. */
export function asRoot(...words: readonly [string, ...string[]]): [string, ...string[]] {
  return [...SUDO, ...words] as [string, ...string[]];
}

/**
 * Runs it to its end, with its messages on the standard error of the test.
 * @returns what it printed
 * @throws with its last words when it fails
 */
export function runAsRoot(...words: readonly [string, ...string[]]): string {
  const [program, ...args] = asRoot(...words);
  const { status, stdout, stderr, error } = spawnSync(program, args, {
    encoding: 'utf8',
    maxBuffer: 64 * 1024 * 1024,
  });
  if (error !== undefined) throw new Error(`${program} cannot be run`, { cause: error });
  if (status !== 0)
    throw new Error(`${words.join(' ')} ended with ${status}:\n${stdout.slice(-2000)}${stderr.slice(-4000)}`);
  return stdout.trim();
}
