import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
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

/** What the slim variant leaves out, and data that no step of the Dockerfile reads: half of the files to copy for each stage. */
const SPARED = [
  '/usr/share/doc /usr/share/man /usr/share/locale /usr/share/info /usr/share/lintian',
  '/usr/share/perl /usr/share/perl5 /usr/lib/*/perl-base /usr/lib/*/gconv /usr/share/zoneinfo',
  '/usr/local/lib/node_modules/npm/docs /usr/local/lib/node_modules/npm/man',
].join(' ');
const SCRIPT = `chmod 755 /usr/local/bin/node && ${LINKS} && ${USER} && rm -rf ${SPARED}`;

/** Beside the tools, outside the checkout. */
const IMAGES = join(
  process.env.XDG_CACHE_HOME || join(process.env.HOME || homedir(), '.cache'),
  'anthropic-work-exporter/image',
);

/** The program with a storage of its own. It needs nothing of the kernel and leaves nothing behind. */
export function buildahIn(folder: string): readonly [string, ...string[]] {
  const [root, run] = ['root', 'run'].map((name) => join(folder, name));
  return ['buildah', '--storage-driver=vfs', `--root=${root}`, `--runroot=${run}`];
}

/**
 * Gives the storage in a folder a stand-in for the official `node` image, which CI cannot pull: this machine's
 * distribution, the Node that the tests run on, npm and the user `node`.
 * @param folder - where `buildahIn` has its storage
 * @param name - as the Dockerfile names its base
 */
export function placeBaseImage(folder: string, name: string): void {
  const made = onceForThisMachine(`base-${baseKey(name)}`, (path) => makeBaseImage(path, name));
  runAsRoot('sh', '-c', PLACE, 'sh', join(made, 'root'), join(folder, 'root'));
}

/** Another one for whatever makes another base. */
function baseKey(name: string): string {
  const versions = [suite(), process.arch, process.version, runAsRoot('buildah', '--version')];
  const key = createHash('sha256').update(JSON.stringify([versions, PACKAGES, NPM, SCRIPT, name]));
  return key.digest('hex').slice(0, 16);
}

/** Nobody writes to the layers of an image, so that links to them do; the lists beside them change. */
const PLACE = `
  mkdir -p "$2"
  for part in "$1"/*; do
    case $part in */vfs) cp -al "$part" "$2" 2>/dev/null && continue ;; esac
    cp -a "$part" "$2" || exit 1
  done
`;

function makeBaseImage(folder: string, name: string): void {
  mkdirSync(folder);
  const buildah = buildahIn(folder);
  const container = runAsRoot(...buildah, 'from', 'scratch');
  const add = (from: string, to: string) => runAsRoot(...buildah, 'add', '--quiet', container, from, to);
  add(rootFiles(), '/');
  add(realpathSync(process.execPath), '/usr/local/bin/node');
  add(npmFolder(), '/usr/local/lib/node_modules/npm');
  runAsRoot(...buildah, 'run', '--isolation', 'chroot', container, '--', 'sh', '-c', SCRIPT);
  runAsRoot(...buildah, 'commit', '--quiet', '--rm', container, name);
}

function suite(): string {
  return /^VERSION_CODENAME=(.*)$/m.exec(readFileSync('/etc/os-release', 'utf8'))![1]!;
}

/** An archive of the smallest system. */
function rootFiles(): string {
  return onceForThisMachine(`${suite()}-${process.arch}.tar`, (file) =>
    runAsRoot('mmdebstrap', '--quiet', '--variant=minbase', `--include=${PACKAGES}`, suite(), file),
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
  const path = join(IMAGES, name);
  if (existsSync(path)) return path;
  const unfinished = join(dirname(path), `unfinished-${process.pid}`, name);
  mkdirSync(dirname(unfinished), { recursive: true });
  make(unfinished);
  renameSync(unfinished, path);
  return path;
}
