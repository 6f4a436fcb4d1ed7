import type { EpochMs } from '../base/clock.ts';

const ZERO = 48;
const DASH = 45;
const PLUS = 43;
const COLON = 58;
const DOT = 46;

/** Microseconds per digit position after the decimal point. */
const FRACTION_MICROS = [100_000, 10_000, 1000, 100, 10, 1] as const;

/**
 * The instant of an RFC 3339 timestamp, or null when the text is not one.
 *
 * Takes any offset and any number of digits of a second. Microseconds are kept as a fraction of a millisecond; finer
 * digits are dropped, because a double of today's size cannot hold them. Parsed by position: `Date.parse` drops
 * everything below a millisecond and accepts far more than RFC 3339. A leap second counts as the second after it.
 */
export function parseTimestamp(text: string): EpochMs | null {
  const year = twoDigits(text, 0) * 100 + twoDigits(text, 2);
  const month = twoDigits(text, 5);
  const day = twoDigits(text, 8);
  const hour = twoDigits(text, 11);
  const minute = twoDigits(text, 14);
  const second = twoDigits(text, 17);
  const inRange = year >= 0 && month >= 1 && month <= 12 && day >= 1 && hour >= 0 && hour <= 23;
  if (!inRange || !(minute >= 0 && minute <= 59 && second >= 0 && second <= 60)) return null;
  if (text.charCodeAt(4) !== DASH || text.charCodeAt(7) !== DASH || day > daysIn(year, month)) return null;
  if (text.charCodeAt(13) !== COLON || text.charCodeAt(16) !== COLON || !isDateTimeSeparator(text[10])) return null;

  let at = 19;
  let micros = 0;
  if (text.charCodeAt(at) === DOT) {
    const start = ++at;
    for (; at < text.length; at++) {
      const digit = text.charCodeAt(at) - ZERO;
      if (!(digit >= 0 && digit <= 9)) break;
      if (at - start < FRACTION_MICROS.length) micros += digit * FRACTION_MICROS[at - start]!;
    }
    if (at === start) return null;
  }
  const offsetMinutes = offset(text, at);
  if (offsetMinutes === null) return null;
  const seconds = (daysSinceEpoch(year, month, day) * 1440 + hour * 60 + minute - offsetMinutes) * 60 + second;
  // Rounded once, where a double holds the microseconds exactly (the years 1685 to 2255), so that equal instants
  // compare equal.
  const exact = seconds * 1_000_000 + micros;
  return Number.isSafeInteger(exact) ? exact / 1000 : seconds * 1000 + micros / 1000;
}

/**
 * RFC 3339 in UTC with a fixed number of digits of a second, 0 to 9; finer digits are rounded.
 *
 * @throws RangeError when `ms` is not a finite time between the years 0 and 9999
 */
export function formatTimestamp(ms: EpochMs, fractionDigits = 6): string {
  const digits = Math.min(fractionDigits, 6);
  const unit = 10 ** digits;
  // In two parts: an epoch in whole microseconds fits a double exactly, but not after a multiplication that rounds.
  const wholeSeconds = Math.floor(ms / 1000);
  const fraction = Math.round(((ms - wholeSeconds * 1000) / 1000) * unit);
  const carried = fraction === unit;
  const text = new Date((wholeSeconds + (carried ? 1 : 0)) * 1000).toISOString();
  if (text.length !== 24) throw new RangeError(`${ms} ms is outside the years 0 to 9999`);
  const base = text.slice(0, 19);
  if (fractionDigits === 0) return `${base}Z`;
  return `${base}.${String(carried ? 0 : fraction)
    .padStart(digits, '0')
    .padEnd(fractionDigits, '0')}Z`;
}

/** NaN when either character is not a digit, so that every comparison with it fails. */
function twoDigits(text: string, at: number): number {
  const tens = text.charCodeAt(at) - ZERO;
  const ones = text.charCodeAt(at + 1) - ZERO;
  return tens >= 0 && tens <= 9 && ones >= 0 && ones <= 9 ? tens * 10 + ones : Number.NaN;
}

function isDateTimeSeparator(char: string | undefined): boolean {
  return char === 'T' || char === 't' || char === ' ';
}

/** The offset that ends the text at `at`, in minutes east of UTC; null when there is none or something follows it. */
function offset(text: string, at: number): number | null {
  const sign = text.charCodeAt(at);
  if (text[at] === 'Z' || text[at] === 'z') return text.length === at + 1 ? 0 : null;
  if ((sign !== PLUS && sign !== DASH) || text.length !== at + 6 || text.charCodeAt(at + 3) !== COLON) return null;
  const hours = twoDigits(text, at + 1);
  const minutes = twoDigits(text, at + 4);
  if (!(hours <= 23 && minutes <= 59)) return null;
  return (hours * 60 + minutes) * (sign === DASH ? -1 : 1);
}

function daysIn(year: number, month: number): number {
  if (month === 2) return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0) ? 29 : 28;
  return month === 4 || month === 6 || month === 9 || month === 11 ? 30 : 31;
}

/** Days from 1970-01-01 in the proleptic Gregorian calendar; years start in March, so that the leap day comes last. */
function daysSinceEpoch(year: number, month: number, day: number): number {
  const shifted = month <= 2 ? year - 1 : year;
  const era = Math.floor(shifted / 400);
  const yearOfEra = shifted - era * 400;
  const dayOfYear = Math.floor((153 * (month + (month > 2 ? -3 : 9)) + 2) / 5) + day - 1;
  const dayOfEra = yearOfEra * 365 + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100) + dayOfYear;
  return era * 146_097 + dayOfEra - 719_468;
}
