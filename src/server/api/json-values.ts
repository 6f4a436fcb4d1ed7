import type { EpochMs } from '../../base/clock.ts';

/** The last instant that a Date can hold, ms. */
const LAST_INSTANT = 8.64e15;

/** RFC 3339 in ms, UTC; null when unknown or not an instant. */
export function jsonTime(at: EpochMs | null): string | null {
  if (at === null || !(Math.abs(at) <= LAST_INSTANT)) return null;
  return new Date(at).toISOString();
}

/** Decimals of a number: to a microsecond. What is beyond comes from the arithmetic, not from what was measured. */
const DECIMALS = 6;

/** JSON has no infinity; NaN means unknown. */
export function jsonNumber(value: number | null): number | '+Inf' | null {
  if (value === null || Number.isNaN(value)) return null;
  if (Number.isFinite(value)) return Number(value.toFixed(DECIMALS));
  return value > 0 ? '+Inf' : null;
}

/** Milliseconds as seconds to the millisecond, never negative. */
export function jsonDuration(milliseconds: number): number | '+Inf' | null {
  return jsonNumber(Math.round(Math.max(0, milliseconds)) / 1000);
}
