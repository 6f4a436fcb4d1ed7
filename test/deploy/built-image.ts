import { spawnSync } from 'node:child_process';
import { createHash, randomUUID } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, realpathSync, renameSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { ROOT, TestProcess } from '../support/processes.ts';
import { CACHE } from '../tools/go-builds.ts';

const BASE = 'docker.io/library/node:26-slim';
const CERTIFICATES = '/etc/ssl/certs';

type Words = readonly [string, ...string[]];

/** The words of a command that mounts, changes its root or owns files of others: what only root may. */
const asRoot = (...words: Words): Words => (process.getuid?.() === 0 ? words : ['sudo', '--non-interactive', ...words]);

/** Runs a program to its end. Throws with its last words when it fails. */
function run([program, ...args]: Words): string {
  const { status, stdout, stderr, error } = spawnSync(program, args, { encoding: 'utf8', maxBuffer: 64 * 1024 * 1024 });
  if (error !== undefined) throw new Error(`${program} cannot be run`, { cause: error });
  if (status !== 0)
    throw new Error(`${program} ${args.join(' ')} ended with ${status}:\n${stdout.slice(-2000)}${stderr.slice(-4000)}`);
  return stdout.trim();
}
const runAsRoot = (...words: Words) => run(asRoot(...words));

/** The program with a storage of its own. It needs nothing of the kernel and leaves nothing behind. */
function buildahIn(folder: string): Words {
  const [root, run] = ['root', 'run'].map((name) => join(folder, name));
  return ['buildah', '--storage-driver=vfs', `--root=${root}`, `--runroot=${run}`];
}

/** What the image says about how it is run. */
interface ImageConfig {
  readonly User: string;
  readonly WorkingDir: string;
  readonly Env: readonly string[];
  readonly Entrypoint: Words;
  readonly Cmd: readonly string[];
  readonly Healthcheck: { readonly Test: readonly string[] };
}

/** The image, built from the Dockerfile as it is shipped, and its root filesystem. */
export class BuiltImage implements Disposable {
  readonly config: ImageConfig;
  /** The path of its root filesystem. */
  readonly root: string;
  readonly #folder: string;
  readonly #container: string;

