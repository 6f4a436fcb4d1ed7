import type { ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startExporter } from '../build.ts';
import { ask, startChild } from '../child.ts';
import { cpuMsOf, rssMbOf } from '../cpu-time.ts';
import type { Bodies } from '../goals.ts';
import { startPeer } from '../peer.ts';

export interface Pace {
  readonly environments: number;
  readonly intervalMs: number;
}

/** What a process cost that polled at a pace. */
export interface Cost {
  readonly msPerPoll: number;
  /** The polls that ended, as a part of those that its pace asks for: less on a machine that is too busy. */
  readonly kept: number;
}

/** A program that reads stats and list of every environment at the pace, from the API at `port`. */
export type Subject = (port: number, pace: Pace) => ChildProcess;

const folder = mkdtempSync(join(tmpdir(), 'bench-'));
process.once('exit', () => rmSync(folder, { recursive: true }));

export const exporter: Subject = (port, pace) => startExporter(configurationOf(port, pace));

export const floor: Subject = (port, { environments, intervalMs }) =>
  startChild('polls/floor.ts', [port, environments, intervalMs]);

/** What an exporter in Go would read with: net/http and encoding/json. */
export const goPoller: Subject = (port, { environments, intervalMs }) =>
  startPeer(['poll', `http://127.0.0.1:${port}`, environments, `${intervalMs}ms`]);

/** A program that polls an API of its own, since each API changes its answers with the reads that it gets. */
export interface Polling {
  measure(measureMs: number): Promise<Cost>;
  /** Resident memory now. */
  rssMb(): number;
  stop(): void;
}

export async function startPolling(subject: Subject, pace: Pace, bodies: Bodies): Promise<Polling> {
  const api = startChild('polls/api-server.ts', [bodies]);
  const { port } = await ask<{ port: number }>(api);
  const child = subject(port, pace);
  const count = async () => (await ask<{ polls: number }>(api, 'count')).polls;
  return {
    async measure(measureMs) {
      const before = await count();
      const cpuBefore = cpuMsOf(child.pid!);
      await wait(measureMs);
      const cpuMs = cpuMsOf(child.pid!) - cpuBefore;
      const polls = (await count()) - before;
      const asked = (pace.environments * measureMs) / pace.intervalMs;
      return { msPerPoll: cpuMs / Math.max(1, polls), kept: polls / asked };
    },
    rssMb: () => rssMbOf(child.pid!),
    stop() {
      child.kill('SIGKILL');
      api.disconnect();
    },
  };
}

/** Lets a program poll until it is warm, and then measures it. */
export async function measurePolls(
  subject: Subject,
  pace: Pace,
  options: { readonly bodies: Bodies; readonly warmUpMs: number; readonly measureMs: number },
): Promise<Cost> {
  const polling = await startPolling(subject, pace, options.bodies);
  await wait(options.warmUpMs);
  const cost = await polling.measure(options.measureMs);
  polling.stop();
  return cost;
}

export function wait(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

/** The configuration of a fleet with a budget that is no limit. */
export function configurationOf(port: number, { environments, intervalMs }: Pace, server: object = {}): string {
  const interval = `${intervalMs / 1000}s`;
  const configuration = {
    api: {
      base_url: `http://127.0.0.1:${port}`,
      api_key: keyOf('sk-ant-api03-bench'),
      requests_per_minute: Math.max(240, Math.ceil((environments * 60_000 * 2 * 1.5) / intervalMs)),
      max_concurrent_requests: 8,
    },
    server: { listen: '127.0.0.1:0', ...server },
    poll: { stats_interval: interval, list_interval: interval },
    environments: Array.from({ length: environments }, (_, n) => {
      const id = `env_01bench${String(n).padStart(13, '0')}`;
      return { id, name: `bench ${n}`, environment_key: keyOf(`sk-ant-oat01-bench-${n}`) };
    }),
  };
  const path = join(folder, `${environments}-${intervalMs}-${port}.json`);
  writeFileSync(path, JSON.stringify(configuration));
  return path;
}

/** As in gitleaks' pattern of keys of api.anthropic.com, `sk-ant-api03-[a-zA-Z0-9_\-]{93}AA`. */
const KEY_LENGTH = 108;

/** A key as long as real ones: the longer a key, the fewer texts of an answer have room for it and are searched for it. */
function keyOf(name: string): string {
  return name.padEnd(KEY_LENGTH, 'A');
}
