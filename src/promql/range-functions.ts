import type { EpochMs } from '../base/clock.ts';
import type { SampleRuns } from './sample-runs.ts';
import type { Series } from './series.ts';

/** The edges of a range. */
export interface RangeEdges {
  readonly from: EpochMs;
  readonly to: EpochMs;
}

/** Turns the samples of one series in a range into a number; NaN if there is none. */
type RangeFunction = (series: Series, window: RangeEdges) => number;

/** A function that looks at every run of samples. */
const ofAll =
  (toNumber: (runs: SampleRuns, window: RangeEdges) => number): RangeFunction =>
  (series, window) =>
    toNumber(series.runsIn(window.from, window.to), window);

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
  let [sum, count] = [Number.NaN, 0];
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
  let [count, last, lastAt] = [0, value, first];
  const lost: number[] = [];
  do {
    if (runs.value < last) lost.push(last);
    [last, lastAt] = [runs.value, runs.last];
    count += runs.count;
  } while (runs.next());
  if (count < 2) return Number.NaN;
  // Added one by one, as Prometheus does.
  const risen = lost.reduce((sofar, one) => sofar + one, last - value);
  const sampled = lastAt - first;
  const step = sampled / (count - 1);
  const reach = (gap: number) => (gap >= step * 1.1 ? step / 2 : gap);
  // A counter cannot have been below zero.
  const toZero = risen > 0 && value >= 0 ? sampled * (value / risen) : Number.POSITIVE_INFINITY;
  const before = Math.min(reach(first - from), toZero);
  return risen * ((sampled + before + reach(to - lastAt)) / sampled);
}

/** The slope of the regression line through the samples, per second. */
function slopeOf(runs: SampleRuns): number {
  if (!runs.next()) return Number.NaN;
  const { first, value } = runs;
  let [count, isFlat] = [0, true];
  let [x, y, xy, xx] = [0, 0, 0, 0];
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
