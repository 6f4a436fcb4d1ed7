import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { basename } from 'node:path';
import { expect, it } from 'vitest';
import { type FileReader, nodeFiles } from '../../src/base/files.ts';
import { SECRET_FILE_LIMIT } from '../../src/config/keys.ts';
import { QUICK } from '../support/simulated-api.ts';
import { environmentsApi } from './environments-api.ts';
import { RunningApp } from './running-app.ts';

const API_KEY = `sk-ant-api03-${'a'.repeat(40)}`;
const KEY = `sk-ant-oat01-${'b'.repeat(40)}`;

function discovering(url: string, keys: string | null = null) {
  const discovery = { enabled: true, interval: '1m', ...(keys === null ? {} : { environment_keys_dir: keys }) };
  return { api: { base_url: url, api_key: API_KEY }, discovery, poll: QUICK };
}

/** An app with an empty folder `keys` that is configured for it. */
async function withKeys(url: string): Promise<RunningApp> {
  const running = new RunningApp();
  mkdirSync(running.path('keys'));
  running.configure(discovering(url, running.path('keys')));
  await running.serve();
  return running;
}

const ids = (running: RunningApp) => running.app.states.all().map(({ environment }) => environment.id);

it('watches what appears and leaves no series of what goes', async () => {
  await using api = await environmentsApi([{ id: 'env_a' }, { id: 'env_cloud', type: 'cloud' }]);
  await using running = await RunningApp.start(discovering(api.url));
  await running.waitUntil(() => running.readSince('env_a', 'stats'));
  expect(ids(running)).toEqual(['env_a']);
  expect(await running.value('discovery_up')).toBe(1);
  expect(await running.value('list_attempted')).toBe(0);

  api.state.environments = [
    { id: 'env_b', name: 'bees' },
    { id: 'env_a', archived: true },
  ];
  await running.waitUntil(() => ids(running).includes('env_b'));
  expect(ids(running)).toEqual(['env_b']);
  expect(await running.exposition()).not.toContain('env_a');
  expect(await running.value('exporter_environments', { status: 'archived' })).toBe(1);
  expect(running.events('environment.removed').map((line) => line.environment_id)).toEqual(['env_a']);
  expect(running.events('environment.added').map((line) => line.environment_name)).toEqual(['env_a', 'bees']);
  // What discovery finds is no new configuration.
  await running.clock.advance(30_000);
  expect(running.events('config.loaded')).toEqual([]);
});

it('calls a configured cloud environment down, although no key can read its list', async () => {
  await using api = await environmentsApi([{ id: 'env_cloud', type: 'cloud' }, { id: 'env_a' }]);
  const configuration = { ...discovering(api.url), environments: [{ id: 'env_cloud' }, { id: 'env_a' }] };
  await using running = await RunningApp.start(configuration);
  const up = (id: string) => running.value('up', { environment_id: id, operation: 'stats' });
  const failures = { environment_id: 'env_cloud', operation: 'stats', reason: 'not_self_hosted' };
  await running.waitUntil(async () => (await up('env_a')) === 1 && running.events('environment.failing').length > 0);
  expect(await up('env_cloud')).toBe(0);
  await running.waitUntil(async () => ((await running.value('api_request_failures_total', failures)) ?? 0) > 1);
  expect(await up('env_cloud')).toBe(0);
  expect(await up('env_a')).toBe(1);
  expect((await running.samples('queue_depth')).map(({ labels }) => labels.environment_id)).toEqual(['env_a']);
  // However discovery and the first read come one after the other.
  expect(running.events('environment.failing')).toMatchObject([
    { environment_id: 'env_cloud', reason: 'not_self_hosted', remedy: expect.stringContaining('self-hosted') },
  ]);

  // Without discovery nobody says so any more.
  running.configure({ ...configuration, discovery: { enabled: false } });
  await running.reload();
  await running.waitUntil(async () => (await up('env_cloud')) === 1);
});

