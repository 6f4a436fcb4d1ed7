import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Drill } from '../../src/app/drill.ts';
import type { LogFields } from '../../src/base/logger.ts';
import { environmentDetailSchema, environmentsSchema, errorSchema } from '../support/environment-schema.ts';
import { serverDeps, startServer } from '../support/http-server.ts';
import { ManualClock } from '../support/manual-clock.ts';
import { rawAnswer } from '../support/raw-http.ts';
import { silentLogger } from '../support/silent.ts';
import { buildState, failingOperation, NOW, untriedOperation } from '../support/states.ts';
import { ask } from './ask.ts';

/** The longest id that an environment may have. */
const LONG_ID = '_'.repeat(128);
const DEPS = serverDeps([buildState('env_1'), buildState('env_2'), buildState(LONG_ID)]);

let server: Awaited<ReturnType<typeof startServer>>;
beforeAll(async () => {
  server = await startServer(DEPS);
});
afterAll(() => server.close());

const errorOf = (text: string) => errorSchema.parse(JSON.parse(text)).error;

describe('a request is answered as the reference says', () => {
  it.each<[line: string, status: number, part: string, headers?: string]>([
    ['GET /-/healthy', 200, '\r\n\r\nhealthy\n'],
    ['HEAD /-/healthy', 200, 'content-length: 8'],
    ['GET /-/ready', 200, '{"ready":true,"waiting_for":[]}\n'],
    ['GET /-/ready/', 200, '{"ready":true,'],
    ['GET /metrics/', 200, 'a_metric{'],
    ['GET /runbooks/', 200, '<h1>Runbooks</h1>'],
    ['GET /', 200, "content-security-policy: default-src 'none'; style-src 'sha256-"],
    ['GET /api/v1/environments/', 200, 'application/json; charset=utf-8'],
    ['GET /api/v1/environments/env_1/scaling', 200, '"wanted_workers":3'],
    ...['/environments/', '/api/v1/environments/'].flatMap((path): [string, number, string][] => [
      [`GET ${path}${LONG_ID}`, 200, LONG_ID],
      [`GET ${path}${'%5F'.repeat(128)}`, 200, LONG_ID],
      [`GET ${path}${'x'.repeat(5000)}`, 404, 'This process watches no environment with that id.'],
    ]),
    ['GET /nothing', 404, 'content-type: text/plain; charset=utf-8'],
    ['GET /%zz', 400, 'The request cannot be understood.'],
    ['GET /api/v1/environments/env_9', 404, '"code":"environment_unknown"'],
    ['GET /api/v1/environments/1', 404, 'That is a name; the id is env_1.'],
    ['GET /api/v1/environments/env_9/scaling', 404, '"code":"environment_unknown"'],
    ['GET /api/v1/environments/..%2f..', 404, '"code":"environment_unknown"'],
    ['GET /runbooks/..%2f..%2fpackage', 404, 'There is no alert of that name.'],
    ['PROPFIND /metrics', 405, 'This method is not possible here.'],
    ['PURGE /no-such-page', 404, 'There is no such page.'],
    ['SEARCH /-/reload', 405, '"code":"method_not_allowed"'],
    ['POST /environments/env_1', 404, 'There is no such page.'],
    ['GET /-/healthy', 200, 'healthy', 'host: [::1]:9877\r\n'],
    ['GET /-/healthy', 200, 'healthy', 'transfer-encoding: Chunked\r\n\r\n0\r\n'],
    ['GET /-/healthy', 421, 'This exporter is not known under that name.', 'host: a~b%2D.example\r\n'],
    ['GET /-/healthy', 421, 'This exporter is not known under that name.', 'host:\r\n'],
    ['POST /-/reload', 200, '"unchanged":3', 'content-length: 8\r\ncontent-type: application/json\r\n\r\nnot json'],
  ])('%s: %i, %s %s', async (line, status, part, headers = '') => {
    const host = headers.includes('host:') ? '' : 'host: localhost\r\n';
    const bytes = `${line} HTTP/1.1\r\n${host}connection: close\r\n${headers}\r\n`;
    const answer = await rawAnswer(server.port, bytes);
    expect(answer).toMatch(`HTTP/1.1 ${status} `);
    expect(answer).toContain(part);
    for (const header of ['x-content-type-options: nosniff', 'x-frame-options: DENY', 'referrer-policy: no-referrer']) {
      expect(answer).toContain(header);
    }
  });

  it.each([
    ['/metrics', 'GET, HEAD'],
    ['/', 'GET, HEAD'],
    ['/api/v1/environments', 'GET, HEAD'],
    ['/-/reload', 'POST'],
    ['/-/drill', 'GET, HEAD, POST, DELETE'],
  ])('a method that %s does not have gets 405 with those that it has', async (path, allow) => {
    for (const method of ['GET', 'POST', 'PUT', 'DELETE', 'PATCH', 'OPTIONS'] as const) {
      const { status, headers } = await ask(`${server.url}${path}`, { method });
      if (allow.split(', ').includes(method)) expect(status, method).not.toBe(405);
      else expect({ status, allow: headers.allow }, method).toEqual({ status: 405, allow });
    }
  });

  it.each([
    ['two Host headers', 'GET /metrics HTTP/1.1', 'host: x\r\nHOST: y\r\n', 400],
    ['a list of hosts', 'GET /metrics HTTP/1.1', 'host: x, y\r\n', 400],
    ['a host with a path', 'GET /metrics HTTP/1.1', 'host: x/y\r\n', 400],
    ['a path of *', 'GET * HTTP/1.1', 'host: x\r\n', 400],
    ['chunks in HTTP/1.0', 'GET /metrics HTTP/1.0', 'transfer-encoding: chunked\r\n', 400],
    ['a coding of its own', 'GET /metrics HTTP/1.1', 'host: x\r\ntransfer-encoding: gzip, chunked\r\n', 400],
    ['HTTP/2.0', 'GET /metrics HTTP/2.0', 'host: x\r\n', 400],
    ['HTTP/0.9', 'GET /metrics', '', 400],
  ])('%s: rejected, and the connection ends before what follows', async (_, line, headers, status) => {
    // What follows may be a request of somebody else: it is not answered.
    const answer = await rawAnswer(server.port, `${line}\r\n${headers}\r\nGET /-/ready HTTP/1.1\r\nhost: x\r\n\r\n`);
    expect(answer.match(/HTTP\/1\.1 \d+/g)).toEqual([`HTTP/1.1 ${status}`]);
    expect(answer).toContain('x-content-type-options: nosniff');
  });

  it.each([
    ['garbage\r\n\r\n', 400],
    ['\x16\x03\x01\x02\x00\x01\x00\x01\xfc', 400],
    ['GET /metrics HTTP/1.2\r\nhost: x\r\n\r\n', 400],
    ['GET /metrics HTTP/1.1\r\nconnection: close\r\n\r\n', 400],
    ['GET /metrics HTTP/1.1\r\nhost: x\r\ntransfer-encoding: gzip\r\n\r\n', 400],
    ['POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\n', 400],
    ['GET /metrics HTTP/1.1\r\nhost: x\r\nconnection: close\r\nexpect: more\r\n\r\n', 417],
    [`GET / HTTP/1.1\r\nhost: x\r\nlong: ${'x'.repeat(17 * 1024)}\r\n\r\n`, 431],
    [`GET /metrics?${'x'.repeat(100 * 1024)} HTTP/1.1\r\nhost: x\r\n\r\n`, 431],
  ])('what is not HTTP gets a status alone, and is cut: %j', async (bytes, status) => {
    const [head, body] = (await rawAnswer(server.port, bytes)).split('\r\n\r\n');
    expect(head).toContain(`HTTP/1.1 ${status} `);
    expect(body).toMatch(/^0?$/m);
    expect(readFileSync('docs/reference.md', 'utf8')).toContain(`\n| ${status} | no body |`);
    expect((await ask(`${server.url}/-/healthy`)).status).toBe(200);
  });

  it('a body of more than 16 KiB is refused', async () => {
    const answer = await ask(`${server.url}/-/reload`, { method: 'POST', body: 'x'.repeat(17 * 1024) });
    expect(answer.status).toBe(413);
    expect(errorOf(answer.text).code).toBe('body_too_large');
  });

  it('many headers are all looked at: none pushes out what a proxy adds', async () => {
    const many = 'a:\r\n'.repeat(2500);
    const bytes = `POST /-/reload HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n${many}x-real-ip: 10.0.0.7\r\n\r\n`;
    expect(await rawAnswer(server.port, bytes)).toContain('not_loopback');
  });
});

