import type { Figure } from '../figure.ts';
import { type Bodies, POLL_PEERS, POLLING_ENVIRONMENTS, type PollPeer, pollRow } from '../goals.ts';
import { buildPeers } from '../peer.ts';
import {
  type Cost,
  exporter,
  floor,
  goPoller,
  measurePolls,
  type Pace,
  type Polling,
  type Subject,
  startPolling,
} from './subjects.ts';

const BODIES = ['changed', 'unchanged'] as const;
const PEERS: Readonly<Record<PollPeer, Subject>> = { 'raw sockets': floor, Go: goPoller };
const INTERVAL_MS = 15_000;
/** A larger fleet at a longer interval, so that its polls, too, leave the machine idle between them. */
const LARGE: Pace = { environments: 10_000, intervalMs: 60_000 };
/** About as long as from one garbage collection of the whole heap to the next one: all pay for one. */
const MEASURE_MS = 90_000;
/**
 * Three rounds: what a page said is remembered from the second one on. With the measurement, it is 15 rounds of the other
 * fleets: V8 compiles for some ten thousand polls what a poll runs, which is a cost of the first minutes and not of a poll.
 */
const LARGE_WARM_UP_MS = 3 * LARGE.intervalMs + 10_000;
const LARGE_MEASURE_MS = 30_000;
const LEAST_KEPT = 0.9;

/**
 * CPU time of a poll, stats and a page of 100 items, at a fleet's own pace, against others that read the same bytes.
 * What starts first is measured last: it takes as long to get warm.
 */
export async function measureCpuPerPoll(): Promise<Figure[]> {
  buildPeers();
  const fleets: Fleets[] = [];
  for (const environments of POLLING_ENVIRONMENTS) fleets.push(await startAll(environments));
  const large = await measurePolls(exporter, LARGE, {
    bodies: 'changed',
    warmUpMs: LARGE_WARM_UP_MS,
    measureMs: LARGE_MEASURE_MS,
  });
  const measured = await Promise.all(fleets.map(measureAll));
  return [
    ...measured.flatMap(({ figures }) => figures),
    quotient('CPU a poll, 10,000 environments / 100', [large, measured[0]!.changed]),
  ];
}

/** Programs that read the same at the same pace: the exporter, and then its peers. */
interface Fleets {
  readonly environments: number;
  readonly pollings: Readonly<Record<Bodies, readonly Polling[]>>;
}

/** Changed and unchanged bodies at the same time, too: together they leave most of the machine idle. */
async function startAll(environments: number): Promise<Fleets> {
  const subjects = [exporter, ...POLL_PEERS.map(({ name }) => PEERS[name])];
  const start = (bodies: Bodies) =>
    Promise.all(subjects.map((subject) => startPolling(subject, { environments, intervalMs: INTERVAL_MS }, bodies)));
  const [changed, unchanged] = await Promise.all([start('changed'), start('unchanged')]);
  return { environments, pollings: { changed, unchanged } };
}

/** The exporter and its peers at the same time: what else the machine does falls on all. */
async function measureAll({ environments, pollings }: Fleets) {
  const measure = (bodies: Bodies) => Promise.all(pollings[bodies].map((polling) => polling.measure(MEASURE_MS)));
  const [changed, unchanged] = await Promise.all([measure('changed'), measure('unchanged')]);
  for (const polling of BODIES.flatMap((bodies) => pollings[bodies])) polling.stop();
  const figuresOf = (bodies: Bodies, [own, ...others]: readonly Cost[]) =>
    POLL_PEERS.map(({ name }, index) => quotient(pollRow(environments, bodies, name), [own!, others[index]!]));
  return {
    changed: changed[0]!,
    figures: [...figuresOf('changed', changed), ...figuresOf('unchanged', unchanged)],
  };
}

function quotient(what: string, [own, other]: readonly [Cost, Cost]): Figure {
  const from = `${side(own)} of ${side(other)} ms`;
  return { what, result: own.msPerPoll / other.msPerPoll, from };
}

/** The figure of one side, and how much of its pace it kept if that was too little for a fair comparison. */
function side({ msPerPoll, kept }: Cost): string {
  const share = kept < LEAST_KEPT ? ` (${Math.round(100 * kept)} % of the pace)` : '';
  return `${msPerPoll.toFixed(3)}${share}`;
}
