/** Milliseconds of each unit, from large to small. A year has 365 days, as in Prometheus. */
const UNIT_MS = { y: 31_536_000_000, w: 604_800_000, d: 86_400_000, h: 3_600_000, m: 60_000, s: 1000, ms: 1 } as const;
type Unit = keyof typeof UNIT_MS;

/** Durations as Prometheus writes them: units from large to small, each at most once, no fractions or signs. */
export const DURATION_PATTERN =
  '(?=[0-9])(?:[0-9]+y)?(?:[0-9]+w)?(?:[0-9]+d)?(?:[0-9]+h)?(?:[0-9]+m(?!s))?(?:[0-9]+s)?(?:[0-9]+ms)?';
const WHOLE = new RegExp(`^${DURATION_PATTERN}$`);

/** Milliseconds of `1m30s`; null when the text is not a duration. */
export function parseDuration(text: string): number | null {
  if (!WHOLE.test(text)) return null;
  const parts = [...text.matchAll(/([0-9]+)(ms|[ywdhms])/g)];
  const total = parts.reduce((sum, [, amount, unit]) => sum + Number(amount) * UNIT_MS[unit as Unit], 0);
  return Number.isSafeInteger(total) ? total : null;
}

/** The shortest way to write whole milliseconds; `Infinity` is `never`. */
export function formatDuration(ms: number): string {
  if (ms === Number.POSITIVE_INFINITY) return 'never';
  let [rest, text] = [ms, ''];
  for (const [unit, size] of Object.entries(UNIT_MS)) {
    if (rest >= size) text += `${Math.floor(rest / size)}${unit}`;
    rest %= size;
  }
  return text === '' ? '0s' : text;
}
