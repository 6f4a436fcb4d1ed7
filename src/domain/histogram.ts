/** A sample observation of a histogram bucket, exposed in OpenMetrics only. */
export interface Exemplar {
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
  /** Seconds since the epoch. */
  readonly timestampSeconds: number;
}

/** An immutable histogram: `counts[i]` observations at most `bounds[i]`, not cumulative; the last one is `+Inf`. */
export interface Histogram {
  readonly bounds: readonly number[];
  readonly counts: readonly number[];
  readonly sum: number;
  readonly exemplars: readonly (Exemplar | null)[];
}

/** Waits and runs, seconds: docs/metrics.md#buckets. */
export const DURATION_BUCKETS = [
  1, 5, 15, 30, 60, 120, 300, 600, 900, 1200, 1800, 2700, 3600, 7200, 21600, 43200, 86400,
] as const;
/** Stops, seconds. */
export const STOP_BUCKETS = [1, 5, 15, 30, 60, 90, 120, 300, 900] as const;

/** `bounds` are upper bounds, included, in ascending order and without `+Inf`. */
export function emptyHistogram(bounds: readonly number[]): Histogram {
  const slots = bounds.length + 1;
  return { bounds, counts: new Array(slots).fill(0), sum: 0, exemplars: new Array(slots).fill(null) };
}

/** A new histogram with one observation more. */
export function observe(histogram: Histogram, value: number, exemplar: Exemplar | null = null): Histogram {
  const found = histogram.bounds.findIndex((bound) => value <= bound);
  const slot = found === -1 ? histogram.bounds.length : found;
  return {
    bounds: histogram.bounds,
    counts: histogram.counts.with(slot, histogram.counts[slot]! + 1),
    sum: histogram.sum + value,
    exemplars: exemplar === null ? histogram.exemplars : histogram.exemplars.with(slot, exemplar),
  };
}
