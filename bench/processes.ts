import { type ChildProcess, fork, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { get } from 'node:http';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { buildTools, cachedTool } from '../test/tools/go-builds.ts';
import { BENCH_PEERS } from '../test/tools/go-tools.ts';
import { shippedSettings } from './shipped-settings.ts';

const ROOT = join(import.meta.dirname, '..');
/** `PROGRAM=other/dist/main.cjs` measures another build. */
const PROGRAM = resolve(process.env.PROGRAM ?? join(ROOT, 'dist/main.cjs'));
const folder = mkdtempSync(join(tmpdir(), 'bench-'));
process.once('exit', () => rmSync(folder, { recursive: true }));

/** The program as it is shipped, and what Node compiled of it in a start up to the first scrape. */
export async function buildExporter(): Promise<void> {
  if (process.env.PROGRAM === undefined && spawnSync('npm', ['run', 'build'], { cwd: ROOT }).status !== 0)
    throw new Error('`npm run build` fails');
  const { child, port } = await startExporter(configuration({ api: 9, environments: 1, poll: {} }));
  await answered(child, port);
  const exit = once(child, 'exit');
  child.kill('SIGTERM');
  await exit;
}

export interface Listening {
  readonly child: ChildProcess;
  readonly port: number;
}

/** `serve` on a port of its own. It ends when its parent does. */
export async function startExporter(path: string): Promise<Listening> {
  const port = await freePort();
  const env = { ...process.env, ...shippedSettings() };
  const args = ['serve', '--config', path, '--listen', `127.0.0.1:${port}`];
  return { child: fork(PROGRAM, args, { execArgv: [], env, silent: process.env.SHOW_LOG !== '1' }), port };
}

/** A program of this folder that tells its port. It ends when its parent does. */
export async function startChild(file: string, args: readonly (string | number)[]): Promise<Listening> {
  const child = fork(join(import.meta.dirname, file), args.map(String), { execArgv: [] });
  const [{ port }] = (await once(child, 'message')) as [{ port: number }];
  return { child, port };
}

/** How old the runs of the API's live items are, and whether it knows their sessions: see api-server.ts. */
export type ServedSessions = 'short' | 'known' | 'unknown';

/** The Work API with so many live items in each environment. */
export function startApi(liveItems = 20, sessions: ServedSessions = 'short'): Promise<Listening> {
  return startChild('api-server.ts', [liveItems, sessions]);
}

/** What an API has answered so far. */
export interface Answered {
  /** Pages of lists. */
  readonly polls: number;
  readonly sessions: number;
  /** For sessions and for their idle events. */
  readonly sessionRequests: number;
}

export async function answeredBy({ child }: Listening): Promise<Answered> {
  child.send('count');
  const [answers] = (await once(child, 'message')) as [Answered];
  return answers;
}

/** The poller in Go, built once for this machine. It ends when its parent does. */
export function startGoPoller(api: number, environments: number, interval: string): ChildProcess {
  buildTools([BENCH_PEERS]);
  const args = [`http://127.0.0.1:${api}`, String(environments), interval];
  return spawn(cachedTool(BENCH_PEERS), args, { stdio: ['pipe', 'inherit', 'inherit'] });
}

interface Fleet {
  /** The port of the API. */
  readonly api: number;
  readonly environments: number;
  readonly poll: object;
  /** By default the budget is no limit. */
  readonly requestsPerMinute?: number;
  readonly sessions?: object;
}

/** The file of a fleet. */
export function configuration(fleet: Fleet): string {
  const { api, environments, poll, requestsPerMinute = Math.max(240, environments * 12), sessions = {} } = fleet;
  // As long as real keys.
  const key = (name: string) => name.padEnd(108, 'A');
  const settings = {
    api: {
      base_url: `http://127.0.0.1:${api}`,
      api_key: key('sk-ant-api03-bench'),
      requests_per_minute: requestsPerMinute,
      max_concurrent_requests: 8,
    },
    poll,
    sessions,
    environments: Array.from({ length: environments }, (_, n) => ({
      id: `env_01bench${String(n).padStart(13, '0')}`,
      name: `bench ${n}`,
      environment_key: key(`sk-ant-oat01-bench-${n}`),
    })),
  };
  const path = join(folder, `${api}-${environments}.json`);
  writeFileSync(path, JSON.stringify(settings));
  return path;
}

/** A port that was free a moment ago, for a program that has to be asked from its first moment on. */
async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  server.close();
  await once(server, 'close');
  return port;
}

export function fetchBody(port: number, path: string): Promise<string> {
  return new Promise((resolve, reject) => {
    get({ host: '127.0.0.1', port, path, agent: false }, (answer) => {
      let text = '';
      answer.setEncoding('utf8');
      answer.on('data', (piece: string) => {
        text += piece;
      });
      answer.on('end', () => resolve(text)).on('error', reject);
    }).on('error', reject);
  });
}

/** Waits until a process that has just been started has answered a whole `/metrics`. */
export async function answered(child: ChildProcess, port: number): Promise<void> {
  for (;;) {
    try {
      await fetchBody(port, '/metrics');
      return;
    } catch (error) {
      if (child.exitCode !== null) throw error;
      await wait(1);
    }
  }
}

/** CPU time of a process so far, all threads, ms. From the scheduler: /proc/PID/stat counts in steps of 10 ms. */
export function cpuMsOf({ pid }: ChildProcess): number {
  let nanoseconds = 0;
  for (const thread of readdirSync(`/proc/${pid}/task`)) {
    try {
      nanoseconds += Number(readFileSync(`/proc/${pid}/task/${thread}/schedstat`, 'utf8').split(' ')[0]);
    } catch {
      // A thread that has just ended.
    }
  }
  return nanoseconds / 1e6;
}

/** Resident memory of a process, MB. */
export function rssMbOf({ pid }: ChildProcess): number {
  const [, kilobytes] = /VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))!;
  return Number(kilobytes) / 1024;
}

export function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)]!;
}