describe('the state as JSON', () => {
  it('all environments, and one with the skew of its connection and without ids where they are off', async () => {
    const skewMs = (connection: string) => (connection === 'default' ? 2600 : 0);
    await using other = await startServer(serverDeps([buildState()], { skewMs, settings: { itemIds: false } }));
    const all = environmentsSchema.parse(JSON.parse((await ask(`${server.url}/api/v1/environments`)).text));
    expect(all).toMatchObject({ schema: 1, generated_at: '2026-11-24T12:00:00.000Z', shard: '0/1' });
    expect(all.environments.map(({ id }) => id)).toEqual(['env_1', 'env_2', LONG_ID]);
    const one = environmentDetailSchema.parse(JSON.parse((await ask(`${other.url}/api/v1/environments/env_1`)).text));
    expect(one.queue?.oldest_age_seconds).toBe(15);
    expect(one.worst_items.map(({ id }) => id)).toEqual([null, null, null]);
  });

  it('the number of workers is an error with the time to ask again, and never a number, when it is not known', async () => {
    const operations = { stats: failingOperation('unauthorized'), list: failingOperation('unauthorized') };
    await using other = await startServer(serverDeps([buildState('env_1', { operations })]));
    const answer = await ask(`${other.url}/api/v1/environments/env_1/scaling`);
    expect(answer).toMatchObject({ status: 503, headers: { 'retry-after': '10' } });
    expect(errorOf(answer.text).code).toBe('scaling_unknown');
    expect(answer.text).not.toMatch(/wanted|\b0\b/);
  });
});

