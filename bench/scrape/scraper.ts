import type { ChildProcess } from 'node:child_process';
import { Agent, get } from 'node:http';
import { cpuMsOf } from '../cpu-time.ts';

/** One scrape as its client sees it, and what it cost the process that answers. */
export interface Scrape {
  readonly latencyMs: number;
  readonly cpuMs: number;
  readonly body: Buffer;
}

export type Encoding = 'identity' | 'gzip';

const agent = new Agent({ keepAlive: true });

export function fetchBody(port: number, path: string, encoding: Encoding = 'identity'): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const options = { host: '127.0.0.1', port, path, agent, headers: { 'accept-encoding': encoding } };
    get(options, (answer) => {
      const pieces: Buffer[] = [];
      answer.on('data', (piece: Buffer) => pieces.push(piece));
      answer.on('end', () => resolve(Buffer.concat(pieces)));
      answer.on('error', reject);
    }).on('error', reject);
  });
}

export async function scrape(child: ChildProcess, port: number, encoding: Encoding): Promise<Scrape> {
  const cpuBefore = cpuMsOf(child.pid!);
  const start = performance.now();
  const body = await fetchBody(port, '/metrics', encoding);
  const latencyMs = performance.now() - start;
  return { latencyMs, cpuMs: cpuMsOf(child.pid!) - cpuBefore, body };
}
