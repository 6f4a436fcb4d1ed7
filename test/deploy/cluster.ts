import { spawnSync } from 'node:child_process';
import { generateKeyPairSync } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { TestProcess } from '../support/processes.ts';
import { FRUGAL_GO, toolPath } from '../support/tools.ts';
import { waitUntil } from '../support/wait-until.ts';

/** A server has every thread that it wants: what starts it waits for it. */
const SERVER = { GOGC: FRUGAL_GO.GOGC };

/** For nothing but this API server, which listens on this machine alone. */
const TOKEN = 'test-token';

export interface Answer {
  readonly status: number | null;
  readonly stdout: string;
  /** Warnings of the API server stand here, too. */
  readonly stderr: string;
}

/**
 * A real Kubernetes API server with its etcd. Objects, schemas, admission and rights are real; nothing runs pods.
 * Close it with `await using`.
 */
export class Cluster implements AsyncDisposable {
  readonly #resources = new AsyncDisposableStack();
  readonly #folder: string;

  private constructor(folder: string) {
    this.#folder = folder;
    this.#resources.defer(() => rmSync(folder, { recursive: true, force: true }));
  }

  static async start(): Promise<Cluster> {
    const cluster = new Cluster(mkdtempSync(join(tmpdir(), 'cluster-')));
    try {
      await cluster.#start();
      return cluster;
    } catch (error) {
      await cluster[Symbol.asyncDispose]();
      throw error;
    }
  }

  async #start(): Promise<void> {
    const [clients, peers, own] = await Promise.all([heldPort(), heldPort(), heldPort()]);
    const args = [
      `--data-dir=${join(this.#folder, 'etcd')}`,
      `--listen-client-urls=http://127.0.0.1:${clients.port}`,
      `--advertise-client-urls=http://127.0.0.1:${clients.port}`,
      `--listen-peer-urls=http://127.0.0.1:${peers.port}`,
      ...['--socket-reuse-port', '--unsafe-no-fsync'],
    ];
    const etcd = this.#resources.use(new TestProcess(toolPath('etcd'), args, { env: SERVER }));
    await etcd.saw(/ready to serve client requests/);
    await Promise.all([clients.release(), peers.release()]);
    const file = (name: string, text: string) => {
      writeFileSync(join(this.#folder, name), text);
      return join(this.#folder, name);
    };
    const { privateKey } = generateKeyPairSync('rsa', {
      modulusLength: 2048,
      publicKeyEncoding: { type: 'spki', format: 'pem' },
      privateKeyEncoding: { type: 'pkcs1', format: 'pem' },
    });
    const key = file('account.key', privateKey);
    const url = `https://127.0.0.1:${own.port}`;
    const server = this.#resources.use(
      new TestProcess(
        toolPath('kube-apiserver'),
        [
          `--etcd-servers=http://127.0.0.1:${clients.port}`,
          '--bind-address=127.0.0.1',
          `--secure-port=${own.port}`,
          '--permit-port-sharing',
          `--cert-dir=${join(this.#folder, 'certificates')}`,
          `--token-auth-file=${file('tokens.csv', `${TOKEN},admin,admin,"system:masters"\n`)}`,
          '--authorization-mode=RBAC',
          `--service-account-key-file=${key}`,
          `--service-account-signing-key-file=${key}`,
          `--service-account-issuer=${url}`,
          '--service-cluster-ip-range=10.0.0.0/24',
          '--endpoint-reconciler-type=none',
          // As in the clusters that people have: admission, not the server, forbids it.
          '--allow-privileged=true',
          // Nothing makes the accounts that pods would wait for.
          '--disable-admission-plugins=ServiceAccount',
        ],
        { env: SERVER },
      ),
    );
    file(
      'kubeconfig',
      stringify({
        apiVersion: 'v1',
        kind: 'Config',
        'current-context': 'test',
        contexts: [{ name: 'test', context: { cluster: 'test', user: 'admin' } }],
        clusters: [{ name: 'test', cluster: { server: url, 'insecure-skip-tls-verify': true } }],
        users: [{ name: 'admin', user: { token: TOKEN } }],
      }),
    );
    await server.saw(/Serving securely on/);
    await own.release();
    // Each look starts a program, which a busy machine takes from what it waits for.
    const seldom = { timeoutMs: 200_000, everyMs: 500, details: () => server.stderr.slice(-2000) };
    await waitUntil(() => this.kubectl(['get', '--raw', '/readyz']).status === 0, seldom);
  }

  kubectl(args: readonly string[], input = ''): Answer {
    return this.run('kubectl', args, input);
  }

  /** Runs one of the pinned programs against this server. */
  run(tool: 'kubectl' | 'helm', args: readonly string[], input = ''): Answer {
    const { status, stdout, stderr } = spawnSync(toolPath(tool), args, {
      env: { KUBECONFIG: join(this.#folder, 'kubeconfig'), HOME: this.#folder, PATH: process.env.PATH!, ...FRUGAL_GO },
      encoding: 'utf8',
      input,
      maxBuffer: 64 * 1024 * 1024,
    });
    return { status, stdout, stderr };
  }

  /** The object as the server has it. Throws when it has none. */
  get(kind: string, name: string, namespace: string) {
    const { status, stdout, stderr } = this.kubectl(['get', kind, name, '--namespace', namespace, '--output', 'json']);
    if (status !== 0) throw new Error(stderr);
    return JSON.parse(stdout);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#resources.disposeAsync();
  }
}

/**
 * A port on loopback for a program that cannot be asked which one it took, but that shares one (SO_REUSEPORT). Until it
 * listens, the port is held here: one that is looked for and let go may be taken by another program meanwhile.
 */
async function heldPort(): Promise<{ readonly port: number; release(): Promise<unknown> }> {
  const server = createServer((socket) => socket.destroy());
  server.listen({ port: 0, host: '127.0.0.1', reusePort: true }).unref();
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  // Now all connections reach the program.
  return { port, release: () => once(server.close(), 'close') };
}
