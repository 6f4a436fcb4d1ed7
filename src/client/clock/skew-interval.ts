import type { ClockSample } from './clock-sample.ts';

/** Bounds of API clock − own clock at the time of a sample, milliseconds. */
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

/** The interval that one answer proves: its date was set some time between the request and the headers. */
export function intervalOf({ date, sentAt, headersAt }: ClockSample, taken: { at: number; order: number }) {
  return { low: date - headersAt, high: date + DATE_RESOLUTION_MS - sentAt, ...taken };
}

/** The bounds of an interval, widened by its age. `now` is monotonic, here and below. */
const lowAt = ({ low, at }: SkewInterval, now: number) => low - DRIFT * Math.max(0, now - at);
const highAt = ({ high, at }: SkewInterval, now: number) => high + DRIFT * Math.max(0, now - at);

/** The two intervals that bound where all of them overlap. They remain the same, because all widen at the same rate. */
export interface Bounds {
  readonly low: SkewInterval;
  readonly high: SkewInterval;
}

/** The bounds of these intervals; null if there are none. */
export function boundsOf(intervals: readonly SkewInterval[], now: number): Bounds | null {
  let [low] = intervals;
  if (low === undefined) return null;
  let high = low;
  // A plain loop: it runs at nearly every answer, because the first answer of a second is often the one that bounds.
  let [highestLow, lowestHigh] = [lowAt(low, now), highAt(high, now)];
  for (const interval of intervals) {
    const [atLow, atHigh] = [lowAt(interval, now), highAt(interval, now)];
    if (atLow > highestLow) [low, highestLow] = [interval, atLow];
    if (atHigh < lowestHigh) [high, lowestHigh] = [interval, atHigh];
  }
  return { low, high };
}

/** The bounds after an interval was added at the end and the oldest one was perhaps removed. `bounds` are the old ones. */
export function boundsAfter(
  bounds: Bounds | null,
  { removed, intervals }: { readonly removed: SkewInterval | undefined; readonly intervals: readonly SkewInterval[] },
  now: number,
): Bounds | null {
  const added = intervals.at(-1);
  const hasToRecompute = bounds === null || bounds.low === removed || bounds.high === removed;
  return hasToRecompute || added === undefined ? boundsOf(intervals, now) : narrowed(bounds, added, now);
}

function narrowed(bounds: Bounds, interval: SkewInterval, now: number): Bounds {
  const isLow = lowAt(interval, now) > lowAt(bounds.low, now);
  const isHigh = highAt(interval, now) < highAt(bounds.high, now);
  return isLow || isHigh ? { low: isLow ? interval : bounds.low, high: isHigh ? interval : bounds.high } : bounds;
}

/** The range in which intervals overlap, milliseconds; null if they do not overlap or there are none. */
export type SkewRange = { readonly low: number; readonly high: number } | null;

/** The range in which intervals with these bounds overlap at `now`. */
export function rangeOf(bounds: Bounds | null, now: number): SkewRange {
  if (bounds === null) return null;
  const [low, high] = [lowAt(bounds.low, now), highAt(bounds.high, now)];
  return low > high ? null : { low, high };
}

/** The range in which all of these intervals overlap at `now`. */
export function intersection(intervals: readonly SkewInterval[], now: number): SkewRange {
  return rangeOf(boundsOf(intervals, now), now);
}

/** Whether an interval overlaps with the range that the others have in common. */
export function overlaps(range: SkewRange, interval: SkewInterval, now: number): boolean {
  if (range === null) return false;
  return Math.max(range.low, lowAt(interval, now)) <= Math.min(range.high, highAt(interval, now));
}

export function middle({ low, high }: { readonly low: number; readonly high: number }): number {
  return (low + high) / 2;
}
