import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync, globSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Program } from './programs.ts';

/** What brings programs asks of a machine, and does to it. What it does tells whether it worked. */
export interface Machine {
  readonly isRoot: boolean;
  /** Whether a command is on the PATH, or a file at its path. */
  has(name: string): boolean;
  /** Whether apt can bring a package. */
  offers(name: string): boolean;
  updateLists(): boolean;
  /** Downloads packages with all that they need and the machine lacks, and unpacks them: nothing is installed. */
  unpack(packages: readonly string[]): boolean;
  /** Makes an unpacked program find its libraries and files. */
  prepare(program: Program): void;
  install(packages: readonly string[]): boolean;
  runAsRoot(command: readonly string[]): boolean;
}

/** Its own lists and downloads: they need no root, and leave those of the machine alone. */
const aptOptions = (folder: string) =>
  [
    'Debug::NoLocking=true',
    'APT::Sandbox::User=root',
    `Dir::State::lists=${join(folder, 'lists')}`,
    `Dir::Cache=${join(folder, 'downloads')}`,
  ].flatMap((option) => ['-o', option]);

/** @param folder - packages are unpacked below; its `start` and its `usr/bin` should be on the PATH */
export function thisMachine(folder: string): Machine {
  const isRoot = process.getuid?.() === 0;
  const ask = (command: string, ...args: string[]) => spawnSync(command, args, { encoding: 'utf8' });
  // All output goes to stderr, where it shows how far it is and mixes with no report.
  const run = ([command = '', ...args]: readonly string[]) =>
    spawnSync(command, args, { stdio: ['inherit', 2, 2] }).status === 0;
  const runAsRoot = (command: readonly string[]) => run(isRoot ? command : ['sudo', ...command]);
  const apt = join(folder, 'apt');
  const options = aptOptions(apt);

  return {
    isRoot,
    has: (name) => (name.startsWith('/') ? existsSync(name) : ask('sh', '-c', 'command -v "$0"', name).status === 0),
    offers: (name) =>
      /Candidate: [^(]/.test(ask('env', 'LC_ALL=C', 'apt-cache', ...options, 'policy', name).stdout ?? ''),
    updateLists: () => {
      for (const name of ['lists/partial', 'downloads/archives/partial'])
        mkdirSync(join(apt, name), { recursive: true });
      return run(['apt-get', '-qq', ...options, 'update']);
    },
    unpack: (packages) => {
      const archives = join(apt, 'downloads/archives');
      const download = ['--download-only', '--assume-yes', '--no-install-recommends', 'install', ...packages];
      if (!run(['apt-get', '-q', ...options, ...download])) return false;
      const files = readdirSync(archives).filter((name) => name.endsWith('.deb'));
      const unpacked = files.every((file) => run(['dpkg-deb', '--extract', join(archives, file), folder]));
      rmSync(join(apt, 'downloads'), { recursive: true });
      return unpacked;
    },
    prepare: ({ names: [name], file = `usr/bin/${name}`, reads = [], variables }) => {
      if (!existsSync(join(folder, file))) return;
      writeFileSync(join(folder, 'fonts.conf'), fontsIn(folder));
      // Programs in Go need none.
      const isWhole = !ask('ldd', join(folder, file)).stdout.includes('not found');
      if (variables !== undefined || !isWhole) {
        const path = join(folder, 'start', name);
        mkdirSync(join(folder, 'start'), { recursive: true });
        writeFileSync(path, starter(join(folder, file), { ...librariesIn(folder), ...variables?.(folder) }));
        chmodSync(path, 0o755);
      }
      for (const path of reads.filter((one) => !existsSync(one)))
        runAsRoot(['install', '-D', '--mode=0644', join(folder, path), path]);
    },
    install: (packages) => {
      const install = ['apt-get', '-q', 'install', '--assume-yes', '--no-install-recommends', ...packages];
      return (
        runAsRoot(['apt-get', '-qq', 'update']) && runAsRoot(['env', 'DEBIAN_FRONTEND=noninteractive', ...install])
      );
    },
    runAsRoot,
  };
}

function starter(file: string, variables: Readonly<Record<string, string>>): string {
  const set = Object.entries(variables).map(([name, value]) => `export ${name}='${value}'`);
  return ['#!/bin/sh', ...set, `exec '${file}' "$@"`, ''].join('\n');
}

/** Some packages keep libraries one folder deeper, as PulseAudio does, which Chromium loads. */
function librariesIn(folder: string): Readonly<Record<string, string>> {
  const found = globSync('{usr/,}lib/*-linux-gnu{,/*}/*.so*', { cwd: folder }).map((path) =>
    join(folder, dirname(path)),
  );
  return { LD_LIBRARY_PATH: [...new Set(found)].join(':') };
}

const fontsIn = (folder: string) => `<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig>
  <dir>/usr/share/fonts</dir>
  <dir>${folder}/usr/share/fonts</dir>
  <cachedir>${folder}/fonts-cache</cachedir>
</fontconfig>
`;
