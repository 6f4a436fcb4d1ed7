const MS: Readonly<Record<string, number>> = {
  ns: 1e-6,
  us: 1e-3,
  µs: 1e-3,
  μs: 1e-3,
  ms: 1,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
};
const PART = '(\\d+\\.?\\d*|\\.\\d+)(ns|us|µs|μs|ms|s|m|h)';
const WHOLE = new RegExp(`^\\+?(?:${PART})+$`);

/**
 * Milliseconds of a duration in Go's notation: `1.5h`, `1m30s`, `0`; a bare number counts nanoseconds. Null: not one.
 */
export function parseGoDuration(written: string | number): number | null {
  if (typeof written === 'number') return Number.isSafeInteger(written) && written >= 0 ? written * MS.ns! : null;
  if (/^\+?0$/.test(written)) return 0;
  if (written.length > 64 || !WHOLE.test(written)) return null;
  let total = 0;
  for (const [, amount, unit] of written.matchAll(new RegExp(PART, 'g'))) total += Number(amount) * MS[unit!]!;
  return Number.isFinite(total) ? total : null;
}
