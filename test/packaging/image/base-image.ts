import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, realpathSync, renameSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { runAsRoot } from './as-root.ts';

/** What the official image has beside Node and npm, as far as this project could notice. */
const PACKAGES = 'ca-certificates,libatomic1,libstdc++6';
const NPM = '11.19.1';
/** The user `node` of the official image. */
const USER = 'groupadd --gid 1000 node && useradd --uid 1000 --gid node --create-home node';
const LINKS =
  'ln -s ../lib/node_modules/npm/bin/npm-cli.js /usr/local/bin/npm && chmod 755 /usr/local/lib/node_modules/npm/bin/*.js';

/**
 * Makes a stand-in for the official `node` image, which CI cannot pull: this machine's distribution, the Node that the
 * tests run on, npm and the user `node`.
 * @param buildah - the program with the options that every call needs
 * @param name - as the Dockerfile names its base
 */
export function makeBaseImage(buildah: readonly [string, ...string[]], name: string): void {
  const container = runAsRoot(...buildah, 'from', 'scratch');
  const add = (from: string, to: string) => runAsRoot(...buildah, 'add', '--quiet', container, from, to);
  add(rootFiles(), '/');
  add(realpathSync(process.execPath), '/usr/local/bin/node');
  add(npmFolder(), '/usr/local/lib/node_modules/npm');
  const script = `chmod 755 /usr/local/bin/node && ${LINKS} && ${USER}`;
  runAsRoot(...buildah, 'run', '--isolation', 'chroot', container, '--', 'sh', '-c', script);
  runAsRoot(...buildah, 'commit', '--quiet', '--rm', container, name);
}

/** An archive of the smallest system. */
function rootFiles(): string {
  const suite = /^VERSION_CODENAME=(.*)$/m.exec(readFileSync('/etc/os-release', 'utf8'))![1]!;
  return onceForThisMachine(`${suite}-${process.arch}.tar`, (file) =>
    runAsRoot('mmdebstrap', '--quiet', '--variant=minbase', `--include=${PACKAGES}`, suite, file),
  );
}

/** npm by itself: that of a distribution is spread over the packages of the machine. */
function npmFolder(): string {
  const prefix = onceForThisMachine(`npm-${NPM}`, (folder) => {
    const args = [
      'install',
      '--prefix',
      folder,
      '--no-save',
      '--ignore-scripts',
      '--engine-strict=false',
      `npm@${NPM}`,
    ];
    const { status, stderr } = spawnSync('npm', args, { encoding: 'utf8' });
    if (status !== 0) throw new Error(`npm ended with ${status}: ${stderr}`);
  });
  return join(prefix, 'node_modules/npm');
}

/** The path of something in the cache, where it appears whole or not at all. */
function onceForThisMachine(name: string, make: (path: string) => unknown): string {
  const cache = process.env.XDG_CACHE_HOME || join(process.env.HOME || homedir(), '.cache');
  const path = join(cache, 'anthropic-work-exporter/image', name);
  if (existsSync(path)) return path;
  const unfinished = join(dirname(path), `unfinished-${process.pid}`, name);
  mkdirSync(dirname(unfinished), { recursive: true });
  make(unfinished);
  renameSync(unfinished, path);
  return path;
}
