import type { ClockSample } from './clock-sample.ts';

/** The bounds between which API clock − own clock lay when the sample was taken, milliseconds. */
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

/** The bounds of an interval, widened by its age. `now` is monotonic, here and below. */
const lowAt = ({ low, at }: SkewInterval, now: number) => low - DRIFT * Math.max(0, now - at);
const highAt = ({ high, at }: SkewInterval, now: number) => high + DRIFT * Math.max(0, now - at);

/** The two intervals that limit where all of them overlap: as all widen alike, they go on to. */
export interface Bounds {
  readonly low: SkewInterval;
  readonly high: SkewInterval;
}

/** Null: there are no intervals. */
export function boundsOf(intervals: readonly SkewInterval[], now: number): Bounds | null {
  const [first] = intervals;
  if (first === undefined) return null;
  return intervals.reduce((bounds, interval) => narrowed(bounds, interval, now), { low: first, high: first });
}

/** The bounds of intervals of which the first one left and another came: `bounds` are those before. */
export function boundsAfter(
  bounds: Bounds | null,
  { left, intervals }: { readonly left: SkewInterval | undefined; readonly intervals: readonly SkewInterval[] },
  now: number,
): Bounds | null {
  const came = intervals.at(-1);
  const isHeld = bounds === null || bounds.low === left || bounds.high === left;
  return isHeld || came === undefined ? boundsOf(intervals, now) : narrowed(bounds, came, now);
}

function narrowed(bounds: Bounds, interval: SkewInterval, now: number): Bounds {
  const isLow = lowAt(interval, now) > lowAt(bounds.low, now);
  const isHigh = highAt(interval, now) < highAt(bounds.high, now);
  return isLow || isHigh ? { low: isLow ? interval : bounds.low, high: isHigh ? interval : bounds.high } : bounds;
}

/** Where intervals overlap, milliseconds; null if they do not, or there are none. */
export type SkewRange = { readonly low: number; readonly high: number } | null;

/** Where intervals with these bounds overlap at `now`. */
export function rangeOf(bounds: Bounds | null, now: number): SkewRange {
  if (bounds === null) return null;
  const [low, high] = [lowAt(bounds.low, now), highAt(bounds.high, now)];
  return low > high ? null : { low, high };
}

/** Where all of these intervals overlap at `now`. */
export function intersection(intervals: readonly SkewInterval[], now: number): SkewRange {
  return rangeOf(boundsOf(intervals, now), now);
}

/** Whether an interval overlaps with a range where others do. */
export function overlaps(range: SkewRange, interval: SkewInterval, now: number): boolean {
  if (range === null) return false;
  return Math.max(range.low, lowAt(interval, now)) <= Math.min(range.high, highAt(interval, now));
}

export function middle({ low, high }: { readonly low: number; readonly high: number }): number {
  return (low + high) / 2;
}
