import { writeFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { apiError, json, startServer } from '../client/test-server.ts';
import { waitUntil } from '../support/wait-until.ts';
import { environmentsApi } from './environments-api.ts';
import { RunningApp } from './running-app.ts';

const API_KEY = `sk-ant-api03-${'a'.repeat(40)}`;
const discovering = (url: string) => ({ api: { base_url: url, api_key: API_KEY }, discovery: { enabled: true } });

async function look(running: RunningApp) {
  const ready = await fetch(`${running.url}/-/ready`);
  const page = await (await fetch(running.url)).text();
  return {
    status: ready.status,
    ready: (await ready.json()) as { ready: boolean; waiting_for: string[]; problems?: string[] },
    headline: /<h1[^>]*>.*<\/span>([^<]*)<\/h1>/.exec(page)![1]!,
    page,
  };
}

it('a discovery that fails at the start is the headline and keeps the process from being ready for a minute', async () => {
  await using server = Object.assign(
    await startServer((_, response) =>
      json(response, 401, apiError('authentication_error', 'missing x-api-key header')),
    ),
    { [Symbol.asyncDispose]: () => server.close() },
  );
  await using running = await RunningApp.start(discovering(server.url));
  await waitUntil(() => running.events('discovery.failing').length > 0);
  const { status, ready, headline, page } = await look(running);
  expect([status, ready.ready, ready.waiting_for]).toEqual([503, false, ['discovery default']]);
  expect(ready.problems).toMatchObject([
    expect.stringMatching(/^discovery of connection default fails \(unauthorized\)/),
  ]);
  expect(headline).toMatch(/^Discovery of connection default fails \(unauthorized\)/);
  const remedy = String(running.events('discovery.failing')[0]!.remedy);
  expect(ready.problems![0]).toContain(remedy);
  expect(page).toContain(remedy.slice(0, 40));

  await running.clock.advance(60_000);
  expect(await look(running)).toMatchObject({ status: 200, ready: { ready: true, problems: [expect.any(String)] } });
  expect(await running.value('discovery_up')).toBe(0);
});

it('readiness, which is open to everyone, does not tell where a key lies; the page and the log do', async () => {
  await using server = Object.assign(
    await startServer((_, response) => json(response, 401, apiError('authentication_error', 'invalid x-api-key'))),
    { [Symbol.asyncDispose]: () => server.close() },
  );
  await using running = new RunningApp();
  const file = running.path('the-api-key');
  writeFileSync(file, API_KEY);
  running.configure({ api: { base_url: server.url, api_key_file: file }, discovery: { enabled: true } });
  await running.serve();
  await waitUntil(() => running.events('discovery.failing').length > 0);
  const { ready, page } = await look(running);
  expect(ready.problems?.join()).toContain('Check that the key from its file is complete');
  expect(JSON.stringify(ready)).not.toContain('the-api-key');
  expect(page).not.toContain('the-api-key');
  expect(running.events('discovery.failing')[0]?.remedy).toContain(file);
});

it('a discovery that finds nothing to watch is the headline, until it finds something', async () => {
  await using api = await environmentsApi([{ id: 'env_cloud', type: 'cloud' }]);
  await using running = await RunningApp.start(discovering(api.url));
  await waitUntil(async () => (await look(running)).ready.problems !== undefined);
  const { status, headline, page } = await look(running);
  expect(status).toBe(503);
  expect(headline).toBe('Discovery of connection default found nothing to watch among 1 environment');
  expect(page).toContain('check discovery.include');
  api.state.environments = [{ id: 'env_a' }];
  await running.waitUntil(() => running.readSince('env_a', 'stats'));
  const later = await look(running);
  expect(later.ready).toEqual({ ready: true, waiting_for: [] });
  expect(later.headline).toBe('1 of 1 environment not judged yet.');
});

it('a discovery that finds nothing to watch is logged once, and again when it had found something meanwhile', async () => {
  await using api = await environmentsApi([{ id: 'env_cloud', type: 'cloud' }]);
  await using running = await RunningApp.start({
    ...discovering(api.url),
    discovery: { enabled: true, interval: '1m' },
  });
  const fruitless = () => running.events('discovery.fruitless');
  /** Another discovery, of these environments. */
  const discover = async (environments: typeof api.state.environments) => {
    const asked = api.requests.length;
    api.state.environments = environments;
    await running.waitUntil(() => api.requests.length > asked);
  };
  await running.waitUntil(() => fruitless().length > 0);
  expect(fruitless()).toMatchObject([
    { connection: 'default', found: 1, remedy: expect.stringContaining('discovery.include') },
  ]);
  await discover([]);
  await discover([{ id: 'env_a' }]);
  await running.waitUntil(() => running.events('environment.added').length > 0);
  expect(fruitless()).toHaveLength(1);
  await discover([]);
  await running.waitUntil(() => running.events('environment.removed').length > 0);
  await discover([]);
  expect(fruitless()).toHaveLength(2);
});

it('a discovery that fails later keeps what it knew, which is ready, and is still the headline', async () => {
  await using api = await environmentsApi([{ id: 'env_a' }]);
  await using running = await RunningApp.start(discovering(api.url));
  await running.waitUntil(() => running.readSince('env_a', 'stats'));
  // No array: the answer of something else.
  api.state.environments = { map: () => null } as never;
  await running.waitUntil(() => running.events('discovery.failing').length > 0);
  const { status, headline } = await look(running);
  expect(status).toBe(200);
  expect(headline).toMatch(/^Discovery of connection default fails \(bad_response\)$/);
  expect(running.app.states.all()).toHaveLength(1);
});
