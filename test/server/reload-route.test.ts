import { describe, expect, it } from 'vitest';
import type { LogFields } from '../../src/base/logger.ts';
import type { ReloadResult } from '../../src/server/server-deps.ts';
import { errorSchema } from '../support/environment-schema.ts';
import { serverDeps, startServer } from '../support/http-server.ts';
import { silentLogger } from '../support/silent-logger.ts';
import { ask } from './ask.ts';

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
    const { deps, calls } = reloading({ ok: true, ...reloaded, atNextStart: [] });
    await using server = await startServer(deps);
    const answer = await ask(`${server.url}/-/reload`, { method: 'POST', ...options });
    expect(answer.status).toBe(200);
    expect(JSON.parse(answer.text)).toEqual(reloaded);
    expect(calls()).toBe(1);
  });

  it('names the options that wait for a restart', async () => {
    const { deps } = reloading({ ok: true, ...reloaded, atNextStart: ['server.listen', 'log'] });
    await using server = await startServer(deps);
    const answer = await ask(`${server.url}/-/reload`, { method: 'POST' });
    expect(JSON.parse(answer.text)).toEqual({ ...reloaded, at_next_start: ['server.listen', 'log'] });
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
    const { deps, calls } = reloading({ ok: true, ...reloaded, atNextStart: [] }, lifecycle);
    await using server = await startServer(deps);
    const answer = await ask(`${server.url}/-/reload`, { method: 'POST', headers });
    expect(answer.status).toBe(403);
    expect(errorSchema.parse(JSON.parse(answer.text)).error).toMatchObject({ code, remedy: expect.any(String) });
    expect(calls()).toBe(0);
  });

  it('a reload cannot be asked for with GET', async () => {
    const { deps, calls } = reloading({ ok: true, ...reloaded, atNextStart: [] });
    await using server = await startServer(deps);
    const answer = await ask(`${server.url}/-/reload`);
    expect(answer).toMatchObject({ status: 405, headers: { allow: 'POST' } });
    expect(errorSchema.parse(JSON.parse(answer.text)).error.code).toBe('method_not_allowed');
    expect(calls()).toBe(0);
  });

  it('a reload that throws is a 500 whose text stays in the log', async () => {
    const logged: LogFields[] = [];
    const logger = { ...silentLogger, error: (fields: LogFields, msg: string) => void logged.push({ msg, ...fields }) };
    const deps = serverDeps([], { logger, reload: () => Promise.reject(new Error('disk on fire')) });
    await using server = await startServer(deps);
    const answer = await ask(`${server.url}/-/reload`, { method: 'POST' });
    expect(answer.status).toBe(500);
    expect(answer.text).not.toContain('fire');
    expect(errorSchema.parse(JSON.parse(answer.text)).error.code).toBe('internal_error');
    expect(logged).toEqual([
      {
        msg: 'a request could not be answered',
        event: 'request.failed',
        error: 'disk on fire',
        route: '/-/reload',
      },
    ]);
  });
});
