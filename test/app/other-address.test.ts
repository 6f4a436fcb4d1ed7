import { expect, it } from 'vitest';
import { apiError, EMPTY_STATS, json, startServer } from '../client/test-server.ts';
import { configurationOf, simulatedApi } from '../support/simulated-api.ts';
import { RunningApp } from './running-app.ts';

const HOUR = 3_600_000;
const IDS = ['env_a', 'env_b', 'env_c', 'env_d'];

/** An API that keeps its answers back until a test wants them. */
async function slowApi(running: RunningApp, status: number) {
  const held: (() => void)[] = [];
  const server = await startServer((_, response, count) => {
    held.push(() => {
      const date = new Date(running.clock.now() + HOUR).toUTCString();
      const body = status === 200 ? EMPTY_STATS : apiError('authentication_error', 'invalid x-api-key');
      json(response, status, body, { date, 'request-id': `req_${count}` });
    });
  });
  const answer = () => {
    for (const send of held.splice(0)) send();
  };
  return Object.assign(server, { held, answer, [Symbol.asyncDispose]: () => server.close() });
}

const OLD_KEY = `sk-ant-api03-${'a'.repeat(40)}`;
const NEW_KEY = `sk-ant-api03-${'b'.repeat(40)}`;

function configure(running: RunningApp, base_url: string, more: { api_key?: string; discovery?: object } = {}): void {
  const { api_key = OLD_KEY, discovery = {} } = more;
  running.configure({
    discovery,
    api: { base_url, api_key },
    environments: IDS.map((id) => ({ id })),
    poll: { stats_interval: '5s' },
  });
}

it('answers of an API to which a connection goes no more say nothing of the clock of the other one', async () => {
  await using running = new RunningApp();
  await using before = await slowApi(running, 200);
  await using after = await slowApi(running, 200);
  configure(running, before.url);
  await running.serve();
  await running.waitUntil(() => before.held.length >= 2);
  configure(running, after.url);
  expect((await running.reload()).status).toBe(200);
  before.answer();
  await running.waitUntil(() => IDS.some((id) => running.readSince(id, 'stats')));
  expect(await running.value('api_clock_skew_seconds')).toBeUndefined();
  expect(running.app.connections.measuredMs('default')).toBeNull();
});

it('a key that an API refused, or refuses late, is not called refused by another one', async () => {
  await using running = new RunningApp();
  await using before = await slowApi(running, 401);
  await using after = await slowApi(running, 200);
  configure(running, before.url);
  await running.serve();
  const rejected = () => running.value('credential_rejected', { credential: 'api_key' });
  await running.waitUntil(async () => {
    if (before.held.length > 1) before.held.shift()!();
    return (await rejected()) === 1;
  });
  configure(running, after.url);
  expect((await running.reload()).status).toBe(200);
  expect(await rejected()).toBeUndefined();
  const refusals = async () => {
    const samples = await running.samples('api_request_failures_total');
    return samples.reduce((sum, { labels, value }) => sum + (labels.reason === 'unauthorized' ? value : 0), 0);
  };
  const known = await refusals();
  before.answer();
  await running.waitUntil(async () => (await refusals()) > known);
  expect(await rejected()).toBeUndefined();
});

it('its new key is never sent to the old address, when that refuses the old key late', async () => {
  await using running = new RunningApp();
  await using before = await slowApi(running, 401);
  await using after = await slowApi(running, 200);
  configure(running, before.url);
  await running.serve();
  await running.waitUntil(() => before.held.length >= 2);
  configure(running, after.url, { api_key: NEW_KEY });
  expect((await running.reload()).status).toBe(200);
  before.answer();
  await running.waitUntil(() => {
    after.answer();
    return IDS.every((id) => running.readSince(id, 'stats'));
  });
  await running.clock.advance(1000);
  expect(before.requests.every(({ headers }) => headers['x-api-key'] === OLD_KEY)).toBe(true);
  expect(after.requests.every(({ headers }) => headers['x-api-key'] === NEW_KEY)).toBe(true);
});

it('environments of an API to which a connection goes no more are left as soon as the other one lists its own', async () => {
  await using before = await simulatedApi({ environments: [{ id: 'env_before', name: 'before' }] });
  await using after = await simulatedApi({ environments: [{ id: 'env_after', name: 'after' }] });
  const discovery = { enabled: true, interval: '1h' };
  await using running = await RunningApp.start(configurationOf(before, { environments: [], discovery }));
  await running.waitUntil(() => running.app.states.get('env_before') !== undefined);
  running.configure(configurationOf(after, { environments: [], discovery }));
  expect((await running.reload()).status).toBe(200);
  await running.waitUntil(() => running.app.states.get('env_after') !== undefined);
  expect(running.app.states.get('env_before')).toBeUndefined();
});
