import { spawnSync } from 'node:child_process';
import { generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { FRUGAL_GO } from '../support/frugal-go.ts';
import { TestProcess } from '../support/processes.ts';
import { toolPath } from '../support/tool-path.ts';
import { waitUntil } from '../support/wait-until.ts';
import { HeldPort } from './held-port.ts';

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
    await using clients = await HeldPort.take();
    await using peers = await HeldPort.take();
    await using own = await HeldPort.take();
    const etcd = this.#resources.use(
      new TestProcess(
        toolPath('etcd'),
        [
          `--data-dir=${join(this.#folder, 'etcd')}`,
          `--listen-client-urls=http://127.0.0.1:${clients.port}`,
          `--advertise-client-urls=http://127.0.0.1:${clients.port}`,
          `--listen-peer-urls=http://127.0.0.1:${peers.port}`,
          '--socket-reuse-port',
          '--unsafe-no-fsync',
        ],
        { env: SERVER },
      ),
    );
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
    const ended = server.exit.then(({ stderr }) => {
      throw new Error(`kube-apiserver ended: ${stderr.slice(-2000)}`);
    });
    const ready = async () => {
      await server.saw(/Serving securely on/);
      await own.release();
      await this.#ready();
    };
    await Promise.race([ready(), ended]);
    ended.catch(() => {});
  }

  async #ready(): Promise<void> {
    // Each look starts a program, which a busy machine takes from what it waits for.
    const seldom = { timeoutMs: 200_000, everyMs: 500 };
    await waitUntil(() => this.kubectl(['get', '--raw', '/readyz']).status === 0, seldom);
  }

  /** Variables for a program that speaks to this server. */
  get env(): Readonly<Record<string, string>> {
    return {
      KUBECONFIG: join(this.#folder, 'kubeconfig'),
      HOME: this.#folder,
      PATH: process.env.PATH!,
      ...FRUGAL_GO,
    };
  }

  kubectl(args: readonly string[], input = ''): Answer {
    return this.run('kubectl', args, input);
  }

  /** Runs one of the pinned programs against this server. */
  run(tool: 'kubectl' | 'helm', args: readonly string[], input = ''): Answer {
    const { status, stdout, stderr } = spawnSync(toolPath(tool), args, {
      env: this.env,
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
