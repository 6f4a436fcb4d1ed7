import { expect, it } from 'vitest';
import { environmentsApi } from './environments-api.ts';
import { RunningApp } from './running-app.ts';

/** Two connections to one workspace; the first has room for one environment, which costs at least a request a minute. */
const configurationOf = (base_url: string, first = 2) => ({
  connections: {
    one: { base_url, api_key: `sk-ant-api03-${'a'.repeat(40)}`, requests_per_minute: first },
    two: { base_url, api_key: `sk-ant-api03-${'b'.repeat(40)}` },
  },
  discovery: { enabled: true },
});

const through = (running: RunningApp) =>
  Object.fromEntries(running.app.states.all().map(({ environment: { id, connection } }) => [id, connection]));

it('environments for which one connection has no room are watched through another that finds them', async () => {
  await using api = await environmentsApi([{ id: 'env_a' }, { id: 'env_b' }, { id: 'env_gone', archived: true }]);
  await using running = await RunningApp.start(configurationOf(api.url));
  await running.waitUntil(() => running.readSince('env_a', 'stats') && running.readSince('env_b', 'stats'));
  const split = { env_a: 'one', env_b: 'two' };
  await running.waitUntil(() => JSON.stringify(through(running)) === JSON.stringify(split));
  const number = (status: string) => running.value('exporter_environments', { status });
  expect([await number('watched'), await number('dropped'), await number('archived')]).toEqual([2, 0, 1]);
  expect(running.events('discovery.fruitless')).toEqual([]);

  running.configure(configurationOf(api.url, 4));
  const { body } = await running.reload();
  expect(body).toMatchObject({ added: [], removed: [], changed: ['env_b'] });
  expect(through(running)).toEqual({ env_a: 'one', env_b: 'one' });
  const infos = await running.samples('environment_info');
  expect(infos.map(({ labels }) => labels.connection)).toEqual(['one', 'one']);
});
