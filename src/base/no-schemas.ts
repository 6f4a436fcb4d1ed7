/**
 * An option of fastify, whose routes have no schemas here: what a request holds is checked by what it is for. Otherwise
 * each start would load two compilers of schemas, which the program as it is built does not have.
 */
export const NO_SCHEMAS = { compilersFactory: { buildValidator: noSchema, buildSerializer: noSchema } } as const;

function noSchema(): never {
  throw new Error('a route has a schema, and nothing compiles it');
}
