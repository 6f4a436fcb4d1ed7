import { randomUUID } from 'node:crypto';
import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ROOT, TestProcess } from '../support/processes.ts';
import { asRoot, runAsRoot } from './as-root.ts';
import { buildahIn, placeBaseImage } from './base-image.ts';

const BASE = 'docker.io/library/node:26-slim';
const CERTIFICATES = '/etc/ssl/certs';

/** What the image says about how it is run. */
export interface ImageConfig {
  readonly User: string;
  readonly WorkingDir: string;
  readonly Env: readonly string[];
  readonly Entrypoint: readonly [string, ...string[]];
  readonly Cmd: readonly string[];
  readonly Labels: Readonly<Record<string, string>>;
  readonly ExposedPorts: Readonly<Record<string, unknown>>;
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
    placeBaseImage(this.#folder, BASE);
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
      '--isolation=chroot',
      '--pull-never',
      '--quiet',
      `--volume=${CERTIFICATES}:${CERTIFICATES}:ro`,
      `--volume=${npmrc}:/usr/local/etc/npmrc:ro`,
      // buildah asks for more than a container may have.
      '--ulimit=nofile=1024:1024',
      '--ulimit=nproc=4096:4096',
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
  run(command: readonly [string, ...string[]]): TestProcess {
    const { User, WorkingDir, Env } = this.config;
    const [program, ...args] = asRoot('unshare', '--mount', 'sh', '-c', CONTAINER, 'sh', this.root, User, WorkingDir);
    return new TestProcess(program, [...args, ...Env, ...command]);
  }

  [Symbol.dispose](): void {
    mkdirSync(this.#folder, { recursive: true });
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
