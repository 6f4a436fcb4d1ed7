import type { ClockSample } from './work-api.ts';

/** The limits between which API clock − own clock lay when the sample was taken, milliseconds. */
export interface SkewInterval {
  readonly low: number;
  readonly high: number;
  /** Monotonic. */
  readonly at: number;
  /** How many samples came before it: several may come at the same moment. */
  readonly order: number;
}

/** Two ordinary quartz clocks drift apart by less than this fraction of the time. */
const DRIFT = 100e-6;
/** `Date` has whole seconds only. */
const DATE_RESOLUTION_MS = 1000;

/** What one answer says: its date was set some time between the request and the headers. */
export function intervalOf({ date, sentAt, headersAt }: ClockSample, taken: { at: number; order: number }) {
  return { low: date - headersAt, high: date + DATE_RESOLUTION_MS - sentAt, ...taken };
}

/** Where all intervals overlap, each widened by its age; null if they do not, or there are none. `now` is monotonic. */
export function intersection(intervals: readonly SkewInterval[], now: number) {
  let low = Number.NEGATIVE_INFINITY;
  let high = Number.POSITIVE_INFINITY;
  for (const interval of intervals) {
    const drift = DRIFT * Math.max(0, now - interval.at);
    low = Math.max(low, interval.low - drift);
    high = Math.min(high, interval.high + drift);
  }
  return intervals.length === 0 || low > high ? null : { low, high };
}

/** Null: the intervals do not overlap, or there are none. */
export type SkewRange = ReturnType<typeof intersection>;

/** Where intervals overlap that overlapped in `range` some time ago: each of them has become wider by as much. */
export function rangeLater({ low, high }: NonNullable<SkewRange>, passedMs: number): NonNullable<SkewRange> {
  const drift = DRIFT * Math.max(0, passedMs);
  return { low: low - drift, high: high + drift };
}

/** Where all intervals overlap of which the first one left and another came: `range` is where they did before. */
export function movedOn(
  range: SkewRange,
  { left, intervals }: { readonly left: SkewInterval | undefined; readonly intervals: readonly SkewInterval[] },
  now: number,
): SkewRange {
  const came = intervals.at(-1);
  const held = left !== undefined && range !== null && limits(range, left, now);
  if (range === null || came === undefined || held) return intersection(intervals, now);
  const drift = DRIFT * Math.max(0, now - came.at);
  const [low, high] = [Math.max(range.low, came.low - drift), Math.min(range.high, came.high + drift)];
  return low > high ? null : { low, high };
}

/** Milliseconds; far more than what rounding adds to a range that was moved on again and again. */
const ROUNDING_MS = 1e-3;

/** Whether without the interval the range may be wider. */
function limits(range: NonNullable<SkewRange>, interval: SkewInterval, now: number): boolean {
  const drift = DRIFT * Math.max(0, now - interval.at);
  return interval.low - drift >= range.low - ROUNDING_MS || interval.high + drift <= range.high + ROUNDING_MS;
}

/** Whether an interval overlaps with a range where others do. `now` is monotonic. */
export function meets(range: SkewRange, interval: SkewInterval, now: number): boolean {
  if (range === null) return false;
  const drift = DRIFT * Math.max(0, now - interval.at);
  return Math.max(range.low, interval.low - drift) <= Math.min(range.high, interval.high + drift);
}

export function middle({ low, high }: { readonly low: number; readonly high: number }): number {
  return (low + high) / 2;
}
