import type { ChildProcess } from 'node:child_process';
import { setTimeout as wait } from 'node:timers/promises';
import {
  answered,
  answeredBy,
  configuration,
  cpuMsOf,
  fetchBody,
  type Listening,
  median,
  rssMbOf,
  startApi,
  startChild,
  startExporter,
  startGoPoller,
} from './processes.ts';
import type { Figures } from './run.ts';

/** Some ten thousand polls, after which V8 has compiled what a poll runs, and about two collections of the whole heap. */
const WARM_UP_MS = 180_000;
const LOOKS = 9;
const BETWEEN_LOOKS_MS = 10_000;
const SCRAPES = 9;
const EVERY_15S = { stats_interval: '15s', list_interval: '15s' };

interface Polling {
  readonly child: ChildProcess;
  readonly port: number;
  /** How many lists were read. */
  polls(): Promise<number>;
  stop(): void;
}

/** Each with an API of its own, which changes its answers with the reads that it gets. */
async function polling(start: (api: number) => Promise<Listening> | Listening): Promise<Polling> {
  const api = await startApi();
  const { child, port } = await start(api.port);
  return {
    child,
    port,
    polls: async () => (await answeredBy(api)).polls,
    stop() {
      child.kill('SIGKILL');
      api.child.disconnect();
    },
  };
}

const exporterOf = (environments: number, poll: object) =>
  polling((api) => startExporter(configuration({ api, environments, poll })));

/** Fleets of three sizes, beside a poller in Go; then the largest one is scraped, beside prom-client. */
export async function measureFleets(): Promise<Figures> {
  const one = await exporterOf(1, {});
  const hundred = await exporterOf(100, {});
  const thousand = await exporterOf(1000, EVERY_15S);
  const go = await polling((api) => ({ child: startGoPoller(api, 1000, '15s'), port: 0 }));
  const exporters = [one, hundred, thousand];
  await wait(WARM_UP_MS);
  const cpu = () => [hundred, thousand, go].map(({ child }) => cpuMsOf(child));
  const polls = () => Promise.all([thousand, go].map((each) => each.polls()));
  const [cpuBefore, pollsBefore, begun] = [cpu(), await polls(), performance.now()];
  const memory: number[][] = [[], [], []];
  for (let look = 0; look < LOOKS; look++) {
    await wait(BETWEEN_LOOKS_MS);
    for (const [n, { child }] of exporters.entries()) memory[n]!.push(rssMbOf(child));
  }
  const [cpuAfter, pollsAfter, ms] = [cpu(), await polls(), performance.now() - begun];
  const [hundredMs, ownMs, goMs] = cpuAfter.map((after, n) => after - cpuBefore[n]!);
  const [ownPolls, goPolls] = pollsAfter.map((after, n) => after - pollsBefore[n]!);
  const [own, theirs] = [ownMs! / ownPolls!, goMs! / goPolls!];
  go.stop();
  const figures = {
    'CPU, 100 environments at the default intervals': [(hundredMs! / ms) * 100],
    'CPU a poll, 1,000 environments / Go': [own / theirs, `${own.toFixed(3)} of ${theirs.toFixed(3)} ms`],
    'memory, 1 environment': [median(memory[0]!)],
    'memory, 100 environments': [median(memory[1]!)],
    'memory, 1,000 environments': [median(memory[2]!)],
    ...(await scrapes(thousand)),
  } satisfies Figures;
  for (const each of exporters) each.stop();
  return figures;
}

/** Everything was read since the last scrape, so nothing of it is ready. */
async function scrapes(exporter: Polling): Promise<Figures> {
  const peer = await startChild('prom-client.ts', [exporter.port]);
  await answered(peer.child, peer.port);
  const took: { ms: number; cpuMs: number }[][] = [[], []];
  for (let n = 0; n < SCRAPES; n++) {
    await wait(15_000);
    for (const [which, { child, port }] of [exporter, peer].entries()) {
      const [before, begun] = [cpuMsOf(child), performance.now()];
      await fetchBody(port, '/metrics');
      took[which]!.push({ ms: performance.now() - begun, cpuMs: cpuMsOf(child) - before });
    }
  }
  peer.child.disconnect();
  const row = (what: string, unit: 'ms' | 'cpuMs'): Figures => {
    const [own, theirs] = took.map((each) => median(each.map((one) => one[unit])));
    return { [what]: [own! / theirs!, `${own!.toFixed(0)} of ${theirs!.toFixed(0)} ms`] };
  };
  return {
    ...row('cold scrape of 1,000 environments: latency / prom-client', 'ms'),
    ...row('cold scrape of 1,000 environments: CPU / prom-client', 'cpuMs'),
  };
}
