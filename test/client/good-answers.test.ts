import type { ServerResponse } from 'node:http';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { ManualClock } from '../support/manual-clock.ts';
import { answerStats, startPair } from './start-pair.ts';
import { API_KEY, ENVIRONMENT_KEY } from './test-client.ts';
import { EMPTY_STATS, json } from './test-server.ts';

describe('a good answer', () => {
  it('is parsed, and comes with its status, request id and credential', async () => {
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
      requestId: 'req_test1',
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

  it('tells the observer about the request, the credential and the clock', async () => {
    const clock = new ManualClock();
    const { api, observer } = await startPair(
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
    expect(observer.judged[0]).toMatchObject({
      connection: 'default',
      credential: 'api_key',
      operation: 'stats',
      accepted: true,
    });
    const noon = Date.UTC(2026, 10, 24, 12);
    const times = { date: noon + 7000, sentAt: 0, headersAt: 0 };
    expect(observer.samples[0]).toEqual({ connection: 'default', ...times });
    expect(observer.unknown).toEqual(['field']);
  });

  it('of a cache tells nothing about the clock', async () => {
    const { api, observer } = await startPair((_, response) => json(response, 200, EMPTY_STATS, { age: '3' }));
    await api.stats('env_1', { maxAgeMs: 15_000 });
    expect(observer.samples).toEqual([]);
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
