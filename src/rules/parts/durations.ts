const UNIT_MS = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;

/** One number and one unit, as PromQL writes durations. */
export type Duration = `${number}${keyof typeof UNIT_MS}`;

/** How much longer a range is than the window that it stands for: see `rangeText`. */
const MARGIN: Duration = '5s';

/** @throws TypeError if it is not one whole number and one unit */
export function durationMs(duration: Duration): number {
  const [, count, unit] = /^(\d+)(ms|s|m|h|d)$/.exec(duration) ?? [];
  if (count === undefined) throw new TypeError(`${duration} is not one number and one unit`);
  return Number(count) * UNIT_MS[unit as keyof typeof UNIT_MS];
}

/**
 * The duration times `scale`; unchanged for 1, including its unit, so that generated rules read as people write them.
 */
export function scaleDuration(duration: Duration, scale: number): Duration {
  if (scale === 1) return duration;
  return `${Math.max(1, Math.round(durationMs(duration) * scale))}ms`;
}

/**
 * The window of a range selector. Prometheus 2 and 3 differ on whether a sample at the very edge counts, and scrapes,
 * evaluations and windows are all multiples of 30 s. With five seconds more, no sample lies at the edge.
 */
export function rangeText(window: Duration, scale: number): string {
  const ms = durationMs(window) + durationMs(MARGIN);
  // PromQL does not take a unit twice, as in `30s5s`.
  if (window.endsWith('s') && !window.endsWith('ms') && scale === 1) return `${ms / 1000}s`;
  if (scale === 1) return `${window}${MARGIN}`;
  return scaleDuration(`${ms}ms`, scale);
}
