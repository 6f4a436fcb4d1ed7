import { request } from 'undici';
import { describe, expect, it } from 'vitest';
import type { LogFields } from '../../src/base/logger.ts';
import { silentLogger } from '../../src/base/logger.ts';
import type { ReloadResult } from '../../src/server/http/server-deps.ts';
import { createRoutes } from '../../src/server/routes.ts';
import { environmentDetailSchema, environmentsSchema, errorSchema } from '../support/environment-schema.ts';
import { serverDeps, startServer } from '../support/http-server.ts';
import { rawAnswer } from '../support/raw-http.ts';
import { buildState, failingOperation, untriedOperation } from '../support/states.ts';

const TWO = serverDeps([buildState('env_1'), buildState('env_2')]);

async function ask(url: string, options: Parameters<typeof request>[1] = {}) {
  const { statusCode, headers, body } = await request(url, options);
  return { status: statusCode, headers, text: await body.text() };
}

describe('health', () => {
  it('healthy whatever the API does', async () => {
    await using server = await startServer(TWO);
    expect(await ask(`${server.url}/-/healthy`)).toMatchObject({ status: 200, text: 'healthy\n' });
    expect((await ask(`${server.url}/-/healthy`, { method: 'HEAD' })).status).toBe(200);
  });

  it('ready once everything was tried', async () => {
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
  it('all environments', async () => {
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
    await using server = await startServer(TWO);
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

describe('reload', () => {
  const reloaded = { added: ['env_3'], removed: [], changed: ['env_1'], unchanged: 1 };

  function reloading(result: ReloadResult, lifecycle: 'loopback' | 'anyone' | 'off' = 'loopback') {
    let calls = 0;
    const reload = async () => {
      calls++;
      return result;
    };
    return { deps: serverDeps([], { reload, config: { lifecycle } }), calls: () => calls };
  }

  it.each([
    {},
    { body: '', headers: { 'content-type': 'application/x-www-form-urlencoded' } },
    { body: 'not json', headers: { 'content-type': 'application/json' } },
  ])('says what changed, whatever body is sent: %o', async (options) => {
    const { deps, calls } = reloading({ ok: true, ...reloaded });
    await using server = await startServer(deps);
    const answer = await ask(`${server.url}/-/reload`, { method: 'POST', ...options });
    expect(answer.status).toBe(200);
    expect(JSON.parse(answer.text)).toEqual(reloaded);
    expect(calls()).toBe(1);
  });

  it('a rejected configuration is a 400 with its problems', async () => {
    const problems = ['c.yaml:3:5: poll.stats_interval: is below 5s; raise it'];
    await using server = await startServer(reloading({ ok: false, problems }).deps);
    const answer = await ask(`${server.url}/-/reload`, { method: 'POST' });
    expect(answer.status).toBe(400);
    const { problems: told, ...error } = JSON.parse(answer.text);
    expect(told).toEqual(problems);
    expect(errorSchema.parse(error).error.code).toBe('config_rejected');
  });

  it.each([
    ['off', {}, 'lifecycle_off'],
    ['loopback', { origin: 'https://evil.example' }, 'cross_site'],
    ['loopback', { 'x-forwarded-for': '10.0.0.7' }, 'not_loopback'],
    ['loopback', { 'sec-fetch-site': 'cross-site' }, 'cross_site'],
  ] as const)('%s refuses %o and reloads nothing', async (lifecycle, headers, code) => {
    const { deps, calls } = reloading({ ok: true, ...reloaded }, lifecycle);
    await using server = await startServer(deps);
    const answer = await ask(`${server.url}/-/reload`, { method: 'POST', headers });
    expect(answer.status).toBe(403);
    expect(errorSchema.parse(JSON.parse(answer.text)).error).toMatchObject({ code, remedy: expect.any(String) });
    expect(calls()).toBe(0);
  });

  it('GET is not possible', async () => {
    const { deps, calls } = reloading({ ok: true, ...reloaded });
    await using server = await startServer(deps);
    const answer = await ask(`${server.url}/-/reload`);
    expect(answer).toMatchObject({ status: 405, headers: { allow: 'POST' } });
    expect(errorSchema.parse(JSON.parse(answer.text)).error.code).toBe('method_not_allowed');
    expect(calls()).toBe(0);
  });

  it('a reload that throws is a 500 whose text stays in the log', async () => {
    const logged: LogFields[] = [];
    const logger = { ...silentLogger, error: (fields: LogFields) => void logged.push(fields) };
    const deps = serverDeps([], { logger, reload: () => Promise.reject(new Error('disk on fire')) });
    await using server = await startServer(deps);
    const answer = await ask(`${server.url}/-/reload`, { method: 'POST' });
    expect(answer.status).toBe(500);
    expect(answer.text).not.toContain('fire');
    expect(errorSchema.parse(JSON.parse(answer.text)).error.code).toBe('internal_error');
    expect(logged).toEqual([{ error: 'disk on fire', route: '/-/reload' }]);
  });
});

describe('bad requests', () => {
  it('slow clients do not hold a socket for ever', () => {
    const { server } = createRoutes(TWO, () => false);
    expect(server.headersTimeout).toBe(10_000);
    expect(server.requestTimeout).toBe(10_000);
    expect(server.timeout).toBe(30_000);
    expect(server.keepAliveTimeout).toBe(120_000);
  });

  it('slow clients are looked for three times a minute, and held no longer than silent ones', () => {
    const { server } = createRoutes(TWO, () => false);
    const { connectionsCheckingInterval: betweenLooks } = server as unknown as { connectionsCheckingInterval: number };
    expect(betweenLooks).toBeGreaterThanOrEqual(20_000);
    expect(server.requestTimeout + betweenLooks).toBeLessThanOrEqual(server.timeout);
  });

  it.each([
    ['/nothing', 404, 'There is no such page.'],
    ['/%zz', 400, 'The request cannot be understood.'],
  ])('%s is a %d in plain text', async (path, status, message) => {
    await using server = await startServer(TWO);
    const answer = await rawAnswer(server.port, `GET ${path} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n`);
    expect(answer).toContain(`HTTP/1.1 ${status} `);
    expect(answer).toContain('content-type: text/plain; charset=utf-8');
    expect(answer).toContain('x-content-type-options: nosniff');
    expect(answer).toContain(message);
  });

  it.each(['PROPFIND', 'SEARCH', 'PURGE'])('%s nowhere', async (method) => {
    await using server = await startServer(TWO);
    for (const path of ['/metrics', '/-/reload', '/no-such-page']) {
      const answer = await rawAnswer(
        server.port,
        `${method} ${path} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n`,
      );
      expect(answer).toMatch(/^HTTP\/1\.1 501 /);
      expect(answer).toContain(path === '/-/reload' ? 'unknown_method' : 'No page here knows that method.');
    }
  });

  it.each(['POST', 'PUT', 'DELETE', 'PATCH', 'OPTIONS'] as const)('%s only where it makes sense', async (method) => {
    await using server = await startServer(TWO);
    for (const path of ['/', '/metrics', '/-/healthy', '/-/ready', '/api/v1/environments', '/api/v1/environments/e']) {
      expect(await ask(`${server.url}${path}`, { method })).toMatchObject({
        status: 405,
        headers: { allow: 'GET, HEAD' },
      });
    }
  });

  it('a large body is refused', async () => {
    await using server = await startServer(TWO);
    const answer = await ask(`${server.url}/-/reload`, { method: 'POST', body: 'x'.repeat(17 * 1024) });
    expect(answer.status).toBe(413);
    expect(errorSchema.parse(JSON.parse(answer.text)).error.code).toBe('body_too_large');
  });

  it.each([
    ['garbage\r\n\r\n', 'HTTP/1.1 400 Bad Request'],
    [
      `GET / HTTP/1.1\r\nhost: x\r\nlong: ${'x'.repeat(17 * 1024)}\r\n\r\n`,
      'HTTP/1.1 431 Request Header Fields Too Large',
    ],
  ])('what is not HTTP is answered shortly and cut', async (bytes, expected) => {
    await using server = await startServer(TWO);
    expect(await rawAnswer(server.port, bytes)).toContain(expected);
    expect((await ask(`${server.url}/-/healthy`)).status).toBe(200);
  });
});
