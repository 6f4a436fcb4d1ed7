import type { JsonSchema } from '../config/configuration-schema.ts';

/**
 * A schema that takes what `schema` takes, and whose failure is one line that says what the value must be. Helm prints
 * of a pattern only its characters, of `not` nothing but that it failed, and of alternatives each of them; of a
 * constant it prints the constant, and never the wrong value, which may be a key.
 * @param wanted completes "value must be …"
 */
export function told(schema: JsonSchema, wanted: string): JsonSchema {
  return { if: schema, else: { const: wanted } };
}
