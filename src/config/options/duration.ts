/** Milliseconds of each unit, from large to small. */
export const UNIT_MS = {
  y: 365 * 86_400_000,
  w: 7 * 86_400_000,
  d: 86_400_000,
  h: 3_600_000,
  m: 60_000,
  s: 1000,
  ms: 1,
} as const;
type Unit = keyof typeof UNIT_MS;
const UNITS = Object.keys(UNIT_MS) as Unit[];

/** Durations as Prometheus writes them: units from large to small, each at most once, no fractions or signs. */
export const DURATION_PATTERN =
  '(?=[0-9])(?:[0-9]+y)?(?:[0-9]+w)?(?:[0-9]+d)?(?:[0-9]+h)?(?:[0-9]+m(?!s))?(?:[0-9]+s)?(?:[0-9]+ms)?';
const WHOLE = new RegExp(`^${DURATION_PATTERN}$`);
const PART = /([0-9]+)(ms|[ywdhms])/g;

/** Milliseconds of `1m30s`; null when the text is not a duration. A year has 365 days, as in Prometheus. */
export function parseDuration(text: string): number | null {
  if (!WHOLE.test(text)) return null;
  let total = 0;
  for (const [, amount, unit] of text.matchAll(PART)) total += Number(amount) * UNIT_MS[unit as Unit];
  return Number.isSafeInteger(total) ? total : null;
}

const LOOSE_PART = /(\d+(?:\.\d+)?)\s*([a-z]+)\s*/g;

/** How people write units. A month is not one: it has no length. */
const LOOSE_UNITS: readonly (readonly [RegExp, Unit])[] = [
  [/^(?:ms|msecs?|milli(?:s|seconds?))$/, 'ms'],
  [/^(?:s|secs?|seconds?)$/, 's'],
  [/^(?:m|mins?|minutes?)$/, 'm'],
  [/^(?:h|hrs?|hours?)$/, 'h'],
  [/^(?:d|days?)$/, 'd'],
  [/^(?:w|weeks?)$/, 'w'],
];

/** Milliseconds of what people write instead, such as `15 s`, `15sec`, `1.5m` or `PT15S`; null: it is no duration. */
export function looseDuration(text: string): number | null {
  const plain = text
    .slice(0, 64)
    .trim()
    .toLowerCase()
    .replace(/^pt(?=\d)/, '');
  if (plain === '' || plain.replaceAll(LOOSE_PART, '') !== '') return null;
  const amounts = [...plain.matchAll(LOOSE_PART)].map(([, amount, word]) => {
    const unit = LOOSE_UNITS.find(([pattern]) => pattern.test(word!))?.[1];
    return unit === undefined ? Number.NaN : Number(amount) * UNIT_MS[unit];
  });
  const total = amounts.reduce((sum, amount) => sum + amount, 0);
  return Number.isSafeInteger(total) ? total : null;
}

/** The shortest way to write whole milliseconds; `Infinity` is `never`. */
export function formatDuration(ms: number): string {
  if (ms === Number.POSITIVE_INFINITY) return 'never';
  if (ms === 0) return '0s';
  let rest = ms;
  let text = '';
  for (const unit of UNITS) {
    const amount = Math.floor(rest / UNIT_MS[unit]);
    if (amount > 0) text += `${amount}${unit}`;
    rest -= amount * UNIT_MS[unit];
  }
  return text;
}
