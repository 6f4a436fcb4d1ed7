import { gunzipSync } from 'node:zlib';
import { type Figure, median, ratio } from '../figure.ts';
import {
  ENCODINGS,
  type Encoding,
  type Reads,
  SCRAPE_COSTS,
  SCRAPE_PEERS,
  type ScrapeCost,
  type ScrapePeer,
  scrapeRow,
} from '../goals.ts';
import { fetchBody, type Scrape, Scraper } from './scraper.ts';
import { type Subject, startExporter, startGoPeer, startPromClient } from './subjects.ts';

const ENVIRONMENTS = 1000;
const RUNS = 11;
const WARM_UP = 4;

/** The exporter's `/metrics` over HTTP against others with the same samples, one scrape of each in turn. */
export async function measureScrape(): Promise<Figure[]> {
  const exporter = await startExporter(ENVIRONMENTS);
  const peers: Readonly<Record<ScrapePeer, Subject>> = {
    'prom-client': await startPromClient(ENVIRONMENTS),
    client_golang: await startGoPeer('const', exporter),
    "kube-state-metrics' store": await startGoPeer('store', exporter),
  };
  const all = [exporter, ...Object.values(peers)];
  await compareSamples(all);
  const figures: Figure[] = [];
  for (const reads of ['all', 'some'] as const) {
    const names = SCRAPE_PEERS.filter(({ goals }) => reads in goals).map(({ name }) => name);
    for (const encoding of ENCODINGS) {
      const subjects = [exporter, ...names.map((name) => peers[name])];
      const [own, ...theirs] = await inTurn(subjects, { reads, encoding });
      for (const [index, name] of names.entries()) {
        for (const cost of Object.keys(SCRAPE_COSTS) as ScrapeCost[]) {
          const values = (scrapes: readonly Scrape[]) => scrapes.map((one) => one[SCRAPE_COSTS[cost]]);
          const both = { own: values(own!), other: values(theirs[index]!) };
          figures.push(ratio(scrapeRow(reads, encoding, cost, name), both));
        }
      }
    }
  }
  figures.push(await measureHealth(exporter));
  for (const { child } of all) child.kill('SIGKILL');
  return figures;
}

/** Checks that peers write the same samples: one that wrote fewer would seem faster. */
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
  return { what: 'slowest /-/healthy during such a scrape', result: median(slowest), from };
}
