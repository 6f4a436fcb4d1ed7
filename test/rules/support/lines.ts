/** Samples are half a minute apart, as far as evaluations are. */
export const STEP_MINUTES = 0.5;

/** A series over time: a constant, or a function of the minute; null is a scrape without the series. */
export type Line = number | null | ((minute: number) => number | null);

/** Minutes in which nothing is scraped at all. */
export type Gap = readonly [from: number, to: number];

export function valueAt(line: Line, minute: number): number | null {
  return typeof line === 'function' ? line(minute) : line;
}

/** `before` up to `minute`, `after` from it on. */
export function step(minute: number, before: Line, after: Line): Line {
  return (now) => valueAt(now < minute ? before : after, now);
}

/** `inside` between two minutes, `outside` otherwise. */
export function during(from: number, to: number, [outside, inside]: readonly [Line, Line]): Line {
  return (now) => valueAt(now >= from && now < to ? inside : outside, now);
}

/** The age in seconds of something that began at `minute`; 0 before. */
export function ageFrom(minute: number): Line {
  return (now) => Math.max(0, now - minute) * 60;
}

/** Unix time at the scrape, as a promtool test starts at the epoch. */
export const now: Line = (minute) => minute * 60;

interface Rendering {
  readonly end: number;
  /** Minutes between two samples of the file. */
  readonly step?: number | undefined;
  /** Minutes between two scrapes, where there are fewer of them. */
  readonly scrape?: number | undefined;
  readonly restart?: Gap | undefined;
}

/**
 * promtool's notation of a line up to and with minute `end`. A series that ends gets a staleness marker, as Prometheus
 * writes one after a failed scrape; inside `restart` nobody scrapes, so there is neither sample nor marker.
 */
export function renderLine(
  line: Line,
  { end, step: every = STEP_MINUTES, scrape = every, restart }: Rendering,
): string {
  const values: string[] = [];
  let present = false;
  for (let minute = 0; minute <= end; minute += every) {
    const lost = minute % scrape !== 0 || (restart !== undefined && minute >= restart[0] && minute < restart[1]);
    const value = lost ? null : valueAt(line, minute);
    values.push(value === null ? (present && !lost ? 'stale' : '_') : numberText(value));
    if (!lost) present = value !== null;
  }
  return compress(values);
}

function numberText(value: number): string {
  if (value === Infinity) return 'Inf';
  return String(value);
}

/** `5 5 5` as `5+0x2`, `_ _ _` as `_x3`; rising lines as `0+30x9`. */
function compress(values: readonly string[]): string {
  const parts: string[] = [];
  for (let index = 0; index < values.length; ) {
    const first = values[index]!;
    const slope = /^-?[\d.]+$/.test(first) && /^-?[\d.]+$/.test(values[index + 1] ?? '') ? slopeOf(values, index) : 0;
    const run = runLength(values, index, slope);
    if (first === '_') parts.push(`_x${run}`);
    else if (run === 1) parts.push(first);
    else parts.push(`${first}${slope < 0 ? '-' : '+'}${Math.abs(slope)}x${run - 1}`);
    index += run;
  }
  return parts.join(' ');
}

function slopeOf(values: readonly string[], index: number): number {
  const slope = Number(values[index + 1]) - Number(values[index]);
  return Number.isInteger(slope) ? slope : 0;
}

function runLength(values: readonly string[], start: number, slope: number): number {
  const first = values[start]!;
  const base = Number(first);
  const rising = slope !== 0 && Number.isInteger(base);
  let length = 1;
  while (start + length < values.length) {
    const value = values[start + length]!;
    const fits = rising ? Number(value) === base + slope * length : value === first && first !== 'stale';
    if (!fits) break;
    length += 1;
  }
  return length;
}
