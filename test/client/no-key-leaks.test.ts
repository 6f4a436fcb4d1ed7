import { inspect } from 'node:util';
import { afterEach, expect, it } from 'vitest';
import { API_KEY, createTestClient, ENVIRONMENT_KEY, failureOf } from './test-client.ts';
import { apiError, type Handler, json, startServer, type TestServer } from './test-server.ts';

let server: TestServer | undefined;
afterEach(() => server?.close());

/** Answers that hold the key that came, in every place that the client reads. */
const echoes: [string, Handler][] = [
  [
    'an error message',
    (request, response) => json(response, 401, apiError(keyIn(request), `bad key ${keyIn(request)}`)),
  ],
  ['a bare long message', (request, response) => json(response, 500, apiError('x', keyIn(request).repeat(5)))],
  ['the request id', (request, response) => json(response, 403, {}, { 'request-id': keyIn(request) })],
  [
    'the request id of a body',
    (request, response) => response.writeHead(403).end(JSON.stringify({ request_id: keyIn(request) })),
  ],
  [
    'a redirect',
    (request, response) => response.writeHead(302, { location: `https://x.example/${keyIn(request)}` }).end(),
  ],
  [
    'the host of a redirect',
    (request, response) => response.writeHead(302, { location: `https://${keyIn(request)}/` }).end(),
  ],
  ['a body that is no JSON', (request, response) => response.end(`key ${keyIn(request)}`)],
  [
    'a wrong value',
    (request, response) =>
      json(response, 200, {
        depth: keyIn(request),
        data: [{ id: 'a', state: keyIn(request), created_at: keyIn(request) }],
      }),
  ],
  [
    'an error code',
    (request, response) => json(response, 400, apiError('x', 'y', { details: { error_code: keyIn(request) } })),
  ],
  ['a reset', (request) => request.socket.resetAndDestroy()],
];

function keyIn(request: Parameters<Handler>[0]): string {
  return request.headers.authorization?.slice('Bearer '.length) ?? String(request.headers['x-api-key']);
}

it.each(echoes)('no key gets out of an answer that echoes it in %s', async (_, handler) => {
  server = await startServer(handler);
  const unusual = 'hunter2_9';
  for (const [apiKey, environmentKey] of [
    [API_KEY, ENVIRONMENT_KEY],
    [unusual, unusual],
  ] as const) {
    const { api, observer } = createTestClient(server.url, { apiKey, environmentKey });
    const errors = await Promise.all([
      failureOf(api.stats('env_1')),
      failureOf(api.listPage('env_1', { limit: 20, page: null })),
    ]);
    for (const error of errors) {
      const shown = [String(error), error.stack, JSON.stringify(error), inspect(error, { depth: 9, showHidden: true })];
      const all = [...shown, inspect(api, { depth: 9 }), JSON.stringify(observer)].join('\n');
      for (const key of [apiKey, environmentKey]) expect(all.toLowerCase()).not.toContain(key.toLowerCase());
    }
    await api.close();
  }
});
