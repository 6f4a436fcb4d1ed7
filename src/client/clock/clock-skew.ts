import type { ClockSample } from './clock-sample.ts';
import { SLOWEST_SAMPLE_MS } from './clock-sample.ts';
import { boundsIn, NO_SKEW, type OwnTime, recentIntervals, type SkewEstimate, wallJump } from './skew-estimate.ts';
import {
  boundsAfter,
  intersection,
  intervalOf,
  middle,
  overlaps,
  rangeOf,
  type SkewInterval,
  type SkewRange,
} from './skew-interval.ts';

const MOST_INTERVALS = 64;
/** If so many trusted ones have come within a minute, the next one is not taken before `APART_MS` have passed. */
const BUSY_MS = 60_000;
const APART_MS = 100;

/** A date this far behind the last one is not used: it comes from a cache or another machine, or arrived late. */
const MOST_BEHIND_MS = 2000;

/**
 * A first sample this far from what was expected needs others that agree: one wrong date must not wake anybody. If the
 * own clock really is minutes wrong, the correction is missing until the third answer: seconds in most fleets, one
 * stats interval with a single environment. No alert is that quick. The beginning of history does not wait for it: that
 * uses a single answer.
 */
const MOST_UNEXPECTED_MS = 60_000;

/** This many contradicting samples in a row that agree are a step of the API's clock. */
const STEP_SAMPLES = 3;

/**
 * Whether one more sample would say hardly anything: a busy connection has a hundred answers a second. After one that is
 * not trusted, and after the own clock was set, the next is taken whenever it comes.
 */
export function isWellSampled({ intervals, wallAtZero }: SkewEstimate, now: OwnTime): boolean {
  if (intervals.length < MOST_INTERVALS || (wallAtZero !== null && wallJump(wallAtZero, now) !== 0)) return false;
  return now.monotonic - intervals[0]!.at < BUSY_MS && now.monotonic - intervals.at(-1)!.at < APART_MS;
}

/** The estimate after one more sample, which is left out if anything about it is doubtful. */
export function withClockSample(estimate: SkewEstimate, sample: ClockSample, now: OwnTime): SkewEstimate {
  const known = afterWallJump(estimate, now);
  const { date, sentAt, headersAt } = sample;
  const slow = headersAt < sentAt || headersAt - sentAt >= SLOWEST_SAMPLE_MS;
  if (slow) return known;
  const interval = intervalOf(sample, { at: now.monotonic, order: known.seen });
  const seen: SkewEstimate = {
    ...known,
    intervals: recentIntervals(known.intervals, now),
    contradicting: recentIntervals(known.contradicting, now),
    seen: known.seen + 1,
  };
  const before = boundsIn(seen, now.monotonic);
  const range = rangeOf(before, now.monotonic);
  if (isPlausible(seen, { range, interval, now })) {
    if (date < seen.lastDate - MOST_BEHIND_MS) return seen;
    const removed = seen.intervals.at(-MOST_INTERVALS);
    const intervals = withLatest(seen.intervals, interval);
    const after = boundsAfter(before, { removed, intervals }, now.monotonic);
    const { contradicting } = seen;
    const bounds = { of: intervals, are: after };
    const lastDate = Math.max(seen.lastDate, date);
    return withTrusted(seen, rangeOf(after, now.monotonic), { intervals, bounds, contradicting, lastDate });
  }
  const doubted = { ...seen, contradicting: [...seen.contradicting, interval].slice(-MOST_INTERVALS) };
  if (!isStep(doubted, now)) return doubted;
  const intervals = doubted.contradicting.slice(-STEP_SAMPLES);
  const stepped = intersection(intervals, now.monotonic);
  return withTrusted(doubted, stepped, { intervals, bounds: null, contradicting: [], lastDate: date });
}

/** After a jump of the own clock the skew has changed by the jump, if the clock was set, or not at all, if the machine slept. */
function isPlausible(
  known: SkewEstimate,
  { range, interval, now }: { readonly range: SkewRange; readonly interval: SkewInterval; readonly now: OwnTime },
): boolean {
  const { intervals, correctionMs, jumpedMs } = known;
  if (intervals.length > 0) return overlaps(range, interval, now.monotonic);
  const expected = [correctionMs, correctionMs - jumpedMs];
  return expected.some((skew) => Math.abs(middle(interval) - skew) <= MOST_UNEXPECTED_MS);
}

/**
 * Whether the last samples, none of them trusted, prove that the clock has moved. A machine that also answered earlier,
 * between the trusted samples, has to outnumber them: a few answers in a row from it may be chance.
 */
function isStep({ intervals, contradicting }: SkewEstimate, { monotonic }: OwnTime): boolean {
  const last = contradicting.slice(-STEP_SAMPLES);
  const [first] = last;
  const inARow = last.length === STEP_SAMPLES && first!.order > (intervals.at(-1)?.order ?? -1);
  if (!inARow || intersection(last, monotonic) === null) return false;
  const alike = contradicting.filter((interval) => intersection([...last, interval], monotonic) !== null);
  return alike.length > intervals.filter(({ order }) => order > alike[0]!.order).length;
}

/** The latest `MOST_INTERVALS`. A loop, because `slice` and a spread would copy the array twice for each answer. */
function withLatest(intervals: readonly SkewInterval[], latest: SkewInterval): readonly SkewInterval[] {
  const length = Math.min(intervals.length + 1, MOST_INTERVALS);
  const kept = new Array<SkewInterval>(length);
  for (let from = intervals.length + 1 - length, to = 0; to < length - 1; ) kept[to++] = intervals[from++]!;
  kept[length - 1] = latest;
  return kept;
}

/** The estimate with these samples instead; its correction is 0 as long as the clocks may agree. */
function withTrusted(
  estimate: SkewEstimate,
  range: SkewRange,
  samples: Pick<SkewEstimate, 'intervals' | 'bounds' | 'contradicting' | 'lastDate'>,
): SkewEstimate {
  const { intervals, bounds, contradicting, lastDate } = samples;
  if (range === null) return { ...estimate, intervals, bounds, contradicting, lastDate };
  const correctionMs = range.low <= 0 && range.high >= 0 ? 0 : middle(range);
  return { ...estimate, intervals, bounds, contradicting, lastDate, correctionMs, jumpedMs: 0 };
}

/** After the own clock was set, the earlier measurements are worthless. */
function afterWallJump(estimate: SkewEstimate, now: OwnTime): SkewEstimate {
  const wallAtZero = now.wall - now.monotonic;
  const jump = estimate.wallAtZero === null ? 0 : wallJump(estimate.wallAtZero, now);
  if (jump === 0) return { ...estimate, wallAtZero };
  const { lastDate } = NO_SKEW;
  const jumpedMs = estimate.jumpedMs + jump;
  return { ...estimate, wallAtZero, intervals: [], contradicting: [], lastDate, jumpedMs };
}