  /** @param revision - the build argument */
  constructor(revision: string) {
    this.#folder = mkdtempSync(join(tmpdir(), 'image-'));
    const buildah = buildahIn(this.#folder);
    const image = `localhost/${randomUUID()}`;
    // The format of OCI has no health check.
    const options = ['--format=docker', `--build-arg=REVISION=${revision}`];
    placeBaseImage(this.#folder);
    runAsRoot(...buildah, 'bud', ...this.#network(), ...options, `--tag=${image}`, ROOT);
    const inspected = JSON.parse(runAsRoot(...buildah, 'inspect', '--type', 'image', image));
    this.config = inspected.Docker.config;
    this.#container = runAsRoot(...buildah, 'from', '--pull-never', image);
    this.root = runAsRoot(...buildah, 'mount', this.#container);
  }

  /** A build reaches the registry as this machine does: with its certificates and its npm settings. */
  #network(): readonly string[] {
    const npmrc = join(this.#folder, 'npmrc');
    const file = process.env.NODE_EXTRA_CA_CERTS;
    writeFileSync(npmrc, file === undefined ? '' : `cafile=${file}\n`);
    return [
      ...['--isolation=chroot', '--pull-never', '--quiet'],
      ...[`--volume=${CERTIFICATES}:${CERTIFICATES}:ro`, `--volume=${npmrc}:/usr/local/etc/npmrc:ro`],
      // buildah asks for more than a container may have.
      ...['--ulimit=nofile=1024:1024', '--ulimit=nproc=4096:4096'],
    ];
  }

  /** Puts a file where a volume would be. */
  place(path: string, text: string): void {
    const copy = join(this.#folder, randomUUID());
    writeFileSync(copy, text);
    runAsRoot('install', '-D', '--mode=0644', copy, join(this.root, path));
  }

  /**
   * Runs a command as a container does: the root filesystem read-only, the user, the environment and the folder as the
   * image says, and nothing else of this machine but its network.
   */
  run(command: Words): TestProcess {
    const { User, WorkingDir, Env } = this.config;
    const [program, ...args] = asRoot('unshare', '--mount', 'sh', '-c', CONTAINER, 'sh', this.root, User, WorkingDir);
    return new TestProcess(program, [...args, ...Env, ...command]);
  }

  [Symbol.dispose](): void {
    runAsRoot(...buildahIn(this.#folder), 'umount', this.#container);
    runAsRoot('rm', '-rf', this.#folder);
  }
}

/** The process that it starts becomes the program, so that a signal reaches it. */
const CONTAINER = `
  root=$1 user=$2 folder=$3; shift 3
  mount --bind "$root" "$root" && mount -o remount,bind,ro "$root"
  mount --rbind /dev "$root/dev" && mount -t proc proc "$root/proc" || exit 125
  exec chroot --userspec="$user" "$root" env -i -C "$folder" "$@"
`;

/** What the official image has beside Node and npm, as far as this project could notice. */
const PACKAGES = 'ca-certificates,libatomic1,libstdc++6';
const NPM = '11.19.1';
/** What the slim variant leaves out, and data that no step of the Dockerfile reads: half of the files to copy for each stage. */
const SPARED = [
  '/usr/share/doc /usr/share/man /usr/share/locale /usr/share/info /usr/share/lintian',
  '/usr/share/perl /usr/share/perl5 /usr/lib/*/perl-base /usr/lib/*/gconv /usr/share/zoneinfo',
  '/usr/local/lib/node_modules/npm/docs /usr/local/lib/node_modules/npm/man',
].join(' ');
/** Makes npm a command, and the user `node` of the official image. */
const SCRIPT = [
  'chmod 755 /usr/local/bin/node',
  'ln -s ../lib/node_modules/npm/bin/npm-cli.js /usr/local/bin/npm && chmod 755 /usr/local/lib/node_modules/npm/bin/*.js',
  'groupadd --gid 1000 node && useradd --uid 1000 --gid node --create-home node',
  `rm -rf ${SPARED}`,
].join(' && ');

/** Nobody writes to the layers of an image, so that links to them do; the lists beside them change. */
const PLACE = `
  mkdir -p "$2"
  for part in "$1"/*; do
    case $part in */vfs) cp -al "$part" "$2" 2>/dev/null && continue ;; esac
    cp -a "$part" "$2" || exit 1
  done
`;

/**
 * Gives the storage in a folder a stand-in for the official `node` image, which CI cannot pull: this machine's
 * distribution, the Node that the tests run on, npm and the user `node`.
 */
function placeBaseImage(folder: string): void {
  const suite = /^VERSION_CODENAME=(.*)$/m.exec(readFileSync('/etc/os-release', 'utf8'))![1]!;
  const versions = [suite, process.arch, process.version, run(['buildah', '--version'])];
  // Another one for whatever makes another base.
  const key = createHash('sha256').update(JSON.stringify([versions, PACKAGES, NPM, SCRIPT, BASE]));
  const made = onceForThisMachine(`base-${key.digest('hex').slice(0, 16)}`, (path) => makeBaseImage(path, suite));
  runAsRoot('sh', '-c', PLACE, 'sh', join(made, 'root'), join(folder, 'root'));
}

function makeBaseImage(folder: string, suite: string): void {
  const system = onceForThisMachine(`${suite}-${process.arch}.tar`, (file) =>
    runAsRoot('mmdebstrap', '--quiet', '--variant=minbase', `--include=${PACKAGES}`, suite, file),
  );
  // npm by itself: that of a distribution is spread over the packages of the machine.
  const npm = onceForThisMachine(`npm-${NPM}`, (prefix) =>
    run(['npm', 'install', '--prefix', prefix, '--no-save', '--ignore-scripts', '--engine-strict=false', `npm@${NPM}`]),
  );
  mkdirSync(folder);
  const buildah = buildahIn(folder);
  const container = runAsRoot(...buildah, 'from', 'scratch');
  const add = (from: string, to: string) => runAsRoot(...buildah, 'add', '--quiet', container, from, to);
  add(system, '/');
  add(realpathSync(process.execPath), '/usr/local/bin/node');
  add(join(npm, 'node_modules/npm'), '/usr/local/lib/node_modules/npm');
  runAsRoot(...buildah, 'run', '--isolation', 'chroot', container, '--', 'sh', '-c', SCRIPT);
  runAsRoot(...buildah, 'commit', '--quiet', '--rm', container, BASE);
}

/** The path of something in the cache, where it appears whole or not at all. */
function onceForThisMachine(name: string, make: (path: string) => unknown): string {
  const path = join(CACHE, 'image', name);
  if (existsSync(path)) return path;
  const unfinished = join(dirname(path), `unfinished-${process.pid}`, name);
  mkdirSync(dirname(unfinished), { recursive: true });
  make(unfinished);
  renameSync(unfinished, path);
  return path;
}
