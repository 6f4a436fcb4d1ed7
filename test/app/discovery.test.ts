import { writeFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { apiError, json, startServer } from '../client/test-server.ts';
import { QUICK } from '../support/simulated-api.ts';
import { waitUntil } from '../support/wait-until.ts';
import { environmentsApi } from './environments-api.ts';
import { RunningApp } from './running-app.ts';

const API_KEY = `sk-ant-api03-${'a'.repeat(40)}`;

const discovering = (base_url: string) => ({
  api: { base_url, api_key: API_KEY },
  discovery: { enabled: true, interval: '1m' },
  poll: QUICK,
});

const ids = (running: RunningApp) => running.app.states.all().map(({ environment }) => environment.id);

async function withApi(environments: Parameters<typeof environmentsApi>[0]) {
  const api = await environmentsApi(environments);
  const lists = () => api.requests.filter(({ url }) => !url.includes('/work')).length;
  return Object.assign(api, { lists });
}

describe('what is watched', () => {
  it('is what the API lists, and what goes leaves no series', async () => {
    await using api = await withApi([{ id: 'env_a' }, { id: 'env_cloud', type: 'cloud' }]);
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
    const [added, removed] = [
      { level: 'info', msg: 'environment is watched now', event: 'environment.added' },
      { level: 'info', msg: 'environment is no longer watched', event: 'environment.removed' },
    ];
    // What discovery finds is no new configuration, and nothing else is said. In steps, so that the server can answer.
    const end = running.clock.monotonic() + 30_000;
    await running.waitUntil(() => running.clock.monotonic() >= end);
    expect(running.log.slice(1)).toEqual([
      { ...added, environment_id: 'env_a', environment_name: 'env_a' },
      { ...added, environment_id: 'env_b', environment_name: 'bees' },
      { ...removed, environment_id: 'env_a', environment_name: 'env_a' },
    ]);
  });

  it('is no id that looks like a path, and a page of nothing else is no list', async () => {
    await using api = await withApi([{ id: 'env_a' }]);
    await using running = await RunningApp.start(discovering(api.url));
    await running.waitUntil(() => running.readSince('env_a', 'stats'));
    api.state.environments = [{ id: '../outside' }, { id: 'env_b' }];
    await running.waitUntil(() => ids(running).join() === 'env_b');
    expect(running.events('discovery.skipped')).toMatchObject([
      { level: 'warn', count: 1, remedy: expect.any(String) },
    ]);
    expect(await running.value('api_unknown_values_total', { kind: 'field' })).toBeGreaterThan(0);
    expect(await running.value('discovery_up')).toBe(1);

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

  it('calls a configured cloud environment down, although no key can read its list', async () => {
    await using api = await withApi([{ id: 'env_cloud', type: 'cloud' }, { id: 'env_a' }]);
    const configuration = { ...discovering(api.url), environments: [{ id: 'env_cloud' }, { id: 'env_a' }] };
    await using running = await RunningApp.start(configuration);
    const up = (id: string) => running.value('up', { environment_id: id, operation: 'stats' });
    const failures = { environment_id: 'env_cloud', operation: 'stats', reason: 'not_self_hosted' };
    await running.waitUntil(async () => (await up('env_a')) === 1 && running.events('environment.failing').length > 0);
    await running.waitUntil(async () => ((await running.value('api_request_failures_total', failures)) ?? 0) > 1);
    expect([await up('env_cloud'), await up('env_a')]).toEqual([0, 1]);
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
});

describe('a reload', () => {
  it('that does not concern discovery lets it go on, and one that does begins it anew', async () => {
    await using api = await withApi([]);
    await using running = await RunningApp.start(discovering(api.url));
    await running.waitUntil(async () => (await running.value('discovery_up')) === 1);
    // Not an environment: each answer is no list of them.
    api.state.environments = [{ id: '' }];
    await running.waitUntil(() => running.events('discovery.failing').length > 0);
    const asked = api.lists();
    running.configure({ ...discovering(api.url), thresholds: { queue_depth: { warning: 5 } } });
    expect((await running.reload()).status).toBe(200);
    await running.clock.advance(5000);
    expect([api.lists(), await running.value('discovery_up')]).toEqual([asked, 0]);
    await running.waitUntil(() => api.lists() > asked + 1);
    expect(running.events('discovery.failing')).toHaveLength(1);

    api.state.environments = [{ id: 'env_a' }];
    const since = running.clock.now();
    running.configure({ ...discovering(api.url), discovery: { enabled: true, interval: '2m' } });
    expect((await running.reload()).status).toBe(200);
    await running.waitUntil(() => ids(running).includes('env_a'));
    expect(running.clock.now() - since).toBeLessThan(5000);
  });

  it('that switches discovery off takes its series away, and nothing of before is watched once it is on again', async () => {
    await using api = await withApi([{ id: 'env_a' }]);
    await using running = await RunningApp.start(discovering(api.url));
    await running.waitUntil(() => running.readSince('env_a', 'stats'));
    const { discovery: _, ...without } = discovering(api.url);
    running.configure({ ...without, environments: [{ id: 'env_c' }] });
    expect((await running.reload()).body).toMatchObject({ added: ['env_c'], removed: ['env_a'] });
    expect(await running.samples('discovery_up')).toEqual([]);
    expect(await running.samples('discovery_last_success_timestamp_seconds')).toEqual([]);
    api.state.environments = [{ id: 'env_b' }];
    const begun = api.requests.length;
    running.configure(discovering(api.url));
    await running.reload();
    await running.waitUntil(() => running.readSince('env_b', 'stats'));
    expect(api.requests.slice(begun).filter(({ url }) => url.includes('env_a'))).toEqual([]);
  });
});

async function look(running: RunningApp) {
  const ready = await fetch(`${running.url}/-/ready`);
  const page = await running.page();
  return {
    status: ready.status,
    ready: (await ready.json()) as { ready: boolean; waiting_for: string[]; problems?: string[] },
    headline: /<h1[^>]*>.*<\/span> ([^<]*)<\/h1>/.exec(page)![1]!,
    page,
  };
}

describe('a discovery', () => {
  it('that fails at the start is the headline, keeps the process from being ready for a minute, and tells the log alone where its key lies', async () => {
    await using server = await startServer((_, response) =>
      json(response, 401, apiError('authentication_error', 'invalid x-api-key')),
    );
    await using running = new RunningApp();
    const file = running.path('the-api-key');
    writeFileSync(file, API_KEY);
    running.configure({ api: { base_url: server.url, api_key_file: file }, discovery: { enabled: true } });
    await running.serve();
    await waitUntil(() => running.events('discovery.failing').length > 0);
    const { status, ready, headline, page } = await look(running);
    expect([status, ready.ready, ready.waiting_for]).toEqual([503, false, ['discovery default']]);
    expect(headline).toMatch(/^Discovery of connection default fails \(unauthorized\)/);
    const remedy = 'Check that the key from its file is complete';
    expect(ready.problems).toEqual([
      expect.stringMatching(`^discovery of connection default fails \\(unauthorized\\).*${remedy}`),
    ]);
    expect(page).toContain(remedy);
    expect(JSON.stringify(ready) + page).not.toContain('the-api-key');
    expect(running.events('discovery.failing')[0]?.remedy).toContain(file);

    await running.clock.advance(60_000);
    expect(await look(running)).toMatchObject({ status: 200, ready: { ready: true, problems: [expect.any(String)] } });
    expect(await running.value('discovery_up')).toBe(0);
  });

  it('that finds nothing to watch is the headline and has a line, once, until it finds something', async () => {
    await using api = await withApi([{ id: 'env_cloud', type: 'cloud' }]);
    await using running = await RunningApp.start(discovering(api.url));
    const fruitless = () => running.events('discovery.fruitless');
    await running.waitUntil(() => fruitless().length > 0);
    const { status, headline, page } = await look(running);
    expect(status).toBe(503);
    expect(headline).toBe('Discovery of connection default found nothing to watch among 1 environment');
    expect(page).toContain('check discovery.include');
    const asked = api.lists();
    await running.waitUntil(() => api.lists() > asked + 1);
    expect(fruitless()).toMatchObject([
      { connection: 'default', found: 1, remedy: expect.stringContaining('discovery.include') },
    ]);
    api.state.environments = [{ id: 'env_a' }];
    await running.waitUntil(() => running.readSince('env_a', 'stats'));
    const later = await look(running);
    expect(later.ready).toEqual({ ready: true, waiting_for: [] });
    expect(later.headline).toBe('1 of 1 environment: not judged.');
    api.state.environments = [{ id: 'env_cloud', type: 'cloud' }];
    await running.waitUntil(() => fruitless().length > 1);
  });
});
