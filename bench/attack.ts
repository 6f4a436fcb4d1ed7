import { connect, type Socket } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';
import { configuration, fetchBody, rssMbOf, startApi, startExporter } from './processes.ts';
import type { Figures } from './run.ts';

const WARM_UP_MS = 40_000;
const ATTACK_MS = 20_000;
const REQUEST = 'GET /metrics HTTP/1.1\r\nhost: localhost\r\n\r\n';

/** What connections do, each from the start to the end of its attack. */
const ATTACKS: Readonly<Record<string, (open: () => Socket) => void>> = {
  'pipelining on 400 connections': (open) => {
    for (let n = 0; n < 400; n++) open().resume().write(REQUEST.repeat(50));
  },
  '500 that do not read': (open) => {
    for (let n = 0; n < 500; n++) open().pause().write(REQUEST);
  },
  '1,700 requests on one': (open) => void open().resume().write(REQUEST.repeat(1700)),
};

/** `/-/healthy` and memory of an exporter of 100 environments, under one attack after the other. */
export async function measureAttacks(): Promise<Figures> {
  const api = await startApi();
  const { child, port } = await startExporter(configuration({ api: api.port, environments: 100, poll: {} }));
  await wait(WARM_UP_MS);
  const idle = rssMbOf(child);
  let slowest = { ms: 0, what: '' };
  let most = { mb: 0, what: '' };
  for (const [what, attack] of Object.entries(ATTACKS)) {
    const sockets: Socket[] = [];
    attack(() => {
      const socket = connect(port, '127.0.0.1').on('error', () => {});
      sockets.push(socket);
      return socket;
    });
    for (const end = performance.now() + ATTACK_MS; performance.now() < end; await wait(100)) {
      const begun = performance.now();
      await fetchBody(port, '/-/healthy');
      const ms = performance.now() - begun;
      if (ms > slowest.ms) slowest = { ms, what };
      const mb = rssMbOf(child);
      if (mb > most.mb) most = { mb, what };
    }
    for (const socket of sockets) socket.destroy();
    await wait(5000);
  }
  child.kill('SIGKILL');
  api.child.disconnect();
  return {
    'slowest /-/healthy under attack': [slowest.ms / 1000, slowest.what],
    'memory under attack / idle': [most.mb / idle, `${most.mb.toFixed(0)} of ${idle.toFixed(0)} MB, ${most.what}`],
  };
}
