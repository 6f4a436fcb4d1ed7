import type { ServerResponse } from 'node:http';
import { gzipSync } from 'node:zlib';
import { afterEach, describe, expect, it } from 'vitest';
import { ManualClock } from './manual-clock.ts';
import { API_KEY, createTestClient, ENVIRONMENT_KEY, failureOf, type TestClientOptions } from './test-client.ts';
import { apiError, EMPTY_STATS, type Handler, json, startServer } from './test-server.ts';

const cleanUps: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp();
});

async function start(handler: Handler, options: TestClientOptions & { basePath?: string } = {}) {
  const server = await startServer(handler);
  cleanUps.push(() => server.close());
  const client = createTestClient(server.url + (options.basePath ?? ''), options);
  cleanUps.push(() => client.api.close());
  return { ...client, server };
}

const answerStats: Handler = (_, response) => json(response, 200, EMPTY_STATS);

describe('a good answer', () => {
  it('is parsed, and comes with its status, request id and credential', async () => {
    const { api } = await start((_, response) =>
      json(response, 200, {
        ...EMPTY_STATS,
        depth: 3,
        oldest_queued_at: '2026-11-24T12:00:00.5Z',
        workers_polling: null,
      }),
    );
    expect(await api.stats('env_1')).toMatchObject({
      value: { depth: 3, pending: 0, oldestQueuedAt: Date.UTC(2026, 10, 24, 12, 0, 0, 500), workersPolling: null },
      httpStatus: 200,
      requestId: 'req_test1',
      credential: 'api_key',
    });
  });

  it('is asked for with the headers of the preset and one key', async () => {
    const { api, server } = await start((request, response) =>
      json(response, 200, request.url?.includes('stats') ? EMPTY_STATS : { data: [], next_page: null }),
    );
    await api.stats('env_1');
    await api.listPage('env_1', { limit: 1000, page: 'page_a b&c' });
    const [stats, list] = server.requests;
    expect(stats).toMatchObject({
      method: 'GET',
      url: '/v1/environments/env_1/work/stats',
      headers: {
        'x-api-key': API_KEY,
        'anthropic-version': '2023-06-01',
        'anthropic-beta': 'managed-agents-2026-04-01',
        'user-agent': 'anthropic-work-exporter/1.2.3',
        accept: 'application/json',
      },
    });
    expect(stats?.headers).not.toHaveProperty('authorization');
    expect(stats?.headers).not.toHaveProperty('anthropic-workspace-id');
    expect(list).toMatchObject({
      url: '/v1/environments/env_1/work?limit=1000&page=page_a+b%26c',
      headers: { authorization: `Bearer ${ENVIRONMENT_KEY}` },
    });
    expect(list?.headers).not.toHaveProperty('x-api-key');
  });

  it('comes from under the path of the base URL, with what another provider wants', async () => {
    const connection = { provider: 'qoder', workspaceId: 'wrkspc_1' } as const;
    const page = { data: [], has_more: true, last_id: 'work_9' };
    const { api, server } = await start((_, response) => json(response, 200, page), {
      connection,
      basePath: '/x/invoke',
    });
    const { value } = await api.listPage('env_1', { limit: 100, page: null });
    await api.listPage('env_1', { limit: 100, page: value.nextPage });
    expect(server.requests.map(({ url }) => url)).toEqual([
      '/x/invoke/api/v1/cloud/environments/env_1/work?limit=100',
      '/x/invoke/api/v1/cloud/environments/env_1/work?limit=100&after_id=work_9',
    ]);
    expect(server.requests[0]?.headers).toMatchObject({
      authorization: `Bearer ${API_KEY}`,
      'anthropic-workspace-id': 'wrkspc_1',
    });
    expect(server.requests[0]?.headers).not.toHaveProperty('anthropic-version');
  });

  it('may be compressed although that was not asked for, and of any content type', async () => {
    const { api, server } = await start((_, response) => {
      response.writeHead(200, { 'content-encoding': 'gzip', 'content-type': 'text/plain' });
      response.end(gzipSync(JSON.stringify(EMPTY_STATS)));
    });
    expect((await api.stats('env_1')).value.depth).toBe(0);
    expect(server.requests[0]?.headers['accept-encoding']).toBe('identity');
  });

  it('tells the observer about the request, the credential and the clock', async () => {
    const clock = new ManualClock();
    const { api, observer } = await start(
      (_, response) => json(response, 200, { ...EMPTY_STATS, new_field: 1 }, { date: 'Tue, 24 Nov 2026 12:00:07 GMT' }),
      { clock },
    );
    await api.stats('env_1');
    await api.stats('env_1');
    expect(observer.ended[0]).toEqual({
      connection: 'default',
      environmentId: 'env_1',
      operation: 'stats',
      credential: 'api_key',
      durationSeconds: 0,
      reason: null,
      httpStatus: 200,
    });
    expect(observer.judged[0]).toEqual({ connection: 'default', kind: 'api_key', environmentId: null, accepted: true });
    const noon = Date.UTC(2026, 10, 24, 12);
    const times = { date: noon + 7000, sentAt: noon, headersAt: noon };
    expect(observer.samples[0]).toEqual({ connection: 'default', requestId: 'req_test1', ...times });
    expect(observer.unknown).toEqual(['field']);
  });

  it('of a cache tells nothing about the clock', async () => {
    const { api, observer } = await start((_, response) => json(response, 200, EMPTY_STATS, { age: '3' }));
    await api.stats('env_1');
    expect(observer.samples).toEqual([]);
  });

  it('reuses the connection', async () => {
    const { api, server } = await start(answerStats, { connection: { maxConcurrentRequests: 1 } });
    for (let at = 0; at < 3; at++) await api.stats('env_1');
    expect(new Set(server.requests.map(({ socket }) => socket)).size).toBe(1);
  });

  it('is one of at most max_concurrent_requests at a time', async () => {
    const held: ServerResponse[] = [];
    let most = 0;
    const { api, server } = await start(
      (_, response) => {
        most = Math.max(most, held.push(response));
        // Nobody is answered before three are here: fewer at a time would never end, and more would show.
        if (held.length === 3) setImmediate(() => held.splice(0).map((one) => json(one, 200, EMPTY_STATS)));
      },
      { connection: { maxConcurrentRequests: 3 } },
    );
    await Promise.all(Array.from({ length: 12 }, (_, at) => api.stats(`env_${at}`, { prepaid: true })));
    expect(server.requests).toHaveLength(12);
    expect(most).toBe(3);
    expect(new Set(server.requests.map(({ socket }) => socket)).size).toBeLessThanOrEqual(3);
  });
});

