import type { JsonSchema } from '../config/configuration-schema.ts';
import { DURATION_PATTERN } from '../config/duration.ts';

/** Looks at what stands around; Go's expressions (RE2), by which Helm checks values, cannot. */
const LOOKAROUND = /\(\?<?[=!]/;
/** Looks ahead at the very start, where it can become a pattern of its own: `^(?!BAD)REST`. Two levels of brackets. */
const AT_START = /^\^\(\?([=!])((?:[^()]|\((?:[^()]|\([^()]*\))*\))*)\)(.*)$/;

/** A pattern that Go cannot read and this file cannot rewrite. */
export class UnknownLookaroundError extends Error {
  constructor(pattern: string) {
    super(`Helm cannot read the pattern ${pattern}: look around at its start only, or teach src/deploy/re2-pattern.ts`);
  }
}

/** What takes the same strings as `pattern`, as members of a schema without a lookaround. */
export function re2Pattern(pattern: string): JsonSchema {
  const plain = pattern.replaceAll(DURATION_PATTERN, DURATION_PATTERN.replace('(?=[0-9])', '').replace('(?!s)', ''));
  // A duration looks ahead for a first digit only so that it is not empty.
  if (plain !== pattern) return { pattern: plain, minLength: 1 };
  const conditions: JsonSchema[] = [];
  let rest = pattern;
  for (let match = AT_START.exec(rest); match !== null; match = AT_START.exec(rest)) {
    const condition = { pattern: `^(?:${match[2]})` };
    conditions.push(match[1] === '=' ? condition : { not: condition });
    rest = `^${match[3]}`;
  }
  if (LOOKAROUND.test(JSON.stringify([rest, conditions]))) throw new UnknownLookaroundError(pattern);
  return conditions.length === 0 ? { pattern } : { pattern: rest, allOf: conditions };
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
