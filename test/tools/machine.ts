import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

/** What the set-up asks of a machine, and does to it. What it does tells whether it worked. */
export interface Machine {
  readonly isRoot: boolean;
  /** Whether a command is on the PATH, or a file at its path. */
  has(name: string): boolean;
  /** Whether apt can bring a package. */
  offers(name: string): boolean;
  updateLists(): boolean;
  install(packages: readonly string[]): boolean;
  /** Downloads one package and unpacks it: nothing is configured, no service starts. */
  unpack(name: string): boolean;
  /** Puts unpacked files where programs look for them, of those names that are paths. */
  place(names: readonly string[]): void;
  runAsRoot(command: readonly string[]): boolean;
}

interface MachineOptions {
  /** Packages are unpacked below; its `usr/bin` should be on the PATH. */
  readonly folder: string;
  /** Whether to ask sudo where the user is not root. */
  readonly sudo: boolean;
}

export function thisMachine({ folder, sudo }: MachineOptions): Machine {
  const isRoot = process.getuid?.() === 0;
  const ask = (command: string, ...args: string[]) => spawnSync(command, args, { encoding: 'utf8' });
  // All output goes to stderr, where it explains what failed and mixes with no report.
  const run = ([command = '', ...args]: readonly string[], cwd?: string) =>
    spawnSync(command, args, { cwd, stdio: ['inherit', 2, 2] }).status === 0;
  const runAsRoot = (command: readonly string[]) => (isRoot ? run(command) : sudo && run(['sudo', ...command]));
  const apt = ['env', 'DEBIAN_FRONTEND=noninteractive', 'apt-get', '-qq'];

  return {
    isRoot,
    has: (name) => (name.startsWith('/') ? existsSync(name) : ask('sh', '-c', 'command -v "$0"', name).status === 0),
    offers: (name) => /Candidate: [^(]/.test(ask('env', 'LC_ALL=C', 'apt-cache', 'policy', name).stdout ?? ''),
    updateLists: () => runAsRoot([...apt, 'update']),
    install: (packages) => runAsRoot([...apt, 'install', '-y', '--no-install-recommends', ...packages]),
    unpack: (name) => {
      const own = join(folder, 'packages', name);
      mkdirSync(own, { recursive: true });
      if (!run(['apt-get', 'download', '-qq', name], own)) return false;
      return readdirSync(own).every((file) => run(['dpkg', '-x', join(own, file), folder]));
    },
    place: (names) => {
      if (!isRoot) return;
      for (const name of names.filter((one) => existsSync(join(folder, one))))
        cpSync(join(folder, name), name, { force: false });
    },
    runAsRoot,
  };
}
