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
