import { gunzipSync } from 'node:zlib';
import { type Figure, median, ratio } from '../figure.ts';
import { type Encoding, fetchBody, type Scrape, Scraper } from './scraper.ts';
import { type Reads, type Subject, startExporter, startGoPeer, startPromClient } from './subjects.ts';

const ENVIRONMENTS = 1000;
const RUNS = 15;
const WARM_UP = 5;

/** The most that a scrape may take, as a part of what a peer takes. */
const GOALS: Readonly<Record<Reads, Readonly<Record<string, number>>>> = {
  all: { 'prom-client': 0.15 },
  some: { 'prom-client': 0.1, client_golang: 0.1, "kube-state-metrics' store": 1 },
};

/** The exporter's `/metrics` over HTTP against others with the same samples, one scrape of each in turn. */
export async function measureScrape(): Promise<Figure[]> {
  const exporter = await startExporter(ENVIRONMENTS);
  const peers = [
    await startPromClient(ENVIRONMENTS),
    await startGoPeer('client_golang', 'const', exporter),
    await startGoPeer("kube-state-metrics' store", 'store', exporter),
  ];
  await compareSamples([exporter, ...peers]);
  const figures: Figure[] = [];
  for (const reads of ['all', 'some'] as const) {
    const others = peers.filter(({ name }) => name in GOALS[reads]);
    for (const encoding of ['identity', 'gzip'] as const) {
      const [own, ...theirs] = await inTurn([exporter, ...others], { reads, encoding });
      const what = `scrape, ${reads === 'all' ? 'everything' : '120 reads'} since the last, ${encoding}`;
      for (const [index, { name }] of others.entries()) {
        for (const [side, key] of [
          ['latency', 'latencyMs'],
          ['CPU', 'cpuMs'],
        ] as const) {
          const values = { own: own!.map((one) => one[key]), other: theirs[index]!.map((one) => one[key]) };
          figures.push(ratio(`${what}: ${side} / ${name}`, GOALS[reads][name]!, values));
        }
      }
    }
  }
  figures.push(await measureHealth(exporter));
  for (const { child } of [exporter, ...peers]) child.kill('SIGKILL');
  return figures;
}

/** A peer that writes less would win for nothing. */
async function compareSamples(subjects: readonly Subject[]): Promise<void> {
  const counts: number[] = [];
  for (const { port } of subjects) {
    const text = gunzipSync(await fetchBody(port, '/metrics', 'gzip')).toString();
    counts.push(text.split('\n').filter((line) => line !== '' && !line.startsWith('#')).length);
  }
  if (new Set(counts).size !== 1) throw new Error(`they do not write the same: ${counts.join(', ')} samples`);
}

async function inTurn(
  subjects: readonly Subject[],
  { reads, encoding }: { readonly reads: Reads; readonly encoding: Encoding },
): Promise<Scrape[][]> {
  const scrapers = subjects.map(({ child, port }) => new Scraper(child, port));
  const scrapes: Scrape[][] = subjects.map(() => []);
  for (let run = 0; run < RUNS + WARM_UP; run++) {
    for (const [index, { read }] of subjects.entries()) {
      await read(reads);
      const one = await scrapers[index]!.scrape(encoding);
      if (run >= WARM_UP) scrapes[index]!.push(one);
    }
  }
  for (const scraper of scrapers) scraper.close();
  return scrapes;
}

/** How long `/-/healthy` takes at its slowest while everything is rendered and sent: the median over some scrapes. */
async function measureHealth({ child, port, read }: Subject): Promise<Figure> {
  const scraper = new Scraper(child, port);
  const slowest: number[] = [];
  for (let run = 0; run < RUNS; run++) {
    await read('all');
    let isRunning = true;
    const scraped = scraper.scrape('gzip').finally(() => {
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
  scraper.close();
  const from = `${RUNS} scrapes, the slowest of all ${Math.max(...slowest).toFixed(1)} ms`;
  return { what: 'slowest /-/healthy during such a scrape', goal: 25, result: median(slowest), unit: 'ms', from };
}
