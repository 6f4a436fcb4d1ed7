import type { ServerResponse } from 'node:http';
import { inspect } from 'node:util';
import { describe, expect, it } from 'vitest';
import { ManualClock } from '../support/manual-clock.ts';
import { startPair } from './start-pair.ts';
import { API_KEY, ENVIRONMENT_KEY, failureOf, type TestClientOptions, useKeys } from './test-client.ts';
import { apiError, EMPTY_STATS, type Handler, json } from './test-server.ts';

const TEN_MINUTES = 600_000;
const refuse = (status: number): Handler => {
  return (_, response) => json(response, status, apiError('authentication_error', 'no'));
};
const answer: Handler = (_, response) => json(response, 200, EMPTY_STATS);

/** A server that answers by the key that it is sent, and its client. */
function startKeys(byKey: { apiKey: Handler; environmentKey: Handler }, options: TestClientOptions = {}) {
  const answers = { ...byKey };
  const handler: Handler = (request, ...rest) =>
    answers[request.headers['x-api-key'] === undefined ? 'environmentKey' : 'apiKey'](request, ...rest);
  return startPair(handler, options).then((pair) => ({ ...pair, answers }));
}

describe('a read with a second key', () => {
  it.each([401, 403])('does not fail because the first is refused with %d', async (status) => {
    const { api, server, budget, verdicts } = await startKeys({ apiKey: refuse(status), environmentKey: answer });
    expect((await api.stats('env_1')).credential).toBe('environment_key');
    expect([server.requests.length, budget.taken]).toEqual([2, 2]);
    expect(verdicts).toEqual({ api_key: true, env_1: false });
    // What works is remembered; what is dead is dead for all environments.
    await api.stats('env_1');
    expect(server.requests).toHaveLength(3);
    await api.stats('env_2');
    expect(server.requests).toHaveLength(status === 401 ? 4 : 5);
  });

  it('never fails while the dead key is tried again every ten minutes', async () => {
    const clock = new ManualClock();
    const { api, server } = await startKeys({ apiKey: refuse(401), environmentKey: answer }, { clock });
    for (let minutes = 0; minutes < 60; minutes += 1) {
      expect((await api.stats('env_1')).credential).toBe('environment_key');
      clock.advanceNow(60_000);
    }
    const dead = server.requests.filter(({ headers }) => headers['x-api-key'] !== undefined);
    expect(dead).toHaveLength(6);
  });

  it('returns to the first when that works again', async () => {
    const clock = new ManualClock();
    const { api, answers } = await startKeys({ apiKey: refuse(401), environmentKey: answer }, { clock });
    await api.stats('env_1');
    answers.apiKey = answer;
    clock.advanceNow(TEN_MINUTES);
    expect((await api.stats('env_1')).credential).toBe('api_key');
  });

  it('fails when both are refused, after one request each, and then tries one a read', async () => {
    const clock = new ManualClock();
    const { api, server } = await startKeys({ apiKey: refuse(401), environmentKey: refuse(403) }, { clock });
    expect((await failureOf(api.stats('env_1'))).failure).toMatchObject({ reason: 'forbidden', httpStatus: 403 });
    expect(server.requests).toHaveLength(2);
    for (let read = 0; read < 4; read++) {
      clock.advanceNow(60_000);
      await failureOf(api.stats('env_1'));
    }
    expect(server.requests).toHaveLength(6);
  });

  it.each([404, 429, 500, 503])('does not try it for %d', async (status) => {
    const { api, server } = await startKeys({ apiKey: refuse(status), environmentKey: answer });
    await failureOf(api.stats('env_1'));
    expect(server.requests.every(({ headers }) => headers['x-api-key'] !== undefined)).toBe(true);
  });

  it('waits for a token of its own', async () => {
    const clock = new ManualClock();
    const { api, server, budget } = await startKeys(
      { apiKey: refuse(401), environmentKey: answer },
      { clock, requestsPerMinute: 1 },
    );
    const read = api.stats('env_1');
    while (server.requests.length < 1 || budget.isFree) await new Promise(setImmediate);
    let ended = false;
    void read.then(() => {
      ended = true;
    });
    await clock.advance(20_000);
    expect([ended, server.requests.length]).toEqual([false, 1]);
    await clock.advance(100_000);
    expect((await read).credential).toBe('environment_key');
  });
});

it('a read of an operation with one key fails at its first refusal', async () => {
  const { api, server } = await startKeys({ apiKey: answer, environmentKey: refuse(401) });
  await failureOf(api.listPage('env_1', { limit: 10, page: null }));
  expect(server.requests).toHaveLength(1);
});

it.each([
  ['a second try', 500, ['env_1']],
  ['a request that waited for a slot', 200, ['env_1', 'env_2']],
])(
  '%s goes out with the key that has come since, and what the old one was told is no verdict on it',
  async (_, status, ids) => {
    const pair = await startPair(
      (__, response, count) => {
        if (count === 1) useKeys(pair.keys, 'new', null);
        json(response, count === 1 ? status : 200, EMPTY_STATS);
      },
      { apiKey: 'old', connection: { maxConcurrentRequests: 1 } },
    );
    await Promise.all(ids.map((id) => pair.api.stats(id)));
    expect(pair.server.requests.map(({ headers }) => headers['x-api-key'])).toEqual(['old', 'new']);
    expect(pair.verdicts).toEqual({ api_key: false });
  },
);

type Echo = (response: ServerResponse, key: string) => void;

/** Answers that hold the key that came, in every place that the client reads. */
const echoes: [string, Echo][] = [
  ['an error message', (response, key) => json(response, 401, apiError(key, `bad key ${key}`))],
  ['a bare long message', (response, key) => json(response, 500, apiError('x', key.repeat(5)))],
  ['the request id', (response, key) => json(response, 403, {}, { 'request-id': key })],
  ['the request id of a body', (response, key) => json(response, 403, { request_id: key })],
  ['a redirect', (response, key) => response.writeHead(302, { location: `https://x.example/${key}` }).end()],
  ['a body that is no JSON', (response, key) => response.end(`key ${key}`)],
  [
    'a wrong value',
    (response, key) => json(response, 200, { depth: key, data: [{ id: 'a', state: key, created_at: key }] }),
  ],
  ['an error code', (response, key) => json(response, 400, apiError('x', 'y', { details: { error_code: key } }))],
  ['a reset', (response) => response.socket?.destroy()],
];

function keyIn(request: Parameters<Handler>[0]): string {
  return request.headers.authorization?.slice('Bearer '.length) ?? String(request.headers['x-api-key']);
}

it.each(echoes)('no key gets out of an answer that echoes it in %s', async (_, echo) => {
  const unusual = 'hunter2_9';
  for (const [apiKey, environmentKey] of [
    [API_KEY, ENVIRONMENT_KEY],
    [unusual, unusual],
  ] as const) {
    const options = { apiKey, environmentKey };
    const { api, sent, verdicts } = await startPair((request, response) => echo(response, keyIn(request)), options);
    const errors = await Promise.all([
      failureOf(api.stats('env_1')),
      failureOf(api.listPage('env_1', { limit: 20, page: null })),
    ]);
    for (const error of errors) {
      const shown = [String(error), error.stack, JSON.stringify(error), inspect(error, { depth: 9, showHidden: true })];
      const all = [...shown, inspect(api, { depth: 9 }), JSON.stringify([sent, verdicts])].join('\n');
      for (const key of [apiKey, environmentKey]) expect(all.toLowerCase()).not.toContain(key.toLowerCase());
    }
  }
});