describe('ready', () => {
  const untried = { operations: { stats: untriedOperation(), list: untriedOperation() } };
  const failed = {
    operations: {
      stats: failingOperation('unauthorized', { lastSuccessAt: null }),
      list: failingOperation('network', { lastSuccessAt: null }),
    },
  };
  it.each<[string, Parameters<typeof serverDeps>, string[]]>([
    ['reads that failed were tried', [[buildState('env_1', failed)]], []],
    [
      'what was not tried is named, discovery included',
      [[buildState('env_1', untried)], { pendingDiscovery: () => ['default'] }],
      ['discovery default', 'env_1 stats', 'env_1 list'],
    ],
    ['before the first discovery', [[], { pendingDiscovery: () => ['default'] }], ['discovery default']],
    [
      'just before a minute',
      [[buildState('env_1', untried)], { startedAt: NOW - 59_999 }],
      ['env_1 stats', 'env_1 list'],
    ],
    ['after a minute, whatever was tried', [[buildState('env_1', untried)], { startedAt: NOW - 60_000 }], []],
    ['after the clock was set back', [[buildState('env_1', untried)], { startedAt: NOW + 60_000 }], []],
  ])('%s', async (_, deps, waiting) => {
    await using other = await startServer(serverDeps(...deps));
    const answer = await ask(`${other.url}/-/ready`);
    expect(answer.status).toBe(waiting.length === 0 ? 200 : 503);
    expect(JSON.parse(answer.text)).toEqual({ ready: waiting.length === 0, waiting_for: waiting });
  });
});

