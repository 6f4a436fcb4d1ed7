import type { ChildProcess } from 'node:child_process';
import { gunzipSync } from 'node:zlib';
import { ask, startChild } from '../child.ts';
import { type Figure, median, ratio } from '../figure.ts';
import { type Encoding, fetchBody, type Scrape, scrape } from './scraper.ts';

const ENVIRONMENTS = 1000;
const RUNS = 15;
const WARM_UP = 5;

interface Subject {
  readonly child: ChildProcess;
  readonly port: number;
}

/** What is read between two scrapes: every environment, as before each scrape of a real Prometheus, or some of them. */
type Reads = 'all' | 'some';
const GOALS: Readonly<Record<Reads, number>> = { all: 0.15, some: 0.1 };

/** The exporter's `/metrics` over HTTP against prom-client with the same samples, one scrape of each in turn. */
export async function measureScrape(): Promise<Figure[]> {
  const own = await start('scrape/exporter.ts');
  const peer = await start('scrape/prom-client.ts');
  await compareSamples(own, peer);
  const figures: Figure[] = [];
  for (const reads of ['all', 'some'] as const) {
    for (const encoding of ['identity', 'gzip'] as const) {
      const [mine, others] = await inTurn(own, peer, { reads, encoding });
      const what = `scrape, ${reads === 'all' ? 'everything' : '120 reads'} since the last, ${encoding}`;
      for (const [name, key] of [
        ['latency', 'latencyMs'],
        ['CPU', 'cpuMs'],
      ] as const) {
        const values = { own: mine.map((one) => one[key]), other: others.map((one) => one[key]) };
        figures.push(ratio(`${what}: ${name} / prom-client`, GOALS[reads], values));
      }
    }
  }
  figures.push(await measureHealth(own));
  own.child.disconnect();
  peer.child.disconnect();
  return figures;
}

async function start(file: string): Promise<Subject> {
  const child = startChild(file, [ENVIRONMENTS]);
  const { port } = await ask<{ port: number }>(child);
  return { child, port };
}

/** A peer that writes less would win for nothing. */
async function compareSamples(...subjects: readonly Subject[]): Promise<void> {
  const counts: number[] = [];
  for (const { port } of subjects) {
    const text = gunzipSync(await fetchBody(port, '/metrics', 'gzip')).toString();
    counts.push(text.split('\n').filter((line) => line !== '' && !line.startsWith('#')).length);
  }
  if (new Set(counts).size !== 1) throw new Error(`they do not write the same: ${counts.join(' and ')} samples`);
}

async function inTurn(
  own: Subject,
  peer: Subject,
  { reads, encoding }: { readonly reads: Reads; readonly encoding: Encoding },
): Promise<[Scrape[], Scrape[]]> {
  const scrapes: [Scrape[], Scrape[]] = [[], []];
  for (let run = 0; run < RUNS + WARM_UP; run++) {
    for (const [index, { child, port }] of [own, peer].entries()) {
      await ask(child, reads);
      const one = await scrape(child, port, encoding);
      if (run >= WARM_UP) scrapes[index]!.push(one);
    }
  }
  return scrapes;
}

/** How long `/-/healthy` takes at its slowest while everything is rendered and sent: the median over some scrapes. */
async function measureHealth({ child, port }: Subject): Promise<Figure> {
  const slowest: number[] = [];
  for (let run = 0; run < RUNS; run++) {
    await ask(child, 'all');
    let isRunning = true;
    const scraped = scrape(child, port, 'gzip').finally(() => {
      isRunning = false;
    });
    let most = 0;
    while (isRunning) {
      const start = performance.now();
      await fetchBody(port, '/-/healthy');
      most = Math.max(most, performance.now() - start);
    }
    await scraped;
    slowest.push(most);
  }
  const from = `${RUNS} scrapes, the slowest of all ${Math.max(...slowest).toFixed(1)} ms`;
  return { what: 'slowest /-/healthy during such a scrape', goal: 25, result: median(slowest), unit: 'ms', from };
}
