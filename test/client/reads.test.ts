import type { Socket } from 'node:net';
import { describe, expect, it } from 'vitest';
import { ManualClock } from '../support/manual-clock.ts';
import { waitUntil } from '../support/wait-until.ts';
import { API_KEY, answerStats, ENVIRONMENT_KEY, failureOf, startOverSockets, startPair } from './test-client.ts';
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
        'accept-encoding': 'identity',
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

  it('tells of the request, the key, the clock and what is unknown', async () => {
    const clock = new ManualClock();
    const { api, sent, verdicts, apiClock, unknown } = await startPair(
      (_, response) => json(response, 200, { ...EMPTY_STATS, new_field: 1 }, { date: 'Tue, 24 Nov 2026 12:00:07 GMT' }),
      { clock },
    );
    await api.stats('env_1');
    await api.stats('env_1');
    const request = { connection: 'default', environmentId: 'env_1', operation: 'stats', credential: 'api_key' };
    expect(sent[0]).toEqual({ ...request, durationSeconds: 0, reason: null });
    expect(verdicts).toEqual({ api_key: false });
    expect(apiClock.measuredMs).toBe(Date.UTC(2026, 10, 24, 12, 0, 7, 500) - clock.now());
    expect(unknown).toEqual(['field']);
  });

  it('of a cache tells nothing about the clock', async () => {
    const { api, apiClock } = await startPair((_, response) => json(response, 200, EMPTY_STATS, { age: '3' }));
    await api.stats('env_1', { maxAgeMs: 15_000 });
    expect(apiClock.measuredMs).toBeNull();
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
      failureOf(api.listEnvironments(page)),
    ]);
    expect(server.requests.map(({ method, url }) => `${method} ${url}`).sort()).toEqual([
      'GET /v1/environments/env_1/work/stats',
      'GET /v1/environments/env_1/work/work_1',
      'GET /v1/environments/env_1/work?limit=20&page=..%2Fpoll%3F',
      'GET /v1/environments?limit=20&page=..%2Fpoll%3F&include_archived=true',
      'GET /v1/sessions/sesn_1',
      'GET /v1/sessions/sesn_2/events?types=session.status_idle&order=desc&limit=1',
    ]);
  });
});

describe("the caller's signal", () => {
  it('ends a request under way with its own reason, and is no failure, but a request that was sent', async () => {
    const { promise: request, resolve: arrived } = Promise.withResolvers<void>();
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
    const calls = [1, 2, 3, 4].map((n) => api.stats(`env_${n}`, { signal }));
    await waitUntil(() => sockets.length === 1);
    controller.abort(new Error('stopping'));
    const results = await Promise.allSettled(calls);
    expect(results.map((result) => result.status === 'rejected' && String(result.reason))).toEqual(
      calls.map(() => 'Error: stopping'),
    );
    // The first had its slot, and was sent.
    expect(sent.map(({ environmentId }) => environmentId)).toEqual(['env_1']);
  });
});

it('pages that follow each other leave a place to what has waited', async () => {
  const { promise: begun, resolve } = Promise.withResolvers<void>();
  const { api, server } = await startPair(
    (...exchange) => {
      resolve();
      answerStats(...exchange);
    },
    { connection: { maxConcurrentRequests: 1 } },
  );
  const pages = (async () => {
    for (let page = 0; page < 20; page++) await api.stats('env_1');
  })();
  await begun;
  await Promise.all([api.stats('env_2'), api.stats('env_3')]);
  expect(server.requests.length).toBeLessThan(6);
  await pages;
});

it.each<[answers: (number | 'x-should-retry: false')[], requests: number, ends: 'well' | 'badly']>([
  [[200], 1, 'well'],
  [[503, 200], 2, 'well'],
  [[408, 200], 2, 'well'],
  ...[400, 401, 403, 404, 429].map((status): [number[], number, 'badly'] => [[status], 1, 'badly']),
  [[503, 503], 2, 'badly'],
  [[500, 404], 2, 'badly'],
  [['x-should-retry: false'], 1, 'badly'],
])('a read that is answered with %j takes %d requests, says so, and ends %s', async (answers, requests, ends) => {
  const left = [...answers];
  const { api, budget, sent } = await startPair(
    (_, response) => {
      const status = left.shift() ?? 500;
      if (typeof status === 'number') json(response, status, EMPTY_STATS);
      else json(response, 503, EMPTY_STATS, { 'x-should-retry': 'false' });
    },
    { environmentKey: null },
  );
  const read = api.stats('env_1');
  expect((ends === 'well' ? await read : await failureOf(read)).requests).toBe(requests);
  expect([left, budget.taken, sent.length]).toEqual([[], requests, requests]);
});

it('a read is not made once more when the budget has no token left', async () => {
  const { api, server } = await startPair((_, response) => response.writeHead(500).end(), { requestsPerMinute: 2 });
  await failureOf(api.stats('env_1'));
  expect(server.requests).toHaveLength(1);
});
