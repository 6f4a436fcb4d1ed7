import type { EpochMs } from '../base/clock.ts';
import type { ClockSample } from './work-api.ts';

/** Own time, both ways. */
export interface OwnTime {
  readonly wall: EpochMs;
  /** Milliseconds from an arbitrary start. */
  readonly monotonic: number;
}

/** API clock − own clock lay between these when the sample was taken, milliseconds. */
interface SkewInterval {
  readonly low: number;
  readonly high: number;
  /** Monotonic. */
  readonly at: number;
}

/** What the samples of one connection say of its API's clock: algorithms.md, 4. An immutable value. */
export interface SkewEstimate {
  readonly intervals: readonly SkewInterval[];
  /** The last samples in a row that contradict the others. */
  readonly contradicting: readonly SkewInterval[];
  readonly recentRequestIds: readonly string[];
  readonly lastDate: EpochMs;
  /** Wall − monotonic when the last sample came; a change means that somebody set the own clock. */
  readonly wallAtZero: number | null;
  /** Stays in use when all samples are too old. */
  readonly correctionMs: number;
}

const MOST_INTERVALS = 64;
const OLDEST_MS = 600_000;
/** Two ordinary quartz clocks drift apart by less than this share of the time. */
const DRIFT = 100e-6;
/** `Date` is cut to whole seconds. */
const DATE_RESOLUTION_MS = 1000;
const SLOWEST_MS = 5000;
/** A date that lies further behind the last one comes from a cache or another machine. */
const MOST_BEHIND_MS = 2000;
const WALL_JUMP_MS = 500;
/** So many contradicting samples in a row that agree are a step of the API's clock. */
const STEP_SAMPLES = 3;
const REMEMBERED_IDS = 128;

export const NO_SKEW: SkewEstimate = {
  intervals: [],
  contradicting: [],
  recentRequestIds: [],
  lastDate: Number.NEGATIVE_INFINITY,
  wallAtZero: null,
  correctionMs: 0,
};

/** Takes in one sample, or leaves it out when something about it is doubtful. */
export function withClockSample(estimate: SkewEstimate, sample: ClockSample, now: OwnTime): SkewEstimate {
  const known = afterWallJump(estimate, now);
  const { date, sentAt, headersAt, requestId } = sample;
  const repeated = requestId !== null && known.recentRequestIds.includes(requestId);
  const slow = headersAt < sentAt || headersAt - sentAt >= SLOWEST_MS;
  if (repeated || slow || date < known.lastDate - MOST_BEHIND_MS) return known;
  const heard: SkewEstimate = {
    ...known,
    lastDate: date,
    recentRequestIds:
      requestId === null ? known.recentRequestIds : [...known.recentRequestIds, requestId].slice(-REMEMBERED_IDS),
  };
  const interval = { low: date - headersAt, high: date + DATE_RESOLUTION_MS - sentAt, at: now.monotonic };
  const recent = heard.intervals.filter(({ at }) => now.monotonic - at <= OLDEST_MS);
  if (intersection([...recent, interval], now.monotonic) !== null) {
    return corrected({ ...heard, intervals: [...recent, interval].slice(-MOST_INTERVALS), contradicting: [] }, now);
  }
  const contradicting = [...heard.contradicting, interval].slice(-STEP_SAMPLES);
  const isStep = contradicting.length === STEP_SAMPLES && intersection(contradicting, now.monotonic) !== null;
  if (!isStep) return { ...heard, intervals: recent, contradicting };
  return corrected({ ...heard, intervals: contradicting, contradicting: [] }, now);
}

/** API clock − own clock, milliseconds: the middle of what is possible; null when no sample of the last 10 min says. */
export function measuredSkewMs(estimate: SkewEstimate, now: OwnTime): number | null {
  const { intervals, wallAtZero } = estimate;
  if (wallAtZero !== null && hasJumped(wallAtZero, now)) return null;
  const recent = intervals.filter(({ at }) => now.monotonic - at <= OLDEST_MS);
  const range = intersection(recent, now.monotonic);
  return range === null ? null : (range.low + range.high) / 2;
}

/** A known estimate with its correction brought up to date: 0 as long as the clocks may well agree. */
function corrected(estimate: SkewEstimate, now: OwnTime): SkewEstimate {
  const range = intersection(estimate.intervals, now.monotonic);
  if (range === null) return estimate;
  const agree = range.low <= 0 && range.high >= 0;
  return { ...estimate, correctionMs: agree ? 0 : (range.low + range.high) / 2 };
}

/** What was measured against a clock that somebody has set since is worth nothing. */
function afterWallJump(estimate: SkewEstimate, now: OwnTime): SkewEstimate {
  const wallAtZero = now.wall - now.monotonic;
  if (estimate.wallAtZero === null || !hasJumped(estimate.wallAtZero, now)) return { ...estimate, wallAtZero };
  return { ...estimate, wallAtZero, intervals: [], contradicting: [] };
}

function hasJumped(wallAtZero: number, now: OwnTime): boolean {
  return Math.abs(now.wall - now.monotonic - wallAtZero) > WALL_JUMP_MS;
}

/** Where all intervals, each widened by its age, overlap; null when nowhere, or without any. */
function intersection(intervals: readonly SkewInterval[], now: number) {
  let low = Number.NEGATIVE_INFINITY;
  let high = Number.POSITIVE_INFINITY;
  for (const interval of intervals) {
    const drift = DRIFT * Math.max(0, now - interval.at);
    low = Math.max(low, interval.low - drift);
    high = Math.min(high, interval.high + drift);
  }
  return intervals.length === 0 || low > high ? null : { low, high };
}