it('reads the list of an environment once its key lies ready, keeps a key whose file is spoiled, and stops when it is taken away', async () => {
  await using api = await environmentsApi([{ id: 'env_a' }, { id: 'env_b' }]);
  await using running = await withKeys(api.url);
  await running.waitUntil(() => running.readSince('env_a', 'stats'));
  expect(running.state('env_a').operations.list.attempted).toBe(false);
  // Where a key could lie is no new configuration.
  await running.waitUntil(() => running.clock.monotonic() > 25_000);
  expect(running.events('config.loaded')).toEqual([]);

  writeFileSync(running.path('keys/env_a'), `${KEY}\n`);
  await running.waitUntil(() => running.readSince('env_a', 'list'));
  expect(running.state('env_b').operations.list.attempted).toBe(false);
  const listed = api.requests.filter(({ url }) => url.startsWith('/v1/environments/env_a/work?'));
  expect(listed[0]?.headers.authorization).toBe(`Bearer ${KEY}`);
  expect(await running.value('credential_rejected', { credential: 'env_a' })).toBe(0);

  const since = running.clock.now();
  writeFileSync(running.path('keys/env_a'), '');
  await running.waitUntil(() => running.events('config.rejected').length > 0);
  await running.waitUntil(() => running.readSince('env_a', 'list', since));
  expect(running.state('env_a').operations.list).toMatchObject({ attempted: true, failure: null });
  expect(running.events('secret.reloaded').map(({ msg }) => msg)).toEqual(['a key was replaced']);

  rmSync(running.path('keys/env_a'));
  await running.waitUntil(() => !running.state('env_a').operations.list.attempted);
  expect(running.events('secret.reloaded').map(({ msg }) => msg)).toEqual(['a key was replaced', 'a key is gone']);
  expect(await running.value('credential_rejected', { credential: 'env_a' })).toBeUndefined();
  expect(JSON.stringify(running.log)).not.toContain(KEY);
});

it.each([
  ['an API key', `sk-ant-api03-${'c'.repeat(40)}`, /looks like an API key/],
  ['nothing', '\n', /is empty/],
  ['two lines', `${KEY}\n${KEY}\n`, /white space/],
  ['far too much', 'x'.repeat(20_000), /longer than 16 KiB/],
])('goes on without a key file that holds %s, and says so', async (_, content, problem) => {
  await using api = await environmentsApi([{ id: 'env_a' }, { id: 'env_b' }]);
  await using running = new RunningApp();
  mkdirSync(running.path('keys'));
  writeFileSync(running.path('keys/env_a'), content);
  writeFileSync(running.path('keys/env_b'), KEY);
  running.configure(discovering(api.url, running.path('keys')));
  await running.serve();
  await running.waitUntil(() => running.readSince('env_a', 'stats') && running.readSince('env_b', 'list'));
  expect(running.state('env_a').operations.list.attempted).toBe(false);
  const told = running.log.filter((line) => line.environment_id === 'env_a' && line.detail !== undefined);
  expect(told).toMatchObject([{ level: 'warn', detail: expect.stringMatching(problem), remedy: expect.any(String) }]);
  expect(JSON.stringify(running.log)).not.toContain(content.trim() || KEY);
});

it('goes on watching where a listing is empty once', async () => {
  await using api = await environmentsApi([{ id: 'env_a' }]);
  await using running = await RunningApp.start(discovering(api.url));
  await running.waitUntil(() => running.readSince('env_a', 'stats'));
  const listings = () => api.requests.filter(({ url }) => !url.includes('/work')).length;
  const present = api.state.environments;
  api.state.environments = [];
  const before = listings();
  await running.waitUntil(() => listings() > before);
  api.state.environments = present;
  await running.waitUntil(() => listings() > before + 2);
  expect(ids(running)).toEqual(['env_a']);
  expect(running.events('environment.removed')).toEqual([]);
  // Twice: it is gone.
  api.state.environments = [];
  await running.waitUntil(() => running.events('environment.removed').length > 0);
  expect(running.events('environment.removed')).toHaveLength(1);
  expect(ids(running)).toEqual([]);
});

