import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync, globSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import type { Program } from './programs.ts';

/** Packages are unpacked below; its `start` and its `usr/bin` should be on the PATH. */
export const UNPACKED = resolve(import.meta.dirname, '../../.cache/real-parts');
const APT = join(UNPACKED, 'apt');
const IS_ROOT = process.getuid?.() === 0;
/** Its own lists and downloads: they need no root, and leave those of the machine alone. */
const APT_OPTIONS = [
  'Debug::NoLocking=true',
  'APT::Sandbox::User=root',
  `Dir::State::lists=${join(APT, 'lists')}`,
  `Dir::Cache=${join(APT, 'downloads')}`,
].flatMap((option) => ['-o', option]);
const INSTALL = ['--assume-yes', '--no-install-recommends', 'install'];

const say = (line: string) => process.stderr.write(`${line}\n`);
const ask = (command: string, ...args: string[]) => spawnSync(command, args, { encoding: 'utf8' });
/** All output goes to stderr, where it shows how far it is and mixes with no report. */
const run = (command: string, ...args: readonly string[]) =>
  spawnSync(command, args, { stdio: ['inherit', 2, 2] }).status === 0;
const runAsRoot = (...words: readonly string[]) => run(...((IS_ROOT ? words : ['sudo', ...words]) as [string]));

/** `unpack` leaves the machine as it is; `install` is for what works only where its package puts it. */
const WAYS = {
  unpack: 'They are unpacked into .cache/real-parts, once; nothing is installed, and no service is started:',
  install: 'They are installed:',
};

/**
 * Gives what is missing, and says what and why, as it takes minutes.
 * @throws when something is missing even so, with what helps
 */
export function bringPrograms(programs: readonly Program[], how: keyof typeof WAYS): void {
  const missing = programs.filter(isMissing);
  if (missing.length === 0) return;
  say(`The tests run real programs, and this machine lacks some. ${WAYS[how]}`);
  for (const { names, purpose } of missing) say(`  ${names[0]}: ${purpose}`);
  for (const name of ['lists/partial', 'downloads/archives/partial']) mkdirSync(join(APT, name), { recursive: true });
  run('apt-get', '-qq', ...APT_OPTIONS, 'update');
  const packages = [...new Set(missing.flatMap((program) => offered(program) ?? []))];
  if (packages.length > 0 && how === 'unpack') unpack(packages);
  if (packages.length > 0 && how === 'install' && runAsRoot('apt-get', '-qq', 'update'))
    runAsRoot('env', 'DEBIAN_FRONTEND=noninteractive', 'apt-get', '-q', ...INSTALL, ...packages);
  for (const program of missing) {
    if (how === 'unpack') prepare(program);
    if (program.otherwise !== undefined && offered(program) === undefined) runAsRoot(...program.otherwise);
  }
  const left = missing.filter(isMissing);
  if (left.length > 0) throw new Error(complaint(left));
  say('All programs are there.');
}

/** Whether no command of its names is on the PATH, or only a part of it is there. */
function isMissing({ names, reads = [], wholeIf }: Program): boolean {
  const command = names.find((name) => ask('sh', '-c', 'command -v "$0"', name).status === 0);
  if (command === undefined) return true;
  if (wholeIf !== undefined && ask(command, ...wholeIf).status !== 0) return true;
  return !reads.every((file) => existsSync(file));
}

/** The package that apt can bring it with here, if any. */
function offered({ packages }: Program): string | undefined {
  const policy = (name: string) => ask('env', 'LC_ALL=C', 'apt-cache', ...APT_OPTIONS, 'policy', name).stdout ?? '';
  return packages.find((name) => /Candidate: [^(]/.test(policy(name)));
}

/** Downloads packages with all that they need and the machine lacks, and unpacks them. */
function unpack(packages: readonly string[]): void {
  if (!run('apt-get', '-q', ...APT_OPTIONS, '--download-only', ...INSTALL, ...packages)) return;
  const archives = join(APT, 'downloads/archives');
  for (const file of readdirSync(archives).filter((name) => name.endsWith('.deb')))
    run('dpkg-deb', '--extract', join(archives, file), UNPACKED);
  rmSync(join(APT, 'downloads'), { recursive: true });
}

/** Makes an unpacked program find its libraries and files. */
function prepare({ names: [name], file = `usr/bin/${name}`, reads = [], variables }: Program): void {
  const program = join(UNPACKED, file);
  if (!existsSync(program)) return;
  writeFileSync(join(UNPACKED, 'fonts.conf'), FONTS);
  // Programs in Go need none.
  const isWhole = !ask('ldd', program).stdout.includes('not found');
  if (variables !== undefined || !isWhole) {
    const set = Object.entries({ LD_LIBRARY_PATH: libraries(), ...variables?.(UNPACKED) });
    const lines = ['#!/bin/sh', ...set.map(([variable, value]) => `export ${variable}='${value}'`)];
    const start = join(UNPACKED, 'start', name);
    mkdirSync(dirname(start), { recursive: true });
    writeFileSync(start, [...lines, `exec '${program}' "$@"`, ''].join('\n'));
    chmodSync(start, 0o755);
  }
  for (const path of reads.filter((one) => !existsSync(one)))
    runAsRoot('install', '-D', '--mode=0644', join(UNPACKED, path), path);
}

/** Some packages keep libraries one folder deeper, as PulseAudio does, which Chromium loads. */
function libraries(): string {
  const found = globSync('{usr/,}lib/*-linux-gnu{,/*}/*.so*', { cwd: UNPACKED });
  return [...new Set(found.map((path) => join(UNPACKED, dirname(path))))].join(':');
}

const FONTS = `<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig>
  <dir>/usr/share/fonts</dir>
  <dir>${UNPACKED}/usr/share/fonts</dir>
  <cachedir>${UNPACKED}/fonts-cache</cachedir>
</fontconfig>
`;

/** What is still missing, what for, and the one command that installs it. */
function complaint(missing: readonly Program[]): string {
  const sudo = IS_ROOT ? '' : 'sudo ';
  const found = [...new Set(missing.flatMap((program) => offered(program) ?? []))];
  const others = missing.filter((program) => offered(program) === undefined);
  const install = `${sudo}apt-get update && ${sudo}apt-get install -y --no-install-recommends ${found.join(' ')}`;
  const commands = [
    ...(found.length === 0 ? [] : [install]),
    ...others.flatMap(({ otherwise }) => (otherwise === undefined ? [] : [`${sudo}${otherwise.join(' ')}`])),
  ];
  const byHand = others.filter(({ otherwise }) => otherwise === undefined).map(({ names }) => names[0]);
  return [
    'The tests run real programs, and this machine lacks',
    ...missing.map(({ names, purpose }) => `  ${names[0]}: ${purpose}`),
    ...(commands.length === 0 ? [] : [`Run: ${commands.join(' && ')}`]),
    ...(byHand.length === 0 ? [] : [`Install by hand, so that the PATH leads to it: ${byHand.join(', ')}`]),
  ].join('\n');
}
