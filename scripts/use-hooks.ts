import { spawnSync } from 'node:child_process';

/** Where the hooks of this repository are, from its top. */
export const HOOKS = '.githooks';

/**
 * Makes git run the hooks of this repository in a checkout. It leaves alone what is no checkout, what has hooks of its
 * own, and a machine without git: hooks are a help, and no reason to fail.
 */
export function useHooks(folder: string): boolean {
  const git = (...args: string[]) => spawnSync('git', ['-C', folder, ...args], { encoding: 'utf8' });
  const inside = git('rev-parse', '--show-prefix');
  // An unpacked archive inside of some other checkout: its prefix is not empty.
  if (inside.status !== 0 || inside.stdout.trim() !== '') return false;
  if (git('config', '--get', 'core.hooksPath').status === 0) return false;
  return git('config', '--local', 'core.hooksPath', HOOKS).status === 0;
}
