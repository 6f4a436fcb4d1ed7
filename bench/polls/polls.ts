import type { Figure } from '../figure.ts';
import { type Bodies, type Cost, exporter, floor, measurePolls, type Pace } from './subjects.ts';

const GOALS: Readonly<Record<Bodies, number>> = { changed: 1.5, unchanged: 1.2 };
const FLEETS: readonly Pace[] = [
  { environments: 100, intervalMs: 15_000 },
  { environments: 1000, intervalMs: 15_000 },
];
/** A larger fleet at a longer interval, so that its polls, too, leave the machine idle between them. */
const LARGE: Pace = { environments: 10_000, intervalMs: 60_000 };
const MEASURE_MS = 30_000;

/** CPU time of a poll, stats and a page of 100 items, at a fleet's own pace, against raw sockets and `JSON.parse`. */
export async function measureCpuPerPoll(): Promise<Figure[]> {
  const figures: Figure[] = [];
  let small: Cost | null = null;
  for (const bodies of ['changed', 'unchanged'] as const) {
    for (const pace of FLEETS) {
      const options = { bodies, warmUpMs: pace.intervalMs + 5000, measureMs: MEASURE_MS };
      // At the same time: what else the machine does falls on both.
      const [own, low] = await Promise.all([measurePolls(exporter, pace, options), measurePolls(floor, pace, options)]);
      if (bodies === 'changed') small ??= own;
      const what = `CPU a poll, ${pace.environments} environments, bodies ${bodies} / raw sockets`;
      figures.push(quotient(what, GOALS[bodies], [own.msPerPoll, low.msPerPoll]));
    }
  }
  const options = { bodies: 'changed', warmUpMs: LARGE.intervalMs + 10_000, measureMs: MEASURE_MS } as const;
  const large = await measurePolls(exporter, LARGE, options);
  figures.push(quotient('CPU a poll, 10,000 environments / 100', 1.1, [large.msPerPoll, small!.msPerPoll]));
  return figures;
}

function quotient(what: string, goal: number, [own, other]: readonly [number, number]): Figure {
  return { what, goal, result: own / other, from: `${own.toFixed(3)} of ${other.toFixed(3)} ms` };
}