describe('a refusal', () => {
  it.each([
    [401, 'authentication_error', 'Invalid bearer token', 'unauthorized'],
    [403, 'permission_error', 'Token not authorized for this environment', 'forbidden'],
    [404, 'not_found_error', 'Environment not found', 'not_found'],
    [404, 'not_found_error', 'The work API is only available for self-hosted environments.', 'not_self_hosted'],
    [429, 'rate_limit_error', 'slow down', 'rate_limited'],
    [400, 'invalid_request_error', 'limit: must be at most 100', 'client_error'],
    [500, 'api_error', 'oops', 'server_error'],
    [503, 'authorization_check_unavailable', 'later', 'server_error'],
    [529, 'overloaded_error', 'Overloaded', 'server_error'],
  ])('%d %s (%s) is %s', async (status, type, message, reason) => {
    const { api, observer } = await start((_, response) => json(response, status, apiError(type, message)));
    const error = await failureOf(api.listPage('env_1', { limit: 20, page: null }));
    expect(error.code).toBe(`api_${reason}`);
    expect(error.failure).toMatchObject({ reason, httpStatus: status, requestId: 'req_test1' });
    expect(error.failure.message).toBe(
      `Reading the list of work of env_1 was answered with ${status} ${type}: "${message}"`,
    );
    expect(error.failure.remedy).toMatch(/\.$/);
    expect(observer.ended.at(-1)).toMatchObject({ reason, httpStatus: status, operation: 'list' });
  });

  it.each([401, 403, 404, 429, 500, 529])('%d without an envelope keeps its status', async (status) => {
    const { api } = await start((_, response) => response.writeHead(status).end('<html>nginx</html>'));
    const { failure } = await failureOf(api.stats('env_1'));
    expect(failure).toMatchObject({ httpStatus: status, requestId: null });
    expect(failure.message).toBe(`Reading the stats of env_1 was answered with ${status}`);
  });

  it('without a header takes the request id from the body', async () => {
    const body = apiError('authentication_error', 'no');
    const { api } = await start((_, response) => response.writeHead(401).end(JSON.stringify(body)));
    expect((await failureOf(api.stats('env_1'))).failure.requestId).toBe('req_body1');
  });

  it('reports the credential, and the next call uses the other one', async () => {
    const { api, server, observer } = await start((request, response) =>
      request.headers['x-api-key'] === undefined
        ? json(response, 200, EMPTY_STATS)
        : json(response, 401, apiError('authentication_error', 'no')),
    );
    expect(api.credentialFor('stats', 'env_1')).toEqual({ kind: 'api_key', source: 'file /run/secrets/api-key' });
    await failureOf(api.stats('env_1'));
    expect(server.requests).toHaveLength(1);
    expect(api.credentialFor('stats', 'env_1')?.kind).toBe('environment_key');
    expect((await api.stats('env_1')).credential).toBe('environment_key');
    expect(observer.judged).toEqual([
      { connection: 'default', kind: 'api_key', environmentId: null, accepted: false },
      { connection: 'default', kind: 'environment_key', environmentId: 'env_1', accepted: true },
    ]);
  });

  it.each([
    ['7', 7000],
    ['Tue, 24 Nov 2026 12:00:30 GMT', 30_000],
  ])('429 with retry-after %s stops the whole budget for so long', async (header, ms) => {
    const clock = new ManualClock();
    const { api, budget, server } = await start(
      (_, response) => json(response, 429, apiError('rate_limit_error', 'slow'), { 'retry-after': header }),
      { clock },
    );
    expect((await failureOf(api.stats('env_1'))).retryAfterMs).toBe(ms);
    expect(server.requests).toHaveLength(1);
    expect(budget.timeUntilNextMs()).toBe(ms);
  });

  it('that is a redirect is not followed', async () => {
    const other = await startServer(answerStats);
    cleanUps.push(() => other.close());
    const { api } = await start((_, response) =>
      response.writeHead(302, { location: `${other.url}/v1/environments/env_1/work/poll?x=1` }).end(),
    );
    const { failure } = await failureOf(api.stats('env_1'));
    expect(failure).toMatchObject({
      reason: 'client_error',
      httpStatus: 302,
      remedy: expect.stringContaining('base_url'),
    });
    expect(failure.message).toBe(`Reading the stats of env_1 was answered with 302, a redirect to ${other.url}`);
    expect(other.requests).toEqual([]);
  });
});

