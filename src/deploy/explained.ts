import type { JsonSchema } from '../config/load/configuration-schema.ts';

/**
 * A schema that accepts what `schema` accepts, and whose failure is one line that says what the value must be. By
 * itself, Helm prints only the characters of a pattern, only that a `not` failed, and every one of several
 * alternatives. Of a constant it prints the constant, and never the wrong value, which may be a key.
 * @param wanted completes "value must be …"
 */
export function explained(schema: JsonSchema, wanted: string): JsonSchema {
  return { if: schema, else: { const: wanted } };
}

/** A schema that accepts what all of these accept; its failure is that of the first that does not. */
export function meeting([first, ...more]: readonly (readonly [schema: JsonSchema, wanted: string])[]): JsonSchema {
  if (first === undefined) return {};
  // biome-ignore lint/suspicious/noThenProperty: a word of JSON Schema, in a value that nobody awaits
  return { ...explained(...first), then: meeting(more) };
}

/** Helm fills in the defaults of the release's own chart, which lack what came later. */
const AFTER_AN_UPGRADE = 'In an upgrade to a new version, --reuse-values leaves it out: use --reset-then-reuse-values';

/**
 * A schema for maps in which each of these keys has a value; its failure names the first key without one. With a list
 * of conditions, Helm would also say that the list failed.
 */
export function requiring([key, ...more]: readonly string[]): JsonSchema {
  if (key === undefined) return {};
  const wanted = `a map in which ${key} is not empty: give it a value, or leave it out for its default. ${AFTER_AN_UPGRADE}`;
  // biome-ignore lint/suspicious/noThenProperty: a word of JSON Schema, in a value that nobody awaits
  return { ...explained({ required: [key] }, wanted), then: requiring(more) };
}
