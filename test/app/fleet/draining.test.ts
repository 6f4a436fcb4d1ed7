import { mkdirSync, writeFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { isDraining } from '../../../src/app/fleet/draining.ts';
import type { EnvironmentState } from '../../../src/state/environment-state.ts';
import { buildItem, buildItems, buildOperation, buildState, buildStats, NOW } from '../../support/states.ts';
import { environmentsApi } from '../environments-api.ts';
import { RunningApp } from '../running-app.ts';

const HOUR = 3_600_000;
const ARCHIVED = { id: 'env_1', name: 'prod', configType: 'self_hosted', archived: true, archivedAt: NOW - HOUR };
const EMPTY = { observedAt: NOW, stats: buildStats({ depth: 0, pending: 0, oldestQueuedAt: null }) };
/** The clocks agree. */
const AGREED = { now: NOW, skewMs: 0 };
const noList = { stats: buildOperation(), list: buildOperation({ attempted: false }) };
const noKey = { stats: buildOperation({ attempted: false }), list: buildOperation({ attempted: false }) };

describe('an archived environment', () => {
  it.each<[what: string, state: Partial<EnvironmentState>, draining: boolean]>([
    ['with waiting work is draining', { queue: { observedAt: NOW, stats: buildStats({ depth: 1 }) } }, true],
    [
      'with claimed work is draining',
      { queue: { observedAt: NOW, stats: buildStats({ depth: 0, pending: 1 }) } },
      true,
    ],
    ['with a running item is draining', { queue: EMPTY, items: buildItems([buildItem('sesn_1')]) }, true],
    ['of which no stats are known is draining', { queue: null, items: buildItems([]) }, true],
    ['of which no list is known is draining', { queue: EMPTY, items: null }, true],
    [
      'last read before it was archived is draining',
      { queue: { ...EMPTY, observedAt: NOW - 2 * HOUR }, items: buildItems([]) },
      true,
    ],
    ['without anything left is drained', { queue: EMPTY, items: buildItems([]) }, false],
    ['without a key for its list is drained by its stats', { queue: EMPTY, items: null, operations: noList }, false],
    ['without any key cannot be followed', { queue: null, items: null, operations: noKey }, false],
  ])('%s', (_, change, draining) => {
    expect(isDraining(ARCHIVED, buildState('env_1', change), AGREED)).toBe(draining);
  });

  it('is not watched for longer than a day, whatever is in it', () => {
    const state = buildState('env_1', { queue: { observedAt: NOW, stats: buildStats({ depth: 1 }) } });
    const archivedAgo = (ms: number) => isDraining({ ...ARCHIVED, archivedAt: NOW - ms }, state, AGREED);
    expect([archivedAgo(24 * HOUR - 1), archivedAgo(24 * HOUR)]).toEqual([true, false]);
  });

  it.each([
    ['ahead', 2 * HOUR],
    ['behind', -2 * HOUR],
  ])('is judged on the clock of the API where the own one is %s', (_, aheadMs) => {
    const clocks = { now: NOW + aheadMs, skewMs: -aheadMs };
    const readAgo = (ms: number) => {
      const observedAt = clocks.now - ms;
      const state = buildState('env_1', { queue: { ...EMPTY, observedAt }, items: { ...buildItems([]), observedAt } });
      return isDraining(ARCHIVED, state, clocks);
    };
    expect([readAgo(HOUR + 1000), readAgo(HOUR - 1000)]).toEqual([true, false]);
    const archivedAgo = (ms: number) => isDraining({ ...ARCHIVED, archivedAt: NOW - ms }, undefined, clocks);
    expect([archivedAgo(24 * HOUR - 1), archivedAgo(24 * HOUR)]).toEqual([true, false]);
  });

  it('is looked at after a restart, and not where nobody knows since when it is archived', () => {
    expect(isDraining(ARCHIVED, undefined, AGREED)).toBe(true);
    expect(isDraining({ ...ARCHIVED, archivedAt: null }, undefined, AGREED)).toBe(false);
  });
});

it('an environment that is archived is watched until a read sees it drained', async () => {
  await using api = await environmentsApi([{ id: 'env_a' }, { id: 'env_b' }]);
  await using running = await RunningApp.start({
    api: { base_url: api.url, api_key: `sk-ant-api03-${'a'.repeat(40)}` },
    discovery: { enabled: true, interval: '10s' },
    poll: { stats_interval: '5s', list_interval: '10s' },
  });
  const watched = () => running.app.states.all().map(({ environment }) => environment.id);
  await running.waitUntil(() => running.readSince('env_a', 'stats') && running.readSince('env_b', 'stats'));
  api.state.stats = { env_a: { depth: 2, oldest_queued_at: new Date(running.clock.now()).toISOString() } };
  const archived = new Date(running.clock.now() + 1000).toISOString();
  api.state.environments = [
    { id: 'env_a', archivedAt: archived },
    { id: 'env_b', archivedAt: archived },
  ];
  await running.waitUntil(() => watched().length === 1);
  expect(watched()).toEqual(['env_a']);
  const from = running.clock.now();
  await running.waitUntil(() => running.clock.now() > from + 30_000);
  expect(watched()).toEqual(['env_a']);
  expect(await running.value('queue_depth', { environment_id: 'env_a' })).toBe(2);
  expect(await running.value('environment_archived_timestamp_seconds', { environment_id: 'env_a' })).toBe(
    Date.parse(archived) / 1000,
  );
  await running.waitUntil(async () => (await running.value('exporter_environments', { status: 'archived' })) === 1);
  api.state.stats = {};
  await running.waitUntil(() => watched().length === 0);
  await running.waitUntil(async () => (await running.value('exporter_environments', { status: 'archived' })) === 2);
});

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
  api.state.stats = {};
  await running.waitUntil(() => watched() === 0);
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

it('newcomers over the limit are dropped and counted, and evict nobody', async () => {
  await using api = await environmentsApi([{ id: 'env_m', createdAt: '2026-03-01T00:00:00Z' }]);
  await using running = await RunningApp.start({
    api: { base_url: api.url, api_key: `sk-ant-api03-${'a'.repeat(40)}` },
    discovery: { enabled: true, interval: '10s', max_environments: 2 },
  });
  await running.waitUntil(() => running.readSince('env_m', 'stats'));
  api.state.environments = [
    { id: 'env_z', createdAt: '2026-01-01T00:00:00Z' },
    { id: 'env_a', createdAt: '2026-02-01T00:00:00Z' },
    { id: 'env_m', createdAt: '2026-03-01T00:00:00Z' },
  ];
  await running.waitUntil(() => running.app.states.all().length === 2);
  expect(running.app.states.all().map(({ environment }) => environment.id)).toEqual(['env_m', 'env_z']);
  await running.waitUntil(async () => (await running.value('exporter_environments', { status: 'dropped' })) === 1);
});

it('an archived environment that no key can read is never watched', async () => {
  await using running = new RunningApp();
  const archivedAt = new Date(running.clock.now() - 60_000).toISOString();
  await using api = await environmentsApi([{ id: 'env_a' }, { id: 'env_old', archivedAt }]);
  mkdirSync(running.path('keys'));
  writeFileSync(running.path('keys/env_a'), `env-${'b'.repeat(40)}`);
  running.configure({
    api: { provider: 'opensdlc', base_url: api.url, api_key: 'a'.repeat(40) },
    discovery: { enabled: true, environment_keys_dir: running.path('keys') },
    poll: { stats_interval: '5s', list_interval: '10s' },
  });
  await running.serve();
  await running.waitUntil(() => running.readSince('env_a', 'list'));
  expect(running.app.states.all().map(({ environment }) => environment.id)).toEqual(['env_a']);
  expect(running.events('environment.added').map(({ environment_id }) => environment_id)).toEqual(['env_a']);
  expect(await running.value('exporter_environments', { status: 'archived' })).toBe(1);
});

it('a drained environment is gone with the read that sees it, long before the next discovery', async () => {
  await using running = new RunningApp();
  const archivedAt = new Date(running.clock.now() - 60_000).toISOString();
  const oldest_queued_at = archivedAt;
  await using api = await environmentsApi([
    { id: 'env_a' },
    { id: 'env_old', archivedAt },
    { id: 'env_empty', archivedAt },
  ]);
  api.state.stats = { env_old: { depth: 1, oldest_queued_at } };
  running.configure({
    api: { base_url: api.url, api_key: `sk-ant-api03-${'a'.repeat(40)}` },
    discovery: { enabled: true, interval: '1h' },
    poll: { stats_interval: '10s', list_interval: '20s' },
  });
  await running.serve();
  const watched = () => running.app.states.all().map(({ environment }) => environment.id);
  const from = running.clock.now();
  await running.waitUntil(() => running.readSince('env_old', 'stats', from + 60_000));
  expect(watched()).toEqual(['env_a', 'env_old']);
  api.state.stats = {};
  const drained = running.clock.now();
  await running.waitUntil(() => watched().length === 1);
  expect(running.clock.now() - drained).toBeLessThan(30_000);
  await running.waitUntil(async () => (await running.value('exporter_environments', { status: 'archived' })) === 2);
  expect(await running.samples('queue_depth')).toHaveLength(1);
});
