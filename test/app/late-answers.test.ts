import { expect, it } from 'vitest';
import { apiError, EMPTY_STATS, json, startServer } from '../client/test-server.ts';
import { configurationOf, simulatedApi } from '../support/simulated-api.ts';
import { RunningApp } from './running-app.ts';

const HOUR = 3_600_000;
const IDS = ['env_a', 'env_b', 'env_c', 'env_d'];
const OLD_KEY = `sk-ant-api03-${'a'.repeat(40)}`;
const NEW_KEY = `sk-ant-api03-${'b'.repeat(40)}`;

/** An API, an hour ahead, that keeps its answers to some requests back until a test wants them, and answers others at once. */
async function slowApi(running: RunningApp, status: (key: unknown) => number, isHeld: (key: unknown) => boolean) {
  const held: (() => void)[] = [];
  const server = await startServer(({ headers }, response) => {
    const key = headers['x-api-key'];
    const send = () => {
      const date = new Date(running.clock.now() + HOUR).toUTCString();
      const body = status(key) === 200 ? EMPTY_STATS : apiError('authentication_error', 'invalid x-api-key');
      json(response, status(key), body, { date });
    };
    if (isHeld(key)) held.push(send);
    else send();
  });
  const answer = () => {
    for (const send of held.splice(0)) send();
  };
  return Object.assign(server, { held, answer });
}

/** One that holds every answer back until it is told to give it. */
const heldApi = (running: RunningApp, status: number) =>
  slowApi(
    running,
    () => status,
    () => true,
  );

function configure(running: RunningApp, base_url: string, api_key: string): void {
  running.configure({
    api: { base_url, api_key },
    environments: IDS.map((id) => ({ id })),
    poll: { stats_interval: '5s' },
  });
}

const rejected = (running: RunningApp) => running.value('credential_rejected', { credential: 'api_key' });

async function refusals(running: RunningApp): Promise<number> {
  const samples = await running.samples('api_request_failures_total');
  return samples.reduce((sum, { labels, value }) => sum + (labels.reason === 'unauthorized' ? value : 0), 0);
}

it('answers of an API to which a connection goes no more say nothing of the clock of the other one', async () => {
  await using running = new RunningApp();
  await using before = await heldApi(running, 200);
  await using after = await heldApi(running, 200);
  configure(running, before.url, OLD_KEY);
  await running.serve();
  await running.waitUntil(() => before.held.length >= 2);
  configure(running, after.url, OLD_KEY);
  expect((await running.reload()).status).toBe(200);
  before.answer();
  await running.waitUntil(() => IDS.some((id) => running.readSince(id, 'stats')));
  expect(await running.value('api_clock_skew_seconds')).toBeUndefined();
});

it('a key that one API refused, or refuses late, is not called refused by another one', async () => {
  await using running = new RunningApp();
  await using before = await heldApi(running, 401);
  await using after = await heldApi(running, 200);
  configure(running, before.url, OLD_KEY);
  await running.serve();
  await running.waitUntil(async () => {
    if (before.held.length > 1) before.held.shift()!();
    return (await rejected(running)) === 1;
  });
  expect(running.events('credential.rejected')).toHaveLength(1);
  configure(running, after.url, OLD_KEY);
  expect((await running.reload()).status).toBe(200);
  expect(await rejected(running)).toBeUndefined();
  const known = await refusals(running);
  before.answer();
  await running.waitUntil(async () => (await refusals(running)) > known);
  expect(await rejected(running)).toBeUndefined();
});

it('a refusal of a key that a reload has replaced says nothing of the new one', async () => {
  await using running = new RunningApp();
  await using api = await slowApi(
    running,
    (key) => (key === OLD_KEY ? 401 : 200),
    (key) => key === OLD_KEY,
  );
  configure(running, api.url, OLD_KEY);
  await running.serve();
  await running.waitUntil(() => api.held.length >= 2);
  configure(running, api.url, NEW_KEY);
  expect((await running.reload()).status).toBe(200);
  api.answer();
  // The same reads go on with the new key.
  await running.waitUntil(() => IDS.every((id) => running.readSince(id, 'stats')));
  expect(await refusals(running)).toBeGreaterThan(0);
  expect(running.events('credential.rejected')).toEqual([]);
  expect(await rejected(running)).toBe(0);
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