describe('reload', () => {
  const reloaded = { added: ['env_3'], removed: [], changed: ['env_1'], unchanged: 1 };
  const reloading = async (reload: Parameters<typeof serverDeps>[1], headers: Record<string, string> = {}) => {
    await using other = await startServer(serverDeps([], reload));
    return await ask(`${other.url}/-/reload`, { method: 'POST', headers });
  };

  it('says what changed, and which options wait for a restart', async () => {
    const answer = await reloading({ reload: async () => ({ ok: true, ...reloaded, atNextStart: [] }) });
    expect(JSON.parse(answer.text)).toEqual(reloaded);
    const waiting = await reloading({ reload: async () => ({ ok: true, ...reloaded, atNextStart: ['log'] }) });
    expect(JSON.parse(waiting.text)).toEqual({ ...reloaded, at_next_start: ['log'] });
  });

  it('that is rejected is a 400 with its problems', async () => {
    const problems = ['c.yaml:3:5: poll.stats_interval: is below 5s; raise it'];
    const { status, text } = await reloading({ reload: async () => ({ ok: false, problems }) });
    expect({ status, ...JSON.parse(text) }).toMatchObject({
      status: 400,
      error: { code: 'config_rejected' },
      problems,
    });
  });

  it.each([
    ['off', {}, 'lifecycle_off'],
    ['loopback', { origin: 'https://evil.example' }, 'cross_site'],
    ['loopback', { 'x-forwarded-for': '10.0.0.7' }, 'not_loopback'],
    ['loopback', { host: 'exporter' }, 'not_loopback'],
    ['anyone', { 'sec-fetch-site': 'cross-site' }, 'cross_site'],
  ] as const)('%s refuses %o and reloads nothing', async (lifecycle, headers, code) => {
    let calls = 0;
    const reload = async () => {
      calls++;
      return { ok: false as const, problems: [] };
    };
    const { status, text } = await reloading({ reload, settings: { lifecycle } }, headers);
    expect({ status, code: errorOf(text).code, calls }).toEqual({ status: 403, code, calls: 0 });
  });

  it('that throws is a 500 whose text stays in the log', async () => {
    const logged: LogFields[] = [];
    const logger = { ...silentLogger, error: (fields: LogFields) => void logged.push(fields) };
    const { status, text } = await reloading({ logger, reload: () => Promise.reject(new Error('disk on fire')) });
    expect({ status, code: errorOf(text).code }).toEqual({ status: 500, code: 'internal_error' });
    expect(text).not.toContain('fire');
    expect(logged).toEqual([{ event: 'request.failed', error: 'disk on fire', route: '/-/reload' }]);
  });
});

describe('a drill', () => {
  async function running(lifecycle: 'loopback' | 'off' = 'loopback') {
    const drill = new Drill(new ManualClock(NOW));
    const other = await startServer(serverDeps([], { drill, settings: { lifecycle } }));
    const send = async (method: string, query = '') => {
      const answer = await fetch(`${other.url}/-/drill${query}`, { method });
      const { error, ...body } = (await answer.json()) as { error?: { code: string; remedy: string } };
      return { status: answer.status, code: error?.code, remedy: error?.remedy, body };
    };
    return { drill, send, [Symbol.asyncDispose]: () => other.close() };
  }

  it('begins, says that it runs, and ends', async () => {
    const begun = {
      condition: 'no_workers',
      severity: 'critical',
      environment_id: 'env_drill_no_workers',
      environment_name: 'DRILL no_workers',
      started_at: '2026-11-24T12:00:00.000Z',
      ends_at: '2026-11-24T12:05:00.000Z',
    };
    await using on = await running();
    expect(await on.send('GET')).toMatchObject({ status: 404, code: 'no_drill' });
    expect(await on.send('POST', '?condition=no_workers&minutes=5')).toMatchObject({ status: 200, body: begun });
    expect(await on.send('GET')).toMatchObject({ status: 200, body: begun });
    expect(await on.send('POST', '?condition=runs_lost')).toMatchObject({ status: 409, code: 'drill_running' });
    expect(await on.send('DELETE')).toMatchObject({ status: 200, body: { ended: true } });
    expect(await on.send('DELETE')).toMatchObject({ status: 404, code: 'no_drill' });
  });

  it.each([
    '',
    '?condition=fire',
    '?condition=api_unreachable',
    '?condition=no_workers&condition=runs_lost',
    '?condition=no_workers&minutes=241',
    '?condition=no_workers&minutes=long',
  ])('is not begun by %j, and the answer says what to ask for', async (query) => {
    await using on = await running();
    const { code, remedy } = await on.send('POST', query);
    expect({ code, info: on.drill.info }).toEqual({ code: 'drill_invalid', info: null });
    expect(remedy).toContain('POST /-/drill?condition=no_workers&minutes=');
  });

  it('needs the right to change the process', async () => {
    await using on = await running('off');
    for (const method of ['POST', 'DELETE', 'GET']) {
      expect((await on.send(method, '?condition=no_workers')).status).toBe(403);
    }
    expect(on.drill.info).toBeNull();
  });
});
