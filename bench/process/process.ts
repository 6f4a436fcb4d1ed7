import type { ChildProcess } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { startExporter } from '../build.ts';
import { ask, startChild } from '../child.ts';
import { cpuMsOf, rssMbOf } from '../cpu-time.ts';
import { type Figure, median, ratio } from '../figure.ts';
import { answered } from '../first-answer.ts';
import { freePort } from '../free-port.ts';
import { configurationOf, exporter, startPolling, wait } from '../polls/subjects.ts';
import { shippedSettings } from '../shipped-settings.ts';
import { bundle } from './bundle.ts';

const ONE = { environments: 1, intervalMs: 15_000 };
const MANY = { environments: 500, intervalMs: 15_000 };
const KEY_FILES = 200;
/** By then, V8 has freed in all processes what their starts have left behind. */
const SETTLE_MS = 120_000;
/** About as long as from one garbage collection of the whole heap to the next one, in steps. */
const MEMORY_LOOKS = 9;
const BETWEEN_LOOKS_MS = 10_000;
/** With the measurement, as long as that of memory. Two evaluations of the rules fall into it. */
const IDLE_WARM_UP_MS = 150_000;
const IDLE_MS = 60_000;
/** Of each configuration. Two minutes or so after a start, V8 looks at the whole heap once, which costs more than all else. */
const IDLE_PROCESSES = 3;
const DAY_MS = 86_400_000;
const STARTS = 7;

interface Api {
  readonly child: ChildProcess;
  readonly port: number;
}

async function startApi(bodies: 'changed' | 'idle'): Promise<Api> {
  const child = startChild('polls/api-server.ts', [bodies]);
  return { child, port: (await ask<{ port: number }>(child)).port };
}

/** Resident memory against a bundle of the production dependencies that listens and does nothing. */
export async function measureMemory(): Promise<Figure[]> {
  const peer = startChild(await bundle('process/listens.ts'), [await freePort()], shippedSettings());
  const pollings = await Promise.all([ONE, MANY].map((pace) => startPolling(exporter, pace, 'changed')));
  await wait(SETTLE_MS);
  const looks = { one: [] as number[], many: [] as number[], other: [] as number[] };
  for (let look = 0; look < MEMORY_LOOKS; look++) {
    await wait(BETWEEN_LOOKS_MS);
    looks.one.push(pollings[0]!.rssMb());
    looks.many.push(pollings[1]!.rssMb());
    looks.other.push(rssMbOf(peer.pid!));
  }
  peer.kill('SIGKILL');
  for (const polling of pollings) polling.stop();
  return [
    ratio('RSS, one environment / bundle', { own: looks.one, other: looks.other, unit: 'MB' }),
    ratio('RSS, 500 environments every 15 s / bundle', { own: looks.many, other: looks.other, unit: 'MB' }),
  ];
}

/** CPU of a process with nothing to read for minutes: each environment once a day, and then it is empty. */
export async function measureIdle(): Promise<Figure[]> {
  const api = await startApi('idle');
  const plain = configurationOf(api.port, { environments: 1, intervalMs: DAY_MS });
  const withFiles = configurationOf(api.port, { environments: KEY_FILES, intervalMs: DAY_MS });
  const folder = `${withFiles}.keys`;
  mkdirSync(folder);
  const environments = Array.from({ length: KEY_FILES }, (_, n) => {
    const file = join(folder, `${n}`);
    writeFileSync(file, `sk-ant-oat01-bench-${n}\n`);
    return { id: `env_01bench${String(n).padStart(13, '0')}`, environment_key_file: file };
  });
  for (const [file, changes] of [[plain, {}] as const, [withFiles, { environments }] as const]) {
    const configuration = JSON.parse(readFileSync(file, 'utf8'));
    // All first reads are over when the measurement begins, and no session is read: of old items, those would be.
    const api = { ...configuration.api, requests_per_minute: 6000 };
    writeFileSync(file, JSON.stringify({ ...configuration, api, sessions: { enabled: 'off' }, ...changes }));
  }
  const costs = await Promise.all([plain, withFiles].map((file) => idleCpu(file)));
  api.child.disconnect();
  rmSync(folder, { recursive: true });
  return ['idle CPU, one environment', `idle CPU, ${KEY_FILES} key files`].map((what, index) => {
    return { what, result: costs[index]! };
  });
}

async function idleCpu(configuration: string): Promise<number> {
  const children = Array.from({ length: IDLE_PROCESSES }, () => startExporter(configuration));
  await wait(IDLE_WARM_UP_MS);
  const before = children.map((child) => cpuMsOf(child.pid!));
  await wait(IDLE_MS);
  const cpuMs = children.map((child, index) => cpuMsOf(child.pid!) - before[index]!);
  for (const child of children) child.kill('SIGKILL');
  return median(cpuMs) / (IDLE_MS / 1000);
}

/** From the start of a process to its first answer, which for the exporter is a whole `/metrics`. */
export async function measureStart(): Promise<Figure[]> {
  const api = await startApi('changed');
  const peer = await bundle('process/listens.ts');
  const own: number[] = [];
  const other: number[] = [];
  for (let run = 0; run < STARTS; run++) {
    const port = await freePort();
    const configuration = configurationOf(api.port, ONE, { listen: `127.0.0.1:${port}` });
    own.push(await timeToAnswer(() => startExporter(configuration), port));
    const peerPort = await freePort();
    other.push(await timeToAnswer(() => startChild(peer, [peerPort], shippedSettings()), peerPort));
  }
  api.child.disconnect();
  return [ratio('start to the first /metrics / bundle', { own, other })];
}

async function timeToAnswer(start: () => ChildProcess, port: number): Promise<number> {
  const begun = performance.now();
  const child = start();
  await answered(child, port);
  const time = performance.now() - begun;
  child.kill('SIGKILL');
  return time;
}
