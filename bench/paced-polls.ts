/** CPU time a poll (stats and a page of 100 items) costs at a fleet's own pace, against raw sockets and `JSON.parse`. */
import { type ChildProcess, fork } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { cpuMsOf, rssMbOf } from './cpu-time.ts';

const INTERVAL_MS = 15_000;
const [fleets = '100,1000', kinds = 'changed,unchanged', seconds = '30', warmUp = '35'] = process.argv.slice(2);
const folder = mkdtempSync(join(tmpdir(), 'paced-'));
const at = (name: string) => join(import.meta.dirname, name);

interface Cost {
  readonly cpuMs: number;
  readonly polls: number;
  readonly rssMb: number;
}

async function ask<T>(child: ChildProcess, question?: string): Promise<T> {
  const answer = new Promise<T>((resolve) => child.once('message', (message) => resolve(message as T)));
  if (question !== undefined) child.send(question);
  return await answer;
}

function configOf(port: number, environments: number): string {
  const interval = `${INTERVAL_MS / 1000}s`;
  const config = {
    api: {
      base_url: `http://127.0.0.1:${port}`,
      api_key: 'sk-ant-api03-bench',
      requests_per_minute: Math.ceil((environments * 60_000 * 2 * 1.5) / INTERVAL_MS),
      max_concurrent_requests: 8,
    },
    server: { listen: '127.0.0.1:0' },
    poll: { stats_interval: interval, list_interval: interval },
    environments: Array.from({ length: environments }, (_, n) => {
      const id = `env_01bench${String(n).padStart(13, '0')}`;
      return { id, name: `bench ${n}`, environment_key: `sk-ant-oat01-bench-${n}` };
    }),
  };
  const path = join(folder, `${environments}.json`);
  writeFileSync(path, JSON.stringify(config));
  return path;
}

async function measure(kind: string, start: (port: number) => ChildProcess): Promise<Cost> {
  const server = fork(at('paced/api-server.ts'), [kind]);
  const { port } = await ask<{ port: number }>(server);
  const subject = start(port);
  await new Promise((resolve) => setTimeout(resolve, Number(warmUp) * 1000));
  const before = await ask<{ polls: number }>(server, 'count');
  const cpuBefore = cpuMsOf(subject.pid!);
  await new Promise((resolve) => setTimeout(resolve, Number(seconds) * 1000));
  const cpuMs = cpuMsOf(subject.pid!) - cpuBefore;
  const after = await ask<{ polls: number }>(server, 'count');
  const rssMb = rssMbOf(subject.pid!);
  subject.kill('SIGKILL');
  server.disconnect();
  return { cpuMs, polls: after.polls - before.polls, rssMb };
}

for (const environments of fleets.split(',').map(Number)) {
  for (const kind of kinds.split(',')) {
    const floor = (port: number) => fork(at('paced/floor.ts'), [port, environments, INTERVAL_MS].map(String));
    const exporter = (port: number) =>
      fork(at('../src/main.ts'), ['serve', '--config', configOf(port, environments)], {
        silent: process.env.SHOW_LOG !== '1',
        execArgv: [...process.execArgv, ...(process.env.EXPORTER_FLAGS?.split(' ') ?? [])],
      });
    // Side by side: what else the machine does falls on both.
    const [low, own] = await Promise.all([measure(kind, floor), measure(kind, exporter)]);
    const each = ({ cpuMs, polls }: Cost) => cpuMs / polls;
    process.stdout.write(
      `${environments} environments, bodies ${kind}: ${each(own).toFixed(3)} ms a poll (${own.polls} polls), floor ${each(low).toFixed(3)} ms (${low.polls}), ratio ${(each(own) / each(low)).toFixed(2)}, RSS ${own.rssMb.toFixed(0)} MB\n`,
    );
  }
}
rmSync(folder, { recursive: true });
