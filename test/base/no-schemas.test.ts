import fastify from 'fastify';
import { expect, it } from 'vitest';
import { NO_SCHEMAS } from '../../src/base/no-schemas.ts';

it.each([
  ['of a query', { querystring: { type: 'object' } }],
  ['of an answer', { response: { 200: { type: 'string' } } }],
])('a route with a schema %s fails at the start, and not at its first request', async (_, schema) => {
  const app = fastify({ schemaController: NO_SCHEMAS });
  app.get('/', { schema }, async () => 'answered');
  await expect(async () => app.ready()).rejects.toThrow('a route has a schema, and nothing compiles it');
});

it('a route without a schema answers', async () => {
  const app = fastify({ schemaController: NO_SCHEMAS });
  app.get('/', async () => 'answered');
  expect((await app.inject('/')).body).toBe('answered');
});
