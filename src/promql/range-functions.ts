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

/** The last values before resets, of a counter without any. */
const NO_RESETS: readonly number[] = [];

/** A function that visits every run of equal samples. */
function overRuns(toNumber: (runs: SampleRuns, window: RangeEdges) => number): RangeFunction {
  const runs = new SampleRuns();
  return (series, window) => toNumber(series.runsIn(window.from, window.to, runs), window);
}

export const RANGE_FUNCTIONS: Readonly<Record<string, RangeFunction>> = {
  // Nearly every rule reads what is known now with this one.
  last_over_time: (series, { from, to }) => series.lastValueIn(from, to),
  max_over_time: overRuns((runs) => foldValues(runs, Math.max)),
  min_over_time: overRuns((runs) => foldValues(runs, Math.min)),
  sum_over_time: overRuns((runs) => totalOf(runs).sum),
  avg_over_time: overRuns((runs) => {
    const { sum, count } = totalOf(runs);
    return sum / count;
  }),
  count_over_time: overRuns((runs) => totalOf(runs).count || Number.NaN),
  changes: overRuns((runs) => countSteps(runs, (before, now) => now !== before)),
  resets: overRuns((runs) => countSteps(runs, (before, now) => now < before)),
  increase: overRuns(increaseOf),
  rate: overRuns((runs, window) => increaseOf(runs, window) / ((window.to - window.from) / 1000)),
  deriv: overRuns(slopeOf),
};

/** `pick` over the values, one after the other; NaN if there is none. */
function foldValues(runs: SampleRuns, pick: (one: number, other: number) => number): number {
  if (!runs.next()) return Number.NaN;
  let result = runs.value;
  while (runs.next()) result = pick(result, runs.value);
  return result;
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

/** How many values stand so to the value before; NaN if there is no value. */
function countSteps(runs: SampleRuns, holds: (before: number, now: number) => boolean): number {
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
  let lostAtResets = NO_RESETS;
  do {
    if (runs.value < last) lostAtResets = [...lostAtResets, last];
    last = runs.value;
    lastAt = runs.last;
    count += runs.count;
  } while (runs.next());
  if (count < 2) return Number.NaN;
  let increase = last - value;
  // Added one by one, as Prometheus does.
  for (let index = 0; index < lostAtResets.length; index++) increase += lostAtResets[index]!;
  const sampledMs = lastAt - first;
  const meanStepMs = sampledMs / (count - 1);
  // A counter cannot have been below zero.
  const toZeroMs = increase > 0 && value >= 0 ? sampledMs * (value / increase) : Number.POSITIVE_INFINITY;
  const beforeMs = Math.min(extrapolatedMs(first - from, meanStepMs), toZeroMs);
  return increase * ((sampledMs + beforeMs + extrapolatedMs(to - lastAt, meanStepMs)) / sampledMs);
}

/** How far the samples are extrapolated into a gap between them and an edge of the window. */
function extrapolatedMs(gapMs: number, meanStepMs: number): number {
  return gapMs >= meanStepMs * 1.1 ? meanStepMs / 2 : gapMs;
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
