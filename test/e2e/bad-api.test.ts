import type { ServerResponse } from 'node:http';
import { expect, it } from 'vitest';
import { FAILURE_REASONS } from '../../src/domain/failure.ts';
import { RunningApp } from '../app/running-app.ts';
import { apiError, EMPTY_STATS, json, startServer } from '../client/test-server.ts';
import { environmentDetailSchema } from '../support/environment-schema.ts';
import { QUICK } from '../support/simulated-api.ts';

const KEY = `sk-ant-oat01-${'b'.repeat(40)}`;

const html = (response: ServerResponse, status: number) => {
  response.writeHead(status, { 'content-type': 'text/html' });
  response.end('<html>a proxy speaks</html>');
};

const rejection = (status: number, type: string, message: string) => (response: ServerResponse) =>
  json(response, status, apiError(type, message));

type BadApi = readonly [
  what: string,
  answer: (response: ServerResponse) => void,
  expected: { reason: string; status: number | null },
];

const BAD: readonly BadApi[] = [
  ['hangs', () => {}, { reason: 'timeout', status: null }],
  [
    'hangs in the middle of its answer',
    (response) => void response.writeHead(200).write('{"depth"'),
    { reason: 'timeout', status: null },
  ],
  ['resets the connection', (response) => response.socket?.resetAndDestroy(), { reason: 'network', status: null }],
  [
    'breaks off in the middle of its answer',
    (response) => {
      response.writeHead(200, { 'content-length': '1000' });
      response.write('{"depth"', () => response.socket?.destroy());
    },
    { reason: 'network', status: null },
  ],
  ['answers garbage', (response) => html(response, 200), { reason: 'bad_response', status: 200 }],
  [
    'answers half a JSON',
    (response) => void response.writeHead(200).end('{"depth": 1,'),
    { reason: 'bad_response', status: 200 },
  ],
  [
    'answers 200 without a body',
    (response) => void response.writeHead(200).end(),
    { reason: 'bad_response', status: 200 },
  ],
  [
    'answers 10 MB',
    (response) => json(response, 200, { padding: 'x'.repeat(10_000_000) }),
    { reason: 'bad_response', status: 200 },
  ],
  [
    'redirects',
    (response) => void response.writeHead(302, { location: 'https://elsewhere.example/' }).end(),
    { reason: 'client_error', status: 302 },
  ],
  [
    'answers 401',
    rejection(401, 'authentication_error', 'invalid bearer token'),
    { reason: 'unauthorized', status: 401 },
  ],
  ['answers 403', rejection(403, 'permission_error', 'not yours'), { reason: 'forbidden', status: 403 }],
  ['is behind a login of a proxy', (response) => html(response, 401), { reason: 'bad_response', status: 401 }],
  ['is behind a firewall', (response) => html(response, 403), { reason: 'bad_response', status: 403 }],
  ['answers 404', rejection(404, 'not_found_error', 'no such environment'), { reason: 'not_found', status: 404 }],
  ['answers 429', rejection(429, 'rate_limit_error', 'slow down'), { reason: 'rate_limited', status: 429 }],
  ['answers 500', rejection(500, 'api_error', 'oops'), { reason: 'server_error', status: 500 }],
  ['answers 529', rejection(529, 'overloaded_error', 'busy'), { reason: 'server_error', status: 529 }],
];

it.each(BAD)(
  'an API that %s is up 0 with its reason and a remedy, and concerns nobody else',
  async (_, answer, expected) => {
    const server = await startServer(({ url = '' }, response) => {
      if (url.includes('/env_bad/')) return answer(response);
      json(response, 200, url.includes('/work/stats') ? EMPTY_STATS : { data: [], next_page: null });
    });
    await using running = await RunningApp.start({
      api: { base_url: server.url, max_response_bytes: 1_000_000 },
      environments: ['env_bad', 'env_good'].map((id) => ({ id, environment_key: KEY })),
      poll: QUICK,
    });
    await running.waitUntil(() =>
      ['stats', 'list'].every((name) =>
        running.events('environment.failing').some(({ operation }) => operation === name),
      ),
    );
    const since = running.clock.now();
    await running.waitUntil(
      () => running.readSince('env_good', 'stats', since) && running.readSince('env_good', 'list', since),
    );

    const up = (await running.samples('up')).map(({ labels, value }) => [labels.environment_id, value]);
    expect(up).toEqual(
      expect.arrayContaining([
        ['env_bad', 0],
        ['env_good', 1],
      ]),
    );
    expect(up.filter(([id, value]) => value !== (id === 'env_bad' ? 0 : 1))).toEqual([]);
    expect((await running.samples('queue_depth')).map(({ labels }) => labels.environment_id)).toEqual(['env_good']);

    const counted = (await running.samples('api_request_failures_total')).filter(({ value }) => value > 0);
    expect(new Set(counted.map(({ labels }) => `${labels.environment_id} ${labels.reason}`))).toEqual(
      new Set([`env_bad ${expected.reason}`]),
    );
    expect(FAILURE_REASONS).toContain(expected.reason);

    const shown = environmentDetailSchema.parse(
      await (await fetch(`${running.url}/api/v1/environments/env_bad`)).json(),
    );
    for (const operation of ['stats', 'list'] as const) {
      const { status, error } = shown.operations[operation];
      expect({ status, reason: error?.reason, http: error?.http_status }).toEqual({
        status: 'failing',
        reason: expected.reason,
        http: expected.status,
      });
    }
    expect(shown.queue).toBeNull();
    const lines = running.events('environment.failing');
    expect(lines.map(({ environment_id }) => environment_id)).toEqual(['env_bad', 'env_bad']);
    for (const { reason, remedy, detail } of lines)
      expect([reason, typeof remedy, typeof detail]).toEqual([expected.reason, 'string', 'string']);
    expect(JSON.stringify([running.log, shown])).not.toContain(KEY);
    await server.close();
  },
);

it('an API that does not find the second page of a list knows the environment all the same', async () => {
  const server = await startServer(({ url = '' }, response) => {
    if (url.includes('/work/stats')) return json(response, 200, EMPTY_STATS);
    if (url.includes('page=')) return rejection(404, 'not_found_error', 'page not found')(response);
    json(response, 200, { data: [], next_page: 'page_2' });
  });
  await using running = await RunningApp.start({
    api: { base_url: server.url },
    environments: [{ id: 'env_1', environment_key: KEY }],
    poll: QUICK,
  });
  await running.waitUntil(() => running.events('environment.failing').length > 0);
  const shown = environmentDetailSchema.parse(await (await fetch(`${running.url}/api/v1/environments/env_1`)).json());
  expect(shown.status).toBe('degraded');
  expect(shown.operations.stats.status).toBe('ok');
  expect(shown.operations.list.error).toMatchObject({ reason: 'client_error', http_status: 404 });
  const counted = (await running.samples('api_request_failures_total')).filter(({ value }) => value > 0);
  await server.close();
  expect(counted.map(({ labels }) => `${labels.operation} ${labels.reason}`)).toEqual(['list client_error']);
});
