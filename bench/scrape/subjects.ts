import type { ChildProcess } from 'node:child_process';
import { ask, startChild } from '../child.ts';
import type { Reads } from '../goals.ts';
import { portOf, startPeer } from '../peer.ts';

/** A program that answers `/metrics`. */
export interface Subject {
  readonly child: ChildProcess;
  readonly port: number;
  /** What is read before the next scrape; a peer has its samples in place, and renders all of them whatever was read. */
  readonly read: (reads: Reads) => Promise<void>;
}

export async function startExporter(environments: number): Promise<Subject> {
  const child = startChild('scrape/exporter.ts', [environments]);
  const { port } = await ask<{ port: number }>(child);
  const read = async (reads: Reads) => void (await ask(child, reads));
  return { child, port, read };
}

export async function startPromClient(environments: number): Promise<Subject> {
  const child = startChild('scrape/prom-client.ts', [environments]);
  const { port } = await ask<{ port: number }>(child);
  return { child, port, read: async () => {} };
}

/** A peer in Go, with the samples that the exporter has now. */
export async function startGoPeer(kind: 'const' | 'store', exporter: Subject): Promise<Subject> {
  const child = startPeer([kind, `http://127.0.0.1:${exporter.port}/metrics`]);
  return { child, port: await portOf(child), read: async () => {} };
}
