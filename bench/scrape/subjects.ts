import type { ChildProcess } from 'node:child_process';
import { ask, startChild } from '../child.ts';
import { portOf, startPeer } from '../peer.ts';

/** What is read between two scrapes: every environment, as before each scrape of a real Prometheus, or some of them. */
export type Reads = 'all' | 'some';

/** A program that answers `/metrics`. */
export interface Subject {
  readonly name: string;
  readonly child: ChildProcess;
  readonly port: number;
  /** What is read before the next scrape; a peer has its samples in place, and renders all of them whatever was read. */
  readonly read: (reads: Reads) => Promise<void>;
}

export async function startExporter(environments: number): Promise<Subject> {
  const child = startChild('scrape/exporter.ts', [environments]);
  const { port } = await ask<{ port: number }>(child);
  const read = async (reads: Reads) => void (await ask(child, reads));
  return { name: 'exporter', child, port, read };
}

export async function startPromClient(environments: number): Promise<Subject> {
  const child = startChild('scrape/prom-client.ts', [environments]);
  const { port } = await ask<{ port: number }>(child);
  return { name: 'prom-client', child, port, read: async () => {} };
}

/** A peer in Go, with the samples that the exporter has now. */
export async function startGoPeer(name: string, kind: 'const' | 'store', exporter: Subject): Promise<Subject> {
  const child = startPeer([kind, `http://127.0.0.1:${exporter.port}/metrics`]);
  return { name, child, port: await portOf(child), read: async () => {} };
}
