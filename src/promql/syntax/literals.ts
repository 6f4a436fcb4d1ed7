/** The literals of PromQL as values. */

const UNIT_MS: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/**
 * The value of a string in single or double quotes.
 *
 * @throws SyntaxError for an escape that JSON does not know
 */
export function stringLiteral(literal: string): string {
  const quoted = literal.startsWith("'") ? `"${literal.slice(1, -1).replaceAll('"', '\\"')}"` : literal;
  return JSON.parse(quoted) as string;
}

/** @throws TypeError for what is neither a number nor `Inf` */
export function numberLiteral(text: string): number {
  const value = /^inf$/i.test(text) ? Number.POSITIVE_INFINITY : Number(text);
  if (Number.isNaN(value)) throw new TypeError(`${text} is no number`);
  return value;
}

/**
 * `15m5s` in milliseconds.
 *
 * @throws TypeError for anything but whole numbers with a unit up to days
 */
export function durationLiteral(text: string): number {
  const parts = [...text.matchAll(/(\d+)(ms|[smhd])/g)];
  if (parts.map(([part]) => part).join('') !== text) throw new TypeError(`${text} is no duration`);
  return parts.reduce((sum, [, count, unit]) => sum + Number(count) * UNIT_MS[unit!]!, 0);
}
