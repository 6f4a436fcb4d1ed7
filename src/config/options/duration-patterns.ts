import { UNIT_MS } from './duration.ts';

const UNITS: readonly Unit[] = Object.entries(UNIT_MS);
/** Up to this many amounts of a unit are told apart: a minute of seconds would make a pattern of several KiB. */
const MOST_AMOUNTS = 16;

type Unit = readonly [name: string, ms: number];

/**
 * A pattern of the durations below `ms`, such as `4s`, `0m` and `4s500ms` below five seconds: what a JSON Schema, which
 * cannot add, rejects as too short.
 */
export function shorterPattern(ms: number): string {
  return `^${sumBelow(ms, UNITS)}$`;
}

/**
 * A pattern of durations above `ms`, such as `11m`, `10m1s` and `1h30m` above ten minutes: what a JSON Schema rejects
 * as too long. It has all that are written as a clock counts, and only the program adds up the rest: `8m59s62000ms`.
 */
export function longerPattern(ms: number): string {
  return `^${sumAbove(ms, UNITS)}$`;
}

/** Amounts of these units, each of which may be missing, that add up to less than `limit`, which is above 0. */
function sumBelow(limit: number, [unit, ...smaller]: readonly Unit[]): string {
  if (unit === undefined) return '';
  const [name, ms] = unit;
  const most = Math.ceil(limit / ms);
  if (smaller.length === 0) return `(?:0*(?:${numbersBelow(most)})${name})?`;
  const sums = Array.from({ length: most }, (_, n) => exactly(n, name) + sumBelow(limit - n * ms, smaller));
  return either(sums);
}

/** The same, of at least 0, that add up to more. */
function sumAbove(limit: number, [unit, ...smaller]: readonly Unit[]): string {
  const [name, ms] = unit!;
  const most = Math.floor(limit / ms);
  const sums = [`0*${numbersAbove(most)}${name}(?:[0-9].*)?`];
  if (smaller.length === 0) return either(sums);
  const first = most > MOST_AMOUNTS ? most : 0;
  // Whatever there is of this unit, the smaller ones alone are too long.
  if (first > 0) sums.push(`(?:[0-9]+${name})?${sumAbove(limit, smaller)}`);
  for (let n = first; n <= most; n++) sums.push(exactly(n, name) + sumAbove(limit - n * ms, smaller));
  return either(sums);
}

/** So many of a unit; none may be left out. */
function exactly(amount: number, unit: string): string {
  return amount === 0 ? `(?:0+${unit})?` : `0*${amount}${unit}`;
}

function either(patterns: readonly string[]): string {
  return patterns.length === 1 ? patterns[0]! : `(?:${patterns.join('|')})`;
}

/** The whole numbers above `limit`: those with more digits, and those greater in one digit. */
function numbersAbove(limit: number): string {
  const digits = [...String(limit)].map(Number);
  const greater = digits.flatMap((digit, at) =>
    digit === 9 ? [] : `${digits.slice(0, at).join('')}[${digit + 1}-9][0-9]{${digits.length - 1 - at}}`,
  );
  return `(?:${[`[1-9][0-9]{${digits.length},}`, ...greater].join('|')})`.replaceAll('[0-9]{0}', '');
}

/** The whole numbers from 0 to below `limit`: those with fewer digits, and those less in one digit. */
function numbersBelow(limit: number): string {
  const digits = [...String(limit)].map(Number);
  const less = digits.flatMap((digit, at) => {
    // Numbers that begin with 0 have fewer digits.
    const least = at === 0 && digits.length > 1 ? 1 : 0;
    if (digit <= least) return [];
    return `${digits.slice(0, at).join('')}[${least}-${digit - 1}][0-9]{${digits.length - 1 - at}}`;
  });
  const fewer = digits.length > 1 ? [`[0-9]{1,${digits.length - 1}}`] : [];
  return [...fewer, ...less].join('|').replaceAll('[0-9]{0}', '').replaceAll('[0-0]', '0');
}
