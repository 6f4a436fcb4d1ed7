import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { buildTools } from '../test/tools/build-tools.ts';
import { BENCH_PEERS } from '../test/tools/go-tools.ts';
import { cachedTool } from '../test/tools/tool-cache.ts';

/** Builds the programs of `bench/peers`, once for this machine. */
export function buildPeers(): void {
  buildTools([BENCH_PEERS], (line) => process.stderr.write(`${line}\n`));
}

/** Starts one of them. It ends when its parent does. */
export function startPeer(args: readonly (string | number)[]): ChildProcess {
  buildPeers();
  return spawn(cachedTool(BENCH_PEERS), args.map(String), { stdio: ['pipe', 'pipe', 'inherit'] });
}

/** The port that a peer prints once it serves. */
export async function portOf(peer: ChildProcess): Promise<number> {
  const [line] = (await once(peer.stdout!, 'data')) as [Buffer];
  return Number(line);
}
