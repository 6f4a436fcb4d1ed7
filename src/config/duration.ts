const MS = {
  y: 365 * 86_400_000,
  w: 7 * 86_400_000,
  d: 86_400_000,
  h: 3_600_000,
  m: 60_000,
  s: 1000,
  ms: 1,
} as const;
type Unit = keyof typeof MS;
const UNITS = Object.keys(MS) as Unit[];

/** Durations as Prometheus writes them: units from large to small, each at most once, no fractions or signs. */
export const DURATION_PATTERN =
  '(?=[0-9])(?:[0-9]+y)?(?:[0-9]+w)?(?:[0-9]+d)?(?:[0-9]+h)?(?:[0-9]+m(?!s))?(?:[0-9]+s)?(?:[0-9]+ms)?';
const WHOLE = new RegExp(`^${DURATION_PATTERN}$`);
const PART = /([0-9]+)(ms|[ywdhms])/g;

/** Milliseconds of `1m30s`; null when the text is not a duration. A year has 365 days, as in Prometheus. */
export function parseDuration(text: string): number | null {
  if (!WHOLE.test(text)) return null;
  let total = 0;
  for (const [, amount, unit] of text.matchAll(PART)) total += Number(amount) * MS[unit as Unit];
  return Number.isSafeInteger(total) ? total : null;
}

/** The shortest way to write whole milliseconds; `Infinity` is `never`. */
export function formatDuration(ms: number): string {
  if (ms === Number.POSITIVE_INFINITY) return 'never';
  if (ms === 0) return '0s';
  let rest = ms;
  let text = '';
  for (const unit of UNITS) {
    const amount = Math.floor(rest / MS[unit]);
    if (amount > 0) text += `${amount}${unit}`;
    rest -= amount * MS[unit];
  }
  return text;
}

/**
 * A pattern of durations below `ms` that are written in one unit, such as `4s` and `0m` below five seconds: what a JSON
 * Schema, which cannot add, knows to be too short.
 */
export function shorterPattern(ms: number): string {
  return `^(?:${UNITS.map((unit) => `${numbersBelow(Math.ceil(ms / MS[unit]))}${unit}`).join('|')})$`;
}

/**
 * A pattern of durations of which one part alone is longer than `ms`, such as `11m` and `1h30m` above ten minutes: what
 * a JSON Schema knows to be too long.
 */
export function longerPattern(ms: number): string {
  const parts = UNITS.map((unit) => `${numbersAbove(Math.floor(ms / MS[unit]))}${unit}`);
  return `^(?:.*[a-z])?0*(?:${parts.join('|')})(?:[0-9].*)?$`;
}

/** A pattern of the whole numbers above `limit`: those with more digits, and those greater in one digit. */
function numbersAbove(limit: number): string {
  const digits = [...String(limit)].map(Number);
  const greater = digits.flatMap((digit, at) =>
    digit === 9 ? [] : `${digits.slice(0, at).join('')}[${digit + 1}-9][0-9]{${digits.length - 1 - at}}`,
  );
  return `(?:${[`[1-9][0-9]{${digits.length},}`, ...greater].join('|')})`.replaceAll('[0-9]{0}', '');
}

/** A pattern of the whole numbers from 0 to below `limit`: those with fewer digits, and those less in one digit. */
function numbersBelow(limit: number): string {
  const digits = [...String(limit)].map(Number);
  const less = digits.flatMap((digit, at) => {
    // Numbers that begin with 0 have fewer digits.
    const least = at === 0 && digits.length > 1 ? 1 : 0;
    if (digit <= least) return [];
    return `${digits.slice(0, at).join('')}[${least}-${digit - 1}][0-9]{${digits.length - 1 - at}}`;
  });
  const fewer = digits.length > 1 ? [`[0-9]{1,${digits.length - 1}}`] : [];
  const all = [...fewer, ...less].join('|').replaceAll('[0-9]{0}', '').replaceAll('[0-0]', '0');
  return `0*(?:${all})`;
}
