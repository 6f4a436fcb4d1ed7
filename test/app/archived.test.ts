import { expect, it } from 'vitest';
import { environmentsApi } from './environments-api.ts';
import { RunningApp } from './running-app.ts';

const HOUR_MS = 3_600_000;

it('an environment that was drained, is used again and archived again is watched until it is drained once more', async () => {
  await using api = await environmentsApi([{ id: 'env_a' }]);
  await using running = await RunningApp.start({
    api: { base_url: api.url, api_key: `sk-ant-api03-${'a'.repeat(40)}` },
    discovery: { enabled: true, interval: '10s' },
    poll: { stats_interval: '5s', list_interval: '10s' },
  });
  const watched = () => running.app.states.all().length;
  const archive = () => {
    const archivedAt = new Date(running.clock.now()).toISOString();
    api.state.environments = [{ id: 'env_a', archivedAt }];
  };
  await running.waitUntil(() => running.readSince('env_a', 'stats'));
  archive();
  await running.waitUntil(() => watched() === 0);
  api.state.environments = [{ id: 'env_a' }];
  api.state.stats = { env_a: { depth: 2, oldest_queued_at: new Date(running.clock.now()).toISOString() } };
  await running.waitUntil(async () => (await running.value('queue_depth', { environment_id: 'env_a' })) === 2);
  archive();
  const from = running.clock.now();
  await running.waitUntil(() => running.clock.now() > from + 30_000);
  expect(watched()).toBe(1);
  expect(await running.value('queue_depth', { environment_id: 'env_a' })).toBe(2);
  expect(await running.value('environment_archived_timestamp_seconds', { environment_id: 'env_a' })).toBeGreaterThan(0);
  api.state.stats = {};
  await running.waitUntil(() => watched() === 0);
  await running.waitUntil(async () => (await running.value('exporter_environments', { status: 'archived' })) === 1);
});

it('an environment of the configuration shows since when it is archived, and is watched on', async () => {
  await using api = await environmentsApi([{ id: 'env_a' }]);
  await using running = await RunningApp.start({
    api: { base_url: api.url, api_key: `sk-ant-api03-${'a'.repeat(40)}` },
    environments: [{ id: 'env_a', name: 'prod' }],
    discovery: { enabled: true, interval: '10s' },
  });
  const archivedAt = () => running.value('environment_archived_timestamp_seconds', { environment_id: 'env_a' });
  await running.waitUntil(() => running.readSince('env_a', 'stats'));
  expect(await archivedAt()).toBeUndefined();
  api.state.environments = [{ id: 'env_a', archivedAt: '2026-01-01T00:00:00.5Z' }];
  await running.waitUntil(async () => (await archivedAt()) === Date.parse('2026-01-01T00:00:00.5Z') / 1000);
  api.state.environments = [{ id: 'env_a' }];
  await running.waitUntil(async () => (await archivedAt()) === undefined);
  expect(running.app.states.all()).toHaveLength(1);
});

it('what was archived a day ago is watched no more, whatever is in it, also after a start', async () => {
  await using running = new RunningApp();
  const archivedAgo = (ms: number) => new Date(running.clock.now() - ms).toISOString();
  await using api = await environmentsApi([
    { id: 'env_long', archivedAt: archivedAgo(25 * HOUR_MS) },
    { id: 'env_late', archivedAt: archivedAgo(23 * HOUR_MS) },
  ]);
  const work = { depth: 1, oldest_queued_at: archivedAgo(26 * HOUR_MS) };
  api.state.stats = { env_long: work, env_late: work };
  running.configure({
    api: { base_url: api.url, api_key: `sk-ant-api03-${'a'.repeat(40)}` },
    discovery: { enabled: true, interval: '10m' },
    poll: { stats_interval: '5m' },
  });
  await running.serve();
  await running.waitUntil(() => running.readSince('env_late', 'stats'));
  const watched = () => running.app.states.all().map(({ environment }) => environment.id);
  expect(watched()).toEqual(['env_late']);
  for (let minutes = 0; minutes < 80; minutes += 10) await running.clock.advance(10 * 60_000);
  await running.waitUntil(() => watched().length === 0);
});
