import type { EpochMs } from '../base/clock.ts';
import { SampleRuns } from './store/sample-runs.ts';
import type { Series } from './store/series.ts';

/** The edges of a range. */
export interface RangeEdges {
  readonly from: EpochMs;
  readonly to: EpochMs;
}

/** Turns the samples of one series in a range into a number; NaN if there is none. */
type RangeFunction = (series: Series, window: RangeEdges) => number;

/** What a counter that was never reset has lost. */
const NOTHING_LOST: readonly number[] = [];

/** A function that looks at every run of samples. */
function ofAll(toNumber: (runs: SampleRuns, window: RangeEdges) => number): RangeFunction {
  const runs = new SampleRuns();
  return (series, window) => toNumber(series.runsIn(window.from, window.to, runs), window);
}

export const RANGE_FUNCTIONS: Readonly<Record<string, RangeFunction>> = {
  // Nearly every rule reads what is known now with this one.
  last_over_time: (series, { from, to }) => series.lastIn(from, to),
  max_over_time: ofAll((runs) => picked(runs, Math.max)),
  min_over_time: ofAll((runs) => picked(runs, Math.min)),
  sum_over_time: ofAll((runs) => totalOf(runs).sum),
  avg_over_time: ofAll((runs) => {
    const { sum, count } = totalOf(runs);
    return sum / count;
  }),
  count_over_time: ofAll((runs) => totalOf(runs).count || Number.NaN),
  changes: ofAll((runs) => timesThat(runs, (before, now) => now !== before)),
  resets: ofAll((runs) => timesThat(runs, (before, now) => now < before)),
  increase: ofAll(increaseOf),
  rate: ofAll((runs, window) => increaseOf(runs, window) / ((window.to - window.from) / 1000)),
  deriv: ofAll(slopeOf),
};

function picked(runs: SampleRuns, pick: (one: number, other: number) => number): number {
  if (!runs.next()) return Number.NaN;
  let sofar = runs.value;
  while (runs.next()) sofar = pick(sofar, runs.value);
  return sofar;
}

/** Added one by one, as Prometheus does: a product would be rounded in another way. */
function totalOf(runs: SampleRuns): { readonly sum: number; readonly count: number } {
  let sum = Number.NaN;
  let count = 0;
  while (runs.next()) {
    for (let n = 0; n < runs.count; n++) sum = count + n === 0 ? runs.value : sum + runs.value;
    count += runs.count;
  }
  return { sum, count };
}

function timesThat(runs: SampleRuns, holds: (before: number, now: number) => boolean): number {
  if (!runs.next()) return Number.NaN;
  let count = 0;
  for (let before = runs.value; runs.next(); before = runs.value) if (holds(before, runs.value)) count++;
  return count;
}

/** How much a counter has risen, extrapolated to the edges of the window as in Prometheus. */
function increaseOf(runs: SampleRuns, { from, to }: RangeEdges): number {
  if (!runs.next()) return Number.NaN;
  const { first, value } = runs;
  let count = 0;
  let last = value;
  let lastAt = first;
  let lost = NOTHING_LOST;
  do {
    if (runs.value < last) lost = [...lost, last];
    last = runs.value;
    lastAt = runs.last;
    count += runs.count;
  } while (runs.next());
  if (count < 2) return Number.NaN;
  let risen = last - value;
  // Added one by one, as Prometheus does.
  for (let index = 0; index < lost.length; index++) risen += lost[index]!;
  const sampled = lastAt - first;
  const step = sampled / (count - 1);
  // A counter cannot have been below zero.
  const toZero = risen > 0 && value >= 0 ? sampled * (value / risen) : Number.POSITIVE_INFINITY;
  const before = Math.min(reached(first - from, step), toZero);
  return risen * ((sampled + before + reached(to - lastAt, step)) / sampled);
}

/** How far the samples are extrapolated over a gap. */
function reached(gap: number, step: number): number {
  return gap >= step * 1.1 ? step / 2 : gap;
}

/** The slope of the regression line through the samples, per second. */
function slopeOf(runs: SampleRuns): number {
  if (!runs.next()) return Number.NaN;
  const { first, value } = runs;
  let count = 0;
  let isFlat = true;
  let x = 0;
  let y = 0;
  let xy = 0;
  let xx = 0;
  do {
    isFlat &&= runs.value === value;
    for (let n = 0; n < runs.count; n++) {
      const seconds = (runs.first + n * runs.step - first) / 1000;
      x += seconds;
      y += runs.value;
      xy += seconds * runs.value;
      xx += seconds * seconds;
    }
    count += runs.count;
  } while (runs.next());
  if (count < 2) return Number.NaN;
  return isFlat ? 0 : (xy - (x * y) / count) / (xx - (x * x) / count);
}