it('opens no file and sends no request for an id that looks like a path', async () => {
  await using api = await environmentsApi([{ id: 'env_a' }]);
  await using running = await withKeys(api.url);
  writeFileSync(running.path('outside'), KEY);
  await running.waitUntil(() => running.readSince('env_a', 'stats'));
  expect(await running.value('api_unknown_values_total', { kind: 'field' })).toBe(0);
  api.state.environments = [{ id: '../outside' }, { id: 'env_b' }];
  await running.waitUntil(() => running.readSince('env_b', 'stats'));
  expect(running.events('discovery.skipped')).toMatchObject([{ level: 'warn', count: 1, remedy: expect.any(String) }]);
  expect(await running.value('api_unknown_values_total', { kind: 'field' })).toBe(1);
  await running.waitUntil(() => !ids(running).includes('env_a'));
  expect(ids(running)).toEqual(['env_b']);
  expect(await running.value('discovery_up')).toBe(1);

  // A page of nothing else is no list of environments: what was found stays.
  api.state.environments = [{ id: '../outside' }];
  await running.waitUntil(() => running.events('discovery.failing').length > 0);
  expect(running.events('discovery.failing')).toMatchObject([{ reason: 'bad_response', remedy: expect.any(String) }]);
  expect(ids(running)).toEqual(['env_b']);
  expect(await running.value('discovery_up')).toBe(0);
  expect(api.requests.filter(({ url }) => url.includes('outside'))).toEqual([]);

  api.state.environments = [{ id: 'env_c' }];
  await running.waitUntil(() => ids(running).includes('env_c'));
  expect(running.events('discovery.recovered')).toHaveLength(1);
});

it('goes on over a reload that does not concern it, and begins anew after one that does', async () => {
  await using api = await environmentsApi([]);
  const lists = () => api.requests.filter(({ url }) => !url.includes('/work')).length;
  await using running = await RunningApp.start(discovering(api.url));
  await running.waitUntil(async () => (await running.value('discovery_up')) === 1);
  // Not an environment: each answer is no list of them.
  api.state.environments = [{ id: '' }];
  await running.waitUntil(() => running.events('discovery.failing').length > 0);
  const asked = lists();

  running.configure({ ...discovering(api.url), thresholds: { queue_depth: { warning: 5 } } });
  expect((await running.reload()).status).toBe(200);
  await running.clock.advance(5000);
  expect(lists()).toBe(asked);
  expect(await running.value('discovery_up')).toBe(0);
  await running.waitUntil(() => lists() > asked + 1);
  expect(running.events('discovery.failing')).toHaveLength(1);

  api.state.environments = [{ id: 'env_a' }];
  const since = running.clock.now();
  const { discovery, ...rest } = discovering(api.url);
  running.configure({ ...rest, discovery: { ...discovery, interval: '2m' } });
  expect((await running.reload()).status).toBe(200);
  await running.waitUntil(() => ids(running).includes('env_a'));
  expect(running.clock.now() - since).toBeLessThan(5000);
});

it.each<[what: string, changed: (one: ReturnType<typeof discovering>) => object]>([
  ['a new key', ({ api, ...rest }) => ({ ...rest, api: { ...api, api_key: `sk-ant-api03-${'c'.repeat(40)}` } })],
  ['another timeout', ({ api, ...rest }) => ({ ...rest, api: { ...api, timeout: '7s' } })],
  ['another interval', ({ discovery, ...rest }) => ({ ...rest, discovery: { ...discovery, interval: '2m' } })],
])('watches on what the first listing after a reload with %s does not show', async (_, changed) => {
  await using api = await environmentsApi([{ id: 'env_a' }, { id: 'env_b' }]);
  const lists = () => api.requests.filter(({ url }) => !url.includes('/work')).length;
  await using running = await RunningApp.start(discovering(api.url));
  await running.waitUntil(() => running.readSince('env_b', 'stats'));
  api.state.environments = [{ id: 'env_b' }];
  const asked = lists();
  running.configure(changed(discovering(api.url)));
  expect((await running.reload()).status).toBe(200);
  await running.waitUntil(() => lists() > asked);
  await running.clock.advance(5000);
  expect(ids(running)).toEqual(['env_a', 'env_b']);
  // The second listing decides.
  await running.waitUntil(() => !ids(running).includes('env_a'));
  expect(lists()).toBe(asked + 2);
});

