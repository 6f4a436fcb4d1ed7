import type { EpochMs } from '../../base/clock.ts';
import { type Bounds, boundsOf, middle, rangeOf, type SkewInterval } from './skew-interval.ts';

/** The own time, on both clocks. */
export interface OwnTime {
  readonly wall: EpochMs;
  /** Milliseconds from an arbitrary start. */
  readonly monotonic: number;
}

/**
 * What the samples of one connection say about its API's clock: docs/design/clock-skew.md#the-estimate. An immutable
 * value.
 */
export interface SkewEstimate {
  /** The trusted samples: all of them overlap. */
  readonly intervals: readonly SkewInterval[];
  /** The bounds `are` of the intervals `of`, kept because each answer needs them; null if they are not computed yet. */
  readonly bounds: { readonly of: readonly SkewInterval[]; readonly are: Bounds | null } | null;
  /** The samples that are not trusted: one bad machine among good ones, or the beginning of a step. */
  readonly contradicting: readonly SkewInterval[];
  /** How many samples were taken into account, trusted or not. */
  readonly seen: number;
  /** The latest date of the trusted samples: a wrong date far ahead must not make all right ones look old. */
  readonly lastDate: EpochMs;
  /** Wall − monotonic at the last sample; a change means that the own clock was set, or that the machine slept. */
  readonly wallAtZero: number | null;
  /** What to add to own time, milliseconds. Stays in use when all samples are too old. */
  readonly correctionMs: number;
  /** How far the own wall clock has jumped since the last trusted sample. */
  readonly jumpedMs: number;
}

const OLDEST_MS = 600_000;
const WALL_JUMP_MS = 500;

/** Before the first sample. */
export const NO_SKEW: SkewEstimate = {
  intervals: [],
  bounds: null,
  contradicting: [],
  seen: 0,
  lastDate: Number.NEGATIVE_INFINITY,
  wallAtZero: null,
  correctionMs: 0,
  jumpedMs: 0,
};

/** API clock − own clock, milliseconds: the middle of what is possible; null without a sample from the last 10 min. */
export function measuredSkewMs(estimate: SkewEstimate, now: OwnTime): number | null {
  const { wallAtZero, bounds } = estimate;
  if (wallAtZero !== null && wallJump(wallAtZero, now) !== 0) return null;
  const range = rangeOf(
    boundsIn({ intervals: recentIntervals(estimate.intervals, now), bounds }, now.monotonic),
    now.monotonic,
  );
  return range === null ? null : middle(range);
}

/**
 * The measured skew or, without one, the skew that the last answer alone suggests, milliseconds. Good enough to show to a
 * person, too uncertain to correct by.
 */
export function likelySkewMs(estimate: SkewEstimate, now: OwnTime): number | null {
  const last = estimate.contradicting.at(-1);
  return measuredSkewMs(estimate, now) ?? (last === undefined ? null : middle(last));
}

/** The bounds of the trusted samples. `now` is monotonic. */
export function boundsIn(
  { intervals, bounds }: Pick<SkewEstimate, 'intervals' | 'bounds'>,
  now: number,
): Bounds | null {
  return bounds?.of === intervals ? bounds.are : boundsOf(intervals, now);
}

/** How far the own wall clock jumped against the monotonic one, ms; 0 for a mere correction by NTP. */
export function wallJump(wallAtZero: number, now: OwnTime): number {
  const jump = now.wall - now.monotonic - wallAtZero;
  return Math.abs(jump) > WALL_JUMP_MS ? jump : 0;
}

/** The intervals from the last ten minutes. */
export function recentIntervals(intervals: readonly SkewInterval[], { monotonic }: OwnTime): readonly SkewInterval[] {
  // They are in the order of their time: as long as the first is young, all are.
  if (intervals.length === 0 || monotonic - intervals[0]!.at <= OLDEST_MS) return intervals;
  return intervals.filter(({ at }) => monotonic - at <= OLDEST_MS);
}
