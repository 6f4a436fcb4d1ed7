import { expect, it } from 'vitest';
import { apiError, EMPTY_STATS, json, startServer } from '../client/test-server.ts';
import { RunningApp } from './running-app.ts';

const OLD = `sk-ant-api03-${'a'.repeat(40)}`;
const NEW = `sk-ant-api03-${'b'.repeat(40)}`;

/** An API that answers the first read of env_a only when it is told to: with 401. It takes every other read. */
async function apiWithLateRefusal() {
  let held: (() => void) | null = null;
  const server = await startServer(({ url = '' }, response) => {
    if (held !== null || !url.includes('env_a')) return json(response, 200, EMPTY_STATS);
    held = () => json(response, 401, apiError('authentication_error', 'invalid x-api-key'));
  });
  const state = { isHeld: () => held !== null, refuse: () => held?.() };
  return Object.assign(server, { ...state, [Symbol.asyncDispose]: () => server.close() });
}

async function start(url: string) {
  const running = new RunningApp();
  const configure = (key: string) =>
    running.configure({
      api: { base_url: url, api_key: key },
      environments: [{ id: 'env_a' }, { id: 'env_b' }],
      poll: { stats_interval: '5s' },
    });
  configure(OLD);
  await running.serve();
  return Object.assign(running, { replaceKey: () => configure(NEW) });
}

it('a refusal of a key that a reload has replaced says nothing of the new one', async () => {
  await using api = await apiWithLateRefusal();
  await using running = await start(api.url);
  await running.waitUntil(api.isHeld);
  running.replaceKey();
  expect((await running.reload()).status).toBe(200);
  const reloadedAt = running.clock.now();
  await running.waitUntil(() => running.readSince('env_b', 'stats', reloadedAt));
  api.refuse();
  // The same read goes on with the new key.
  await running.waitUntil(() => running.readSince('env_a', 'stats'));
  expect(await running.value('api_request_failures_total', { environment_id: 'env_a', reason: 'unauthorized' })).toBe(
    1,
  );
  expect(running.events('credential.rejected')).toEqual([]);
  expect(await running.value('credential_rejected', { credential: 'api_key' })).toBe(0);
});

it('a refusal of the key in force is told', async () => {
  await using api = await apiWithLateRefusal();
  await using running = await start(api.url);
  await running.waitUntil(() => api.isHeld() && running.readSince('env_b', 'stats'));
  api.refuse();
  await running.waitUntil(() => running.events('credential.rejected').length === 1);
  expect(await running.value('credential_rejected', { credential: 'api_key' })).toBe(1);
});

it.each([302, 400, 404, 429, 500, 503])(
  'a new key that is answered with %i is not called refused for the old one',
  async (status) => {
    await using api = await startServer(({ headers }, response) => {
      if (headers['x-api-key'] === OLD)
        return json(response, 401, apiError('authentication_error', 'invalid x-api-key'));
      json(response, status, apiError('api_error', 'no'));
    }).then((server) => Object.assign(server, { [Symbol.asyncDispose]: () => server.close() }));
    await using running = await start(api.url);
    const rejected = () => running.value('credential_rejected', { credential: 'api_key' });
    await running.waitUntil(async () => (await rejected()) === 1);
    running.replaceKey();
    expect((await running.reload()).status).toBe(200);
    await running.waitUntil(() => api.requests.some(({ headers }) => headers['x-api-key'] === NEW));
    await running.waitUntil(async () => (await rejected()) !== 1);
  },
);