it('takes its series away when it is switched off', async () => {
  await using api = await environmentsApi([{ id: 'env_a' }]);
  await using running = await RunningApp.start(discovering(api.url));
  await running.waitUntil(() => running.readSince('env_a', 'stats'));
  const { api: connection, poll } = discovering(api.url);
  running.configure({ api: connection, poll, environments: [{ id: 'env_c' }] });
  expect((await running.reload()).body).toMatchObject({ added: ['env_c'], removed: ['env_a'] });
  expect(await running.samples('discovery_up')).toEqual([]);
  expect(await running.samples('discovery_last_success_timestamp_seconds')).toEqual([]);
});

it('watches nothing of before when it is switched on again', async () => {
  await using api = await environmentsApi([{ id: 'env_a' }]);
  await using running = await RunningApp.start(discovering(api.url));
  await running.waitUntil(() => running.readSince('env_a', 'stats'));
  const { discovery: _, ...without } = discovering(api.url);
  running.configure({ ...without, environments: [{ id: 'env_c' }] });
  await running.reload();
  expect(ids(running)).toEqual(['env_c']);
  api.state.environments = [{ id: 'env_b' }];
  const begun = api.requests.length;
  running.configure(discovering(api.url));
  await running.reload();
  await running.waitUntil(() => running.readSince('env_b', 'stats'));
  expect(api.requests.slice(begun).filter(({ url }) => url.includes('env_a'))).toEqual([]);
  expect(running.events('environment.added').map((line) => line.environment_id)).toEqual(['env_a', 'env_c', 'env_b']);
});

it('keeps the configuration when the folder of keys cannot be read at a reload', async () => {
  await using api = await environmentsApi([{ id: 'env_a' }]);
  await using running = await withKeys(api.url);
  await running.waitUntil(() => running.readSince('env_a', 'stats'));
  rmSync(running.path('keys'), { recursive: true });
  const { status, body } = await running.reload();
  expect(status).toBe(400);
  expect(JSON.stringify(body)).toContain('environment_keys_dir');
  expect(ids(running)).toEqual(['env_a']);
});

it('reads no key of the directory for an environment that is found later, and loads again for a new one', async () => {
  await using api = await environmentsApi([{ id: 'env_a' }]);
  const reads: string[] = [];
  const files: FileReader = {
    readdir: (path) => nodeFiles.readdir(path),
    readFile: (path, limit) => {
      // A comparison of contents reads the files as such.
      if (limit === SECRET_FILE_LIMIT) reads.push(basename(path));
      return nodeFiles.readFile(path, limit);
    },
  };
  await using running = new RunningApp(files);
  mkdirSync(running.path('keys'));
  for (const id of ['env_a', 'env_b']) writeFileSync(running.path(`keys/${id}`), KEY);
  running.configure(discovering(api.url, running.path('keys')));
  await running.serve();
  await running.waitUntil(() => running.readSince('env_a', 'list'));
  api.state.environments = [{ id: 'env_a' }, { id: 'env_b' }];
  await running.waitUntil(() => running.readSince('env_b', 'list'));
  expect(reads.toSorted()).toEqual(['env_a', 'env_b']);

  // Its key comes before discovery knows it: no reload tells of it.
  writeFileSync(running.path('keys/env_c'), KEY);
  api.state.environments = [{ id: 'env_a' }, { id: 'env_b' }, { id: 'env_c' }];
  await running.waitUntil(() => running.readSince('env_c', 'list'));
  expect(running.events('config.loaded')).toHaveLength(1);
});
