import type { ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { ManualClock, settle } from '../support/manual-clock.ts';
import { waitUntil } from '../support/wait-until.ts';
import { good, startOverSockets } from './socket-server.ts';
import { answerStats, startPair } from './start-pair.ts';
import { API_KEY, ENVIRONMENT_KEY, failureOf } from './test-client.ts';
import { apiError, EMPTY_STATS, json } from './test-server.ts';

describe('a good answer', () => {
  it('is parsed, and comes with its status and credential', async () => {
    const { api } = await startPair((_, response) =>
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
      credential: 'api_key',
    });
  });

  it('is asked for with the headers of the preset and one key', async () => {
    const { api, server } = await startPair((request, response) =>
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
    const { api, server } = await startPair((_, response) => json(response, 200, page), {
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
    const { api, server } = await startPair((_, response) => {
      response.writeHead(200, { 'content-encoding': 'gzip', 'content-type': 'text/plain' });
      response.end(gzipSync(JSON.stringify(EMPTY_STATS)));
    });
    expect((await api.stats('env_1')).value.depth).toBe(0);
    expect(server.requests[0]?.headers['accept-encoding']).toBe('identity');
  });

  it('tells of the request, the key, the clock and what is unknown', async () => {
    const clock = new ManualClock();
    const { api, sent, verdicts, apiClock, unknown } = await startPair(
      (_, response) => json(response, 200, { ...EMPTY_STATS, new_field: 1 }, { date: 'Tue, 24 Nov 2026 12:00:07 GMT' }),
      { clock },
    );
    await api.stats('env_1');
    await api.stats('env_1');
    expect(sent[0]).toEqual({
      connection: 'default',
      environmentId: 'env_1',
      operation: 'stats',
      credential: 'api_key',
      durationSeconds: 0,
      reason: null,
    });
    expect(verdicts).toEqual({ api_key: false });
    expect(apiClock.measuredMs).toBe(Date.UTC(2026, 10, 24, 12, 0, 7, 500) - clock.now());
    expect(unknown).toEqual(['field']);
  });

  it('of a cache tells nothing about the clock', async () => {
    const { api, apiClock } = await startPair((_, response) => json(response, 200, EMPTY_STATS, { age: '3' }));
    await api.stats('env_1', { maxAgeMs: 15_000 });
    expect(apiClock.measuredMs).toBeNull();
  });

  it('the next request reuses the connection of a good answer', async () => {
    const { api, server } = await startPair(answerStats, { connection: { maxConcurrentRequests: 1 } });
    for (let at = 0; at < 3; at++) await api.stats('env_1');
    expect(new Set(server.requests.map(({ socket }) => socket)).size).toBe(1);
  });

  it('is one of at most max_concurrent_requests at a time', async () => {
    const held: ServerResponse[] = [];
    let most = 0;
    const { api, server } = await startPair(
      (_, response) => {
        most = Math.max(most, held.push(response));
        // Nobody is answered before three are here: fewer at a time would never end, and more would show.
        if (held.length === 3) setImmediate(() => held.splice(0).map((one) => json(one, 200, EMPTY_STATS)));
      },
      { connection: { maxConcurrentRequests: 3 } },
    );
    await Promise.all(Array.from({ length: 12 }, (_, at) => api.stats(`env_${at}`)));
    expect(server.requests).toHaveLength(12);
    expect(most).toBe(3);
    expect(new Set(server.requests.map(({ socket }) => socket)).size).toBeLessThanOrEqual(3);
  });
});

describe('nothing is sent', () => {
  it('nothing is sent without a credential', async () => {
    const { api, server, budget, sent } = await startPair(answerStats, { environmentKey: null });
    expect(api.credentialFor('list', 'env_1')).toBeNull();
    const { failure } = await failureOf(api.listPage('env_1', { limit: 20, page: null }));
    expect(failure).toMatchObject({ reason: 'unauthorized', httpStatus: null, remedy: 'Set environment_key_file.' });
    expect([server.requests, sent, budget.taken]).toEqual([[], [], 0]);
  });

  it('for what the provider does not offer', async () => {
    const { api, server } = await startPair(answerStats, { connection: { provider: 'qoder' } });
    const { failure } = await failureOf(api.listEnvironments({ limit: 20, page: null }));
    expect(failure).toMatchObject({ reason: 'client_error', message: expect.stringContaining('not offered') });
    expect(server.requests).toEqual([]);
  });

  it.each(['poll', 'stats', 'POLL', '..', '.', 'a/b', '%70oll', 'poll?x', '', 'ä', 'a'.repeat(129), 'poll\n'])(
    'with the id %j in a path',
    async (id) => {
      const { api, server, budget } = await startPair(answerStats);
      const failures = await Promise.all([
        failureOf(api.retrieve('env_1', id)),
        failureOf(api.session('env_1', id)),
        failureOf(api.lastIdleEvent('env_1', id)),
        failureOf(api.retrieve(id, 'work_1')),
        failureOf(api.stats(id)),
        failureOf(api.listPage(id, { limit: 20, page: null })),
      ]);
      expect(new Set(failures.map(({ failure }) => failure.reason))).toEqual(new Set(['bad_response']));
      expect([server.requests, budget.taken]).toEqual([[], 0]);
    },
  );

  it('but GETs of the six reads, whatever is called', async () => {
    const { api, server } = await startPair((_, response) => json(response, 404, apiError('not_found_error', 'no')));
    const page = { limit: 20, page: '../poll?' };
    await Promise.all([
      failureOf(api.stats('env_1')),
      failureOf(api.listPage('env_1', page)),
      failureOf(api.retrieve('env_1', 'work_1')),
      failureOf(api.session('env_1', 'sesn_1')),
      failureOf(api.lastIdleEvent('env_1', 'sesn_2')),
      failureOf(api.listEnvironments({ ...page, includeArchived: true })),
    ]);
    expect(server.requests.map(({ method, url }) => `${method} ${url}`).sort()).toEqual([
      'GET /v1/environments/env_1/work/stats',
      'GET /v1/environments/env_1/work/work_1',
      'GET /v1/environments/env_1/work?limit=20&page=..%2Fpoll%3F',
      'GET /v1/environments?limit=20&include_archived=true&page=..%2Fpoll%3F',
      'GET /v1/sessions/sesn_1',
      'GET /v1/sessions/sesn_2/events?types=session.status_idle&order=desc&limit=1',
    ]);
  });

  it('by a read that is called off while it waits for its slot', async () => {
    const { api, server, budget } = await startPair(() => {}, { connection: { maxConcurrentRequests: 1 } });
    const first = new AbortController();
    const held = api.stats('env_1', { signal: first.signal }).catch(() => {});
    await waitUntil(() => server.requests.length === 1);
    const left = new AbortController();
    const waits = api.stats('env_2', { signal: left.signal });
    await settle();
    left.abort(new Error('the environment has left'));
    await expect(waits).rejects.toThrow('has left');
    first.abort();
    await held;
    // Of a request that was sent the token is gone, however it ended.
    expect([server.requests.length, budget.taken]).toEqual([1, 1]);
  });
});

describe("the caller's signal", () => {
  it('ends a request under way with its own reason, and is no failure, but a request that was sent', async () => {
    let arrived: () => void = () => {};
    const request = new Promise<void>((resolve) => {
      arrived = resolve;
    });
    const { api, sent } = await startOverSockets(() => arrived());
    const controller = new AbortController();
    const call = api.stats('env_1', { signal: controller.signal });
    await request;
    controller.abort(new Error('stopping'));
    await expect(call).rejects.toThrow('stopping');
    expect(sent).toMatchObject([{ environmentId: 'env_1', durationSeconds: null, reason: null }]);
  });

  it('ends the wait for a token and for a slot', async () => {
    const sockets: Socket[] = [];
    const { api, sent } = await startOverSockets((socket) => sockets.push(socket), {
      clock: new ManualClock(),
      connection: { maxConcurrentRequests: 1 },
      requestsPerMinute: 2,
    });
    const controller = new AbortController();
    const { signal } = controller;
    const calls = [
      api.stats('env_1', { signal }),
      api.stats('env_2', { signal }),
      api.stats('env_3', { signal }),
      api.stats('env_4', { signal }),
    ];
    await waitUntil(() => sockets.length === 1);
    controller.abort(new Error('stopping'));
    const results = await Promise.allSettled(calls);
    expect(results.map((result) => result.status === 'rejected' && String(result.reason))).toEqual(
      calls.map(() => 'Error: stopping'),
    );
    // The first had its slot, and was sent.
    expect(sent.map(({ environmentId }) => environmentId)).toEqual(['env_1']);
  });

  it('that has aborted already sends nothing', async () => {
    const { api, requests, sent } = await startOverSockets((socket) => socket.write(good));
    await expect(api.stats('env_1', { signal: AbortSignal.abort(new Error('over')) })).rejects.toThrow('over');
    expect([requests(), sent]).toEqual([0, []]);
  });
});

it.each<[statuses: number[], requests: number, ends: 'well' | 'badly']>([
  [[200], 1, 'well'],
  [[503, 200], 2, 'well'],
  [[404], 1, 'badly'],
  [[429], 1, 'badly'],
  [[503, 503], 2, 'badly'],
  [[500, 404], 2, 'badly'],
])('a read that is answered with %j says that it took %d requests, and ends %s', async (statuses, requests, ends) => {
  const left = [...statuses];
  const { api, budget } = await startPair((_, response) => json(response, left.shift() ?? 500, EMPTY_STATS));
  const read = api.stats('env_1');
  expect((ends === 'well' ? await read : await failureOf(read)).requests).toBe(requests);
  expect([left, budget.taken]).toEqual([[], requests]);
});