describe('a bad answer', () => {
  const long = Buffer.alloc(10_000_000, ' ');
  it.each<[string, Handler, RegExp]>([
    ['204', (_, response) => response.writeHead(204).end(), /with 204$/],
    ['an empty body', (_, response) => response.writeHead(200).end(), /200 and an empty body$/],
    ['HTML', (_, response) => response.end('<!DOCTYPE html><p>sign in'), /200 and an HTML page instead of JSON$/],
    ['text', (_, response) => response.end('OK'), /200 and 2 bytes that are not JSON$/],
    ['null', (_, response) => response.end('null'), /an unexpected body: the body should be an object and is null$/],
    ['half a JSON', (_, response) => response.end('{"depth":1,"pend'), /200 and 16 bytes that are not JSON$/],
    [
      'a wrong number',
      (_, response) => json(response, 200, { ...EMPTY_STATS, depth: -1 }),
      /depth should be a whole number/,
    ],
    ['10 MB, announced', (_, response) => response.end(long), /more than the 1000000 bytes of max_response_bytes$/],
    [
      '10 MB in chunks',
      (_, response) => {
        response.write('[');
        response.end(long);
      },
      /more than the 1000000 bytes/,
    ],
    [
      'a gzip bomb',
      (_, response) => response.writeHead(200, { 'content-encoding': 'gzip' }).end(gzipSync(long)),
      /more than the 1000000 bytes/,
    ],
    [
      'damaged gzip',
      (_, response) => response.writeHead(200, { 'content-encoding': 'gzip' }).end('no gzip'),
      /a compressed body that is damaged$/,
    ],
    [
      'an unknown compression',
      (_, response) => response.writeHead(200, { 'content-encoding': 'zz' }).end('x'),
      /a compression that was not asked for$/,
    ],
  ])('with %s is bad_response, and not tried again', async (_, handler, message) => {
    const { api, server, observer } = await start(handler);
    const { failure } = await failureOf(api.stats('env_1'));
    expect(failure.reason).toBe('bad_response');
    expect(failure.message).toMatch(message);
    expect(failure.remedy).toContain('base_url');
    expect(server.requests).toHaveLength(1);
    expect(observer.judged).toEqual([]);
  });

  it('of 10 MB is not read to its end', async () => {
    let written = 0;
    let ended: () => void = () => {};
    const closed = new Promise<void>((resolve) => {
      ended = resolve;
    });
    const { api } = await start((_, response) => {
      response.on('close', ended);
      const more = () => {
        while (!response.destroyed && written < 1e9) {
          written += 65_536;
          if (!response.write(Buffer.alloc(65_536))) return;
        }
      };
      response.on('drain', more);
      more();
    });
    await failureOf(api.stats('env_1'));
    await closed;
    expect(written).toBeLessThan(50_000_000);
  });

  it('to an error is cut off and keeps its status', async () => {
    const { api } = await start((_, response) => response.writeHead(404).end(long));
    expect((await failureOf(api.stats('env_1'))).failure).toMatchObject({ reason: 'not_found', httpStatus: 404 });
  });
});

