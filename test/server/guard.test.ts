import { request } from 'undici';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { GuardedServers, login, OPEN, PASSWORD, PROTECTED, passwordHash } from './guarded-servers.ts';

let servers: GuardedServers;
let hash: string;
beforeAll(async () => {
  servers = new GuardedServers();
  hash = await passwordHash();
});
afterAll(() => servers[Symbol.dispose]());

describe('a login', () => {
  it.each([
    ['none', {}, 401],
    ['right', 'prometheus', 200],
    [
      'a wrong password',
      { headers: { authorization: `Basic ${Buffer.from('prometheus:no').toString('base64')}` } },
      401,
    ],
    ['an unknown user', login('nobody', PASSWORD), 401],
    ['another scheme', { headers: { authorization: 'Bearer abc' } }, 401],
    ['no colon', { headers: { authorization: `Basic ${Buffer.from('prometheus').toString('base64')}` } }, 401],
    ['a name of an object', login('__proto__', 'x'), 401],
  ] as const)('%s', async (_name, given, status) => {
    await using server = await servers.start(`basic_auth_users:\n  prometheus: ${hash}\n`);
    const options = given === 'prometheus' ? login('prometheus', PASSWORD) : given;
    for (const path of PROTECTED) {
      const answer = await servers.ask(`${server.url}${path}`, options);
      expect(answer.status).toBe(path === '/nothing' && status === 200 ? 404 : status);
      if (status === 401) {
        expect(answer.headers['www-authenticate']).toMatch(/^Basic /);
        expect(answer.text).not.toMatch(/env_1|a_metric/);
      }
    }
    for (const path of OPEN) expect((await servers.ask(`${server.url}${path}`)).status).toBe(200);
  });

  it('reload and drill need it, too', async () => {
    await using server = await servers.start(`basic_auth_users:\n  prometheus: ${hash}\n`);
    for (const [method, path] of [
      ['POST', '/-/reload'],
      ['POST', '/-/drill'],
      ['DELETE', '/-/drill'],
    ] as const) {
      expect((await request(`${server.url}${path}`, { method })).statusCode).toBe(401);
    }
    const headers = login('prometheus', PASSWORD).headers;
    expect((await request(`${server.url}/-/reload`, { method: 'POST', headers })).statusCode).toBe(200);
  });

  it('follows a reload at once, whatever verdict is remembered', async () => {
    await using server = await servers.start(`basic_auth_users:\n  prometheus: ${hash}\n`);
    expect((await servers.ask(`${server.url}/metrics`, login('prometheus', PASSWORD))).status).toBe(200);
    await server.replace(
      'basic_auth_users:\n  prometheus: $2y$04$qRTBuFoULoYNA7AQ/F3ck.trZBPyjV64.oA4ZsSBCIWvXuvQlQTuu\n',
    );
    expect((await servers.ask(`${server.url}/metrics`, login('prometheus', PASSWORD))).status).toBe(401);
    await server.replace('basic_auth_users: {}\n');
    expect((await servers.ask(`${server.url}/metrics`)).status).toBe(200);
  });

  it('no answer shows the password or the hash', async () => {
    await using server = await servers.start(`basic_auth_users:\n  prometheus: ${hash}\n`);
    for (const name of ['prometheus', 'other']) {
      for (const path of [...PROTECTED, ...OPEN]) {
        const { text, headers } = await servers.ask(`${server.url}${path}`, login(name, PASSWORD));
        const all = `${text}${JSON.stringify(headers)}`;
        expect(all).not.toContain(PASSWORD);
        expect(all).not.toContain(Buffer.from(PASSWORD).toString('base64').slice(0, 20));
        expect(all).not.toContain(hash);
      }
    }
  });
});

it('headers of the file are on every answer; an empty one takes ours away', async () => {
  const lines = [
    'X-Frame-Options: sameorigin',
    'Strict-Transport-Security: max-age=1',
    'X-XSS-Protection: 1',
    "Content-Security-Policy: ''",
  ];
  await using server = await servers.start(`http_server_config:\n  headers:\n    ${lines.join('\n    ')}\n`);
  for (const path of [...PROTECTED, ...OPEN]) {
    const { headers } = await servers.ask(`${server.url}${path}`);
    expect(headers).toMatchObject({
      'x-frame-options': 'sameorigin',
      'strict-transport-security': 'max-age=1',
      'x-xss-protection': '1',
    });
    expect(headers['content-security-policy']).toBeUndefined();
  }
});

it('the rate limit holds for all routes together but health, and refills', async () => {
  await using server = await servers.start('rate_limit:\n  interval: 10s\n  burst: 2\n');
  const statuses = async () => {
    const all = [];
    for (const path of ['/metrics', '/', '/nothing']) all.push((await servers.ask(`${server.url}${path}`)).status);
    return all;
  };
  expect(await statuses()).toEqual([200, 200, 429]);
  const limited = await servers.ask(`${server.url}/metrics`);
  expect(limited.headers['retry-after']).toBe('10');
  for (const path of OPEN) expect((await servers.ask(`${server.url}${path}`)).status).toBe(200);
  await server.clock.advance(10_000);
  expect(await statuses()).toEqual([200, 429, 429]);
  await server.clock.advance(3_600_000);
  expect(await statuses()).toEqual([200, 200, 429]);
});
