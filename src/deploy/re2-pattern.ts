import type { JsonSchema } from '../config/load/configuration-schema.ts';
import { DURATION_PATTERN } from '../config/options/duration.ts';

/** A lookaround, which Go's regular expressions (RE2), with which Helm validates values, do not support. */
const LOOKAROUND = /\(\?<?[=!]/;
/** A lookahead at the very start, which can become a separate pattern: `^(?!BAD)REST`. Up to two levels of brackets. */
const AT_START = /^\^\(\?([=!])((?:[^()]|\((?:[^()]|\([^()]*\))*\))*)\)(.*)$/;

/** A pattern that Go cannot read and this file cannot rewrite. */
export class UnknownLookaroundError extends Error {
  constructor(pattern: string) {
    super(`Helm cannot read the pattern ${pattern}: look around at its start only, or teach src/deploy/re2-pattern.ts`);
  }
}

/** The characters that change the direction of text: Go has no name for them. */
const BIDI_CONTROL = String.raw`\x{061c}\x{200e}\x{200f}\x{202a}-\x{202e}\x{2066}-\x{2069}`;

/** Go writes a character code differently. */
function goEscapes(pattern: string): string {
  return pattern
    .replaceAll(String.raw`\p{Bidi_Control}`, BIDI_CONTROL)
    .replaceAll(
      /\\u(?:\{([0-9a-f]+)\}|([0-9a-f]{4}))/gi,
      (_, braced?: string, plain?: string) => `\\x{${braced ?? plain}}`,
    );
}

/** A schema that accepts the same strings as `pattern`, without a lookaround. */
export function re2Pattern(pattern: string): JsonSchema {
  const plain = pattern.replaceAll(DURATION_PATTERN, DURATION_PATTERN.replace('(?=[0-9])', '').replace('(?!s)', ''));
  // The lookahead of a duration for a first digit only rules out the empty text.
  if (plain !== pattern) return { pattern: plain, minLength: 1 };
  const conditions: JsonSchema[] = [];
  let rest = goEscapes(pattern);
  for (let match = AT_START.exec(rest); match !== null; match = AT_START.exec(rest)) {
    const condition = { pattern: `^(?:${match[2]})` };
    conditions.push(match[1] === '=' ? condition : { not: condition });
    rest = `^${match[3]}`;
  }
  if (LOOKAROUND.test(JSON.stringify([rest, conditions]))) throw new UnknownLookaroundError(pattern);
  return conditions.length === 0 ? { pattern: rest } : { pattern: rest, allOf: conditions };
}

/** A schema whose patterns all work in Go. */
export function withRe2Patterns(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(withRe2Patterns);
  if (typeof schema !== 'object' || schema === null) return schema;
  const entries = Object.entries(schema).flatMap(([key, value]) =>
    key === 'pattern' && typeof value === 'string'
      ? Object.entries(re2Pattern(value))
      : [[key, withRe2Patterns(value)] as const],
  );
  return Object.fromEntries(entries);
}
