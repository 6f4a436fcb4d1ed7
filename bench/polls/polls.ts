import type { Figure } from '../figure.ts';
import { type Bodies, POLL_PEERS, POLLING_ENVIRONMENTS, type PollPeer, pollRow } from '../goals.ts';
import { buildPeers } from '../peer.ts';
import { type Cost, exporter, floor, goPoller, measurePolls, type Pace, type Subject } from './subjects.ts';

const BODIES = ['changed', 'unchanged'] as const;
const PEERS: Readonly<Record<PollPeer, Subject>> = { 'raw sockets': floor, Go: goPoller };
const INTERVAL_MS = 15_000;
/** A larger fleet at a longer interval, so that its polls, too, leave the machine idle between them. */
const LARGE: Pace = { environments: 10_000, intervalMs: 60_000 };
/** Seven rounds: for about as long V8 compiles, which is a cost of the start and not of a poll. */
const WARM_UP_MS = 105_000;
const MEASURE_MS = 30_000;
const LEAST_KEPT = 0.9;

/** CPU time of a poll, stats and a page of 100 items, at a fleet's own pace, against others that read the same bytes. */
export async function measureCpuPerPoll(): Promise<Figure[]> {
  buildPeers();
  const figures: Figure[] = [];
  let small: Cost | null = null;
  for (const environments of POLLING_ENVIRONMENTS) {
    const pace = { environments, intervalMs: INTERVAL_MS };
    // Changed and unchanged bodies at the same time, too: together they leave most of the machine idle.
    const [changed, unchanged] = await Promise.all(BODIES.map((bodies) => measureAll(pace, bodies)));
    small ??= changed!.own;
    figures.push(...changed!.figures, ...unchanged!.figures);
  }
  const options = { bodies: 'changed', warmUpMs: LARGE.intervalMs + 10_000, measureMs: MEASURE_MS } as const;
  const large = await measurePolls(exporter, LARGE, options);
  figures.push(quotient('CPU a poll, 10,000 environments / 100', [large, small!]));
  return figures;
}

/** The exporter and its peers at the same time: what else the machine does falls on all. */
async function measureAll(pace: Pace, bodies: Bodies): Promise<{ readonly own: Cost; readonly figures: Figure[] }> {
  const options = { bodies, warmUpMs: WARM_UP_MS, measureMs: MEASURE_MS };
  const subjects = [exporter, ...POLL_PEERS.map(({ name }) => PEERS[name])];
  const [own, ...others] = await Promise.all(subjects.map((subject) => measurePolls(subject, pace, options)));
  const figures = POLL_PEERS.map(({ name }, index) =>
    quotient(pollRow(pace.environments, bodies, name), [own!, others[index]!]),
  );
  return { own: own!, figures };
}

function quotient(what: string, [own, other]: readonly [Cost, Cost]): Figure {
  const from = `${side(own)} of ${side(other)} ms`;
  return { what, result: own.msPerPoll / other.msPerPoll, from };
}

/** A side that did not keep its pace says so: its figure is then no truth about it. */
function side({ msPerPoll, kept }: Cost): string {
  const share = kept < LEAST_KEPT ? ` (${Math.round(100 * kept)} % of the pace)` : '';
  return `${msPerPoll.toFixed(3)}${share}`;
}
