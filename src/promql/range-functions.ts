import type { EpochMs } from '../base/clock.ts';
import type { SampleRange, Series } from './series.ts';

/** The edges of a range. */
export interface RangeEdges {
  readonly from: EpochMs;
  readonly to: EpochMs;
}

/** Turns the samples of one series in a range into a number; NaN if there is none. */
type RangeFunction = (series: Series, window: RangeEdges) => number;

const fold = (values: readonly number[], pick: (one: number, other: number) => number) =>
  values.length === 0 ? Number.NaN : values.reduce((one, other) => pick(one, other));

/** A function that looks at every sample. */
const ofAll =
  (toNumber: (range: SampleRange, window: RangeEdges) => number): RangeFunction =>
  (series, window) =>
    toNumber(series.range(window.from, window.to), window);

export const RANGE_FUNCTIONS: Readonly<Record<string, RangeFunction>> = {
  // Nearly every rule reads what is known now with this one.
  last_over_time: (series, { from, to }) => series.lastIn(from, to),
  max_over_time: ofAll(({ values }) => fold(values, Math.max)),
  min_over_time: ofAll(({ values }) => fold(values, Math.min)),
  sum_over_time: ofAll(({ values }) => fold(values, (one, other) => one + other)),
  avg_over_time: ofAll(({ values }) => fold(values, (one, other) => one + other) / values.length),
  count_over_time: ofAll(({ values }) => values.length || Number.NaN),
  changes: ofAll(({ values }) => pairsWhere(values, (before, now) => now !== before)),
  resets: ofAll(({ values }) => pairsWhere(values, (before, now) => now < before)),
  increase: ofAll((range, window) => increaseOf(range, window)),
  rate: ofAll((range, window) => increaseOf(range, window) / ((window.to - window.from) / 1000)),
  deriv: ofAll(slopeOf),
};

function pairsWhere(values: readonly number[], holds: (before: number, now: number) => boolean): number {
  if (values.length === 0) return Number.NaN;
  let count = 0;
  for (let index = 1; index < values.length; index++) if (holds(values[index - 1]!, values[index]!)) count++;
  return count;
}

/** How much a counter has risen, extrapolated to the edges of the window as in Prometheus. */
function increaseOf({ times, values }: SampleRange, { from, to }: RangeEdges): number {
  const count = values.length;
  if (count < 2) return Number.NaN;
  let risen = values[count - 1]! - values[0]!;
  for (let index = 1; index < count; index++) if (values[index]! < values[index - 1]!) risen += values[index - 1]!;
  const sampled = times[count - 1]! - times[0]!;
  const step = sampled / (count - 1);
  const reach = (gap: number) => (gap >= step * 1.1 ? step / 2 : gap);
  // A counter cannot have been below zero.
  const toZero = risen > 0 && values[0]! >= 0 ? sampled * (values[0]! / risen) : Number.POSITIVE_INFINITY;
  const before = Math.min(reach(times[0]! - from), toZero);
  return risen * ((sampled + before + reach(to - times[count - 1]!)) / sampled);
}

/** The slope of the regression line through the samples, per second. */
function slopeOf({ times, values }: SampleRange): number {
  const count = values.length;
  if (count < 2) return Number.NaN;
  if (values.every((value) => value === values[0])) return 0;
  const [x, y, xy, xx] = values.reduce(
    ([sumX, sumY, sumXY, sumXX], value, index) => {
      const seconds = (times[index]! - times[0]!) / 1000;
      return [sumX + seconds, sumY + value, sumXY + seconds * value, sumXX + seconds * seconds] as const;
    },
    [0, 0, 0, 0] as readonly [number, number, number, number],
  );
  return (xy - (x * y) / count) / (xx - (x * x) / count);
}
