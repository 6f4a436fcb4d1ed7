/**
 * A scrape of 1,000 environments against prom-client rendering the same samples, in this process, one after the other,
 * up to the bytes that are handed to the socket. Exits with 1 when it takes more than a tenth of prom-client's latency
 * or CPU.
 *
 * The limit holds for a fleet in use: at the default budget of 240 requests a minute at most 120 reads end between two
 * scrapes 30 s apart. Scrapes with nothing read, and with everything read, which a fleet of this size can only reach
 * with ten times that budget or more, are measured beside it for the record.
 */
import { createExposition } from '../src/metrics/exposition.ts';
import { chunked } from '../src/server/http/exposition-stream.ts';
import { MemoryStateStore } from '../src/state/store.ts';
import { afterListRead, afterStatsRead, benchFleet, NOW } from './fleet.ts';
import { measureRuns, type Timing } from './measure-runs.ts';
import { promClientRegistry } from './prom-client-peer.ts';

const ENVIRONMENTS = 1000;
const LARGEST_SHARE = 1 / 10;

const fleet = benchFleet(ENVIRONMENTS);
const states = new MemoryStateStore();
states.replaceAll(fleet);
const deps = { states, self: { write: async () => [] }, clock: { now: () => NOW }, skewMs: () => 0 };
const exposition = createExposition(deps);
const scrape = async () => [...chunked(await exposition.render('prometheus'))];

const registry = promClientRegistry(fleet);
const peerScrape = async () => Buffer.from(await registry.metrics());
const lines = samples(Buffer.concat(await scrape()).toString());
const peerLines = samples((await peerScrape()).toString());
if (lines !== peerLines) throw new Error(`the two do not write the same: ${lines} and ${peerLines} samples`);

const peer = await measureRuns({ runs: 9, run: peerScrape });
const unchanged = await measureRuns({ runs: 45, run: scrape });
const usual = await measureRuns({ runs: 45, before: (run) => readSome(run, 12, 25), run: scrape });
const changed = await measureRuns({ runs: 15, before: (run) => readSome(run, 1, 1), run: scrape });
const ok = share(usual.latency, peer.latency) <= LARGEST_SHARE && share(usual.cpu, peer.cpu) <= LARGEST_SHARE;

report('prom-client', peer);
report('nothing changed', unchanged);
report('120 reads', usual);
report('2,000 reads', changed);
process.stdout.write(`${lines} samples of ${ENVIRONMENTS} environments; `);
process.stdout.write(`${ok ? 'within' : 'ABOVE'} 1/10 of prom-client in latency and CPU\n`);
process.exitCode = ok ? 0 : 1;

/** What happens between two scrapes: every n-th environment's stats and every m-th one's list are read. */
function readSome(run: number, everyStats: number, everyList: number): void {
  for (const [index, { environment }] of fleet.entries()) {
    if ((index + run) % everyStats === 0) states.update(environment.id, (state) => afterStatsRead(state, run));
    if ((index + run) % everyList === 0) states.update(environment.id, afterListRead);
  }
}

function samples(text: string): number {
  return text.split('\n').filter((line) => line !== '' && !line.startsWith('#')).length;
}

function share(value: number, of: number): number {
  return value / of;
}

function report(what: string, { latency, cpu }: Timing): void {
  const ratio = (value: number, of: number) => `1/${(of / value).toFixed(0)}`.padStart(6);
  process.stdout.write(
    `${what.padEnd(16)} ${latency.toFixed(1).padStart(7)} ms ${ratio(latency, peer.latency)}   CPU ${cpu.toFixed(1).padStart(7)} ms ${ratio(cpu, peer.cpu)}\n`,
  );
}
