import { describe, expect, it } from 'vitest';
import { environmentDetailSchema, environmentsSchema, errorSchema } from '../support/environment-schema.ts';
import { serverDeps, startServer } from '../support/http-server.ts';
import { reportOf, withClear } from '../support/reports.ts';
import { buildState, failingOperation, untriedOperation } from '../support/states.ts';
import { ask, TWO } from './ask.ts';

describe('health', () => {
  it('the exporter is healthy whatever the API does', async () => {
    await using server = await startServer(TWO);
    expect(await ask(`${server.url}/-/healthy`)).toMatchObject({ status: 200, text: 'healthy\n' });
    expect((await ask(`${server.url}/-/healthy`, { method: 'HEAD' })).status).toBe(200);
  });

  it('the exporter is ready once every environment was tried', async () => {
    await using server = await startServer(TWO);
    const answer = await ask(`${server.url}/-/ready`);
    expect(answer.status).toBe(200);
    expect(JSON.parse(answer.text)).toEqual({ ready: true, waiting_for: [] });
  });

  it('503 names what is awaited, discovery included', async () => {
    const operations = { stats: untriedOperation(), list: untriedOperation() };
    const deps = serverDeps([buildState('env_1', { operations })], { pendingDiscovery: () => ['default'] });
    await using server = await startServer(deps);
    const answer = await ask(`${server.url}/-/ready`);
    expect(answer.status).toBe(503);
    expect(JSON.parse(answer.text)).toEqual({
      ready: false,
      waiting_for: ['discovery default', 'env_1 stats', 'env_1 list'],
    });
  });
});

describe('the state as JSON', () => {
  it('the JSON of all environments has one entry for each', async () => {
    await using server = await startServer(TWO);
    const answer = await ask(`${server.url}/api/v1/environments`);
    expect(answer.headers['content-type']).toBe('application/json; charset=utf-8');
    const body = environmentsSchema.parse(JSON.parse(answer.text));
    expect(body).toMatchObject({ schema: 1, generated_at: '2026-11-24T12:00:00.000Z', shard: '0/1' });
    expect(body.environments.map(({ id }) => id)).toEqual(['env_1', 'env_2']);
  });

  it('one environment in detail, with the skew of its connection and without ids when they are off', async () => {
    const skewMs = (connection: string) => (connection === 'default' ? 2600 : 0);
    await using server = await startServer(serverDeps([buildState()], { skewMs, config: { itemIds: false } }));
    const answer = await ask(`${server.url}/api/v1/environments/env_1`);
    const body = environmentDetailSchema.parse(JSON.parse(answer.text));
    expect(body.queue?.oldest_age_seconds).toBe(15);
    expect(body.worst_items.map(({ id }) => id)).toEqual([null, null, null]);
  });

  it.each([
    ['/api/v1/environments/env_9', 'environment_unknown'],
    ['/api/v1/environments/env_9/scaling', 'environment_unknown'],
    ['/api/v1/environments/..%2f..', 'environment_unknown'],
    ['/api/v2', 'not_found'],
  ])('%s is a 404 in JSON', async (path, code) => {
    await using server = await startServer(TWO);
    const answer = await ask(`${server.url}${path}`);
    expect(answer.status).toBe(404);
    expect(errorSchema.parse(JSON.parse(answer.text)).error.code).toBe(code);
  });
});

it.each([
  '/metrics',
  '/runbooks',
  '/runbooks/AnthropicWorkNoWorkers.md',
  '/-/healthy',
  '/-/ready',
  '/api/v1/environments',
])('%s answers with a slash behind it, too', async (path) => {
  await using server = await startServer(TWO);
  const [plain, slashed] = [await ask(`${server.url}${path}`), await ask(`${server.url}${path}/`)];
  expect(slashed).toMatchObject({ status: 200, text: plain.text });
});

describe.each(['/environments/ID', '/api/v1/environments/ID', '/api/v1/environments/ID/scaling'])('%s', (route) => {
  const answerFor = async (id: string, url: string) => (await ask(`${url}${route.replace('ID', id)}`)).status;

  it.each([1, 100, 101, 128])('knows an environment whose id has %i characters', async (length) => {
    const id = '_'.repeat(length);
    await using server = await startServer(serverDeps([buildState(id)]));
    expect(await answerFor(id, server.url)).toBe(200);
    expect(await answerFor('%5F'.repeat(length), server.url)).toBe(200);
  });

  it.each([128, 129, 5000])('knows no other one, as long as its id is: %i characters', async (length) => {
    await using server = await startServer(TWO);
    expect(await answerFor('x'.repeat(length), server.url)).toBe(404);
  });
});

it('an empty name of an environment is none', async () => {
  await using server = await startServer(TWO);
  expect((await ask(`${server.url}/environments/`)).status).toBe(404);
});

describe('the number of workers', () => {
  it('is JSON that an autoscaler reads', async () => {
    await using server = await startServer(TWO);
    const answer = await ask(`${server.url}/api/v1/environments/env_1/scaling`);
    expect(answer).toMatchObject({ status: 200, headers: { 'content-type': 'application/json; charset=utf-8' } });
    expect(JSON.parse(answer.text)).toMatchObject({ environment_id: 'env_1', wanted_workers: 3 });
  });

  it('is an error with the time to ask again, and never a number, when it is not known', async () => {
    const operations = { stats: failingOperation('unauthorized'), list: failingOperation('unauthorized') };
    await using server = await startServer(serverDeps([buildState('env_1', { operations })]));
    const answer = await ask(`${server.url}/api/v1/environments/env_1/scaling`);
    expect(answer).toMatchObject({ status: 503, headers: { 'retry-after': '10' } });
    expect(errorSchema.parse(JSON.parse(answer.text)).error.code).toBe('scaling_unknown');
    expect(answer.text).not.toMatch(/wanted|\b0\b/);
  });
});

describe('the page for people', () => {
  it('is HTML under a strict policy', async () => {
    await using server = await startServer({ ...TWO, diagnosis: () => withClear(reportOf(), ['1', '2']) });
    const answer = await ask(`${server.url}/`);
    expect(answer.status).toBe(200);
    expect(answer.headers).toMatchObject({
      'content-type': 'text/html; charset=utf-8',
      'content-security-policy': expect.stringMatching(/^default-src 'none'; style-src 'sha256-/),
      'x-frame-options': 'DENY',
      'referrer-policy': 'no-referrer',
    });
    expect(answer.text).toMatch(/<h1 class="good".*All 2 environments are fine\.<\/h1>/);
    expect(answer.text).toContain('Version 1.2.3');
  });
});
