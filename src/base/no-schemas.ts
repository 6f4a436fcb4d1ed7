/**
 * An option of fastify. Its routes have no schemas here: each route checks its own input. Without the option, each
 * start would load two schema compilers, which the bundle does not contain.
 */
export const NO_SCHEMAS = { compilersFactory: { buildValidator: noSchema, buildSerializer: noSchema } } as const;

function noSchema(): never {
  throw new Error('a route has a schema, and nothing compiles it');
}