describe('one retry', () => {
  it.each([500, 503, 529, 408])('after %d', async (status) => {
    const { api, server, budget, observer } = await start((_, response, count) =>
      count === 1 ? response.writeHead(status).end() : json(response, 200, EMPTY_STATS),
    );
    await api.stats('env_1');
    expect(server.requests).toHaveLength(2);
    expect(budget.taken).toBe(2);
    expect(observer.ended.map(({ httpStatus }) => httpStatus)).toEqual([status, 200]);
  });

  it('and no more', async () => {
    const { api, server } = await start((_, response) => response.writeHead(500).end());
    expect((await failureOf(api.stats('env_1'))).failure.reason).toBe('server_error');
    expect(server.requests).toHaveLength(2);
  });

  it.each([400, 401, 403, 404, 429])('never after %d', async (status) => {
    const { api, server } = await start((_, response) => response.writeHead(status).end());
    await failureOf(api.stats('env_1'));
    expect(server.requests).toHaveLength(1);
  });

  it('not when the answer says so', async () => {
    const { api, server } = await start((_, response) => response.writeHead(503, { 'x-should-retry': 'false' }).end());
    expect((await failureOf(api.stats('env_1'))).shouldRetry).toBe(false);
    expect(server.requests).toHaveLength(1);
  });

  it('not when the budget has no token left', async () => {
    const { api, server, budget } = await start((_, response) => response.writeHead(500).end(), {
      requestsPerMinute: 2,
    });
    await failureOf(api.stats('env_1'));
    expect(server.requests).toHaveLength(1);
    expect(budget.taken).toBe(1);
  });

  it('with a prepaid first request takes only its own token', async () => {
    const { api, budget } = await start((_, response) => response.writeHead(500).end());
    await failureOf(api.stats('env_1', { prepaid: true }));
    expect(budget.taken).toBe(1);
  });
});

describe('nothing is sent', () => {
  it('without a credential', async () => {
    const { api, server, budget, observer } = await start(answerStats, { environmentKey: null });
    expect(api.credentialFor('list', 'env_1')).toBeNull();
    const { failure } = await failureOf(api.listPage('env_1', { limit: 20, page: null }));
    expect(failure).toMatchObject({ reason: 'unauthorized', httpStatus: null, remedy: 'Set environment_key_file.' });
    expect([server.requests, observer.ended, budget.taken]).toEqual([[], [], 0]);
  });

  it('for what the provider does not offer', async () => {
    const { api, server } = await start(answerStats, { connection: { provider: 'qoder' } });
    const { failure } = await failureOf(api.listEnvironments({ limit: 20, page: null }));
    expect(failure).toMatchObject({ reason: 'client_error', message: expect.stringContaining('not offered') });
    expect(server.requests).toEqual([]);
  });

  it.each(['poll', 'stats', 'POLL', '..', '.', 'a/b', '%70oll', 'poll?x', '', 'ä', 'a'.repeat(129), 'poll\n'])(
    'with the id %j in a path',
    async (id) => {
      const { api, server, budget } = await start(answerStats);
      const failures = await Promise.all([
        failureOf(api.retrieve('env_1', id)),
        failureOf(api.retrieve(id, 'work_1')),
        failureOf(api.stats(id)),
        failureOf(api.listPage(id, { limit: 20, page: null })),
      ]);
      expect(failures.map(({ failure }) => failure.reason)).toEqual([
        'bad_response',
        'client_error',
        'client_error',
        'client_error',
      ]);
      expect([server.requests, budget.taken]).toEqual([[], 0]);
    },
  );

  it('but GETs of the four reads, whatever is called', async () => {
    const { api, server } = await start((_, response) => json(response, 404, apiError('not_found_error', 'no')));
    const page = { limit: 20, page: '../poll?' };
    await Promise.all([
      failureOf(api.stats('env_1')),
      failureOf(api.listPage('env_1', page)),
      failureOf(api.retrieve('env_1', 'work_1')),
      failureOf(api.listEnvironments({ ...page, includeArchived: true })),
    ]);
    expect(server.requests.map(({ method, url }) => `${method} ${url}`).sort()).toEqual([
      'GET /v1/environments/env_1/work/stats',
      'GET /v1/environments/env_1/work/work_1',
      'GET /v1/environments/env_1/work?limit=20&page=..%2Fpoll%3F',
      'GET /v1/environments?limit=20&include_archived=true&page=..%2Fpoll%3F',
    ]);
  });
});
