import { get, type IncomingMessage } from 'node:http';
import { buffer } from 'node:stream/consumers';
import { gunzipSync } from 'node:zlib';
import { expect, it } from 'vitest';
import { serverDeps, startServer } from '../../support/http-server.ts';
import { buildState } from '../../support/states.ts';

const STATES = Array.from({ length: 200 }, (_, index) => buildState(`env_${index}`));

async function ask(url: string, headers: Readonly<Record<string, string>>, method = 'GET') {
  const answer = await new Promise<IncomingMessage>((resolve, reject) => {
    get(url, { headers, method, agent: false }, resolve).on('error', reject);
  });
  return { headers: answer.headers, body: await buffer(answer) };
}

it.each([
  ['/', 'text/html; charset=utf-8', 'env_199'],
  ['/?q=env_7', 'text/html; charset=utf-8', 'env_77'],
  ['/api/v1/environments', 'application/json; charset=utf-8', '"env_199"'],
])('%s is compressed for those who accept that, and the same for all', async (path, type, end) => {
  await using server = await startServer(serverDeps(STATES));
  const url = `${server.url}${path}`;
  const [plain, packed, old] = await Promise.all([
    ask(url, {}),
    ask(url, { 'accept-encoding': 'br, gzip' }),
    ask(url, { 'accept-encoding': 'identity, gzip;q=0' }),
  ]);
  for (const { headers } of [plain, packed, old]) {
    expect(headers).toMatchObject({ 'content-type': type, vary: 'Accept-Encoding' });
  }
  expect(plain.headers['content-encoding']).toBeUndefined();
  expect(old.headers['content-encoding']).toBeUndefined();
  expect(packed.headers).toMatchObject({
    'content-encoding': 'gzip',
    'content-length': String(packed.body.length),
  });
  expect(plain.body.toString()).toContain(end);
  expect(old.body.equals(plain.body)).toBe(true);
  expect(gunzipSync(packed.body).equals(plain.body)).toBe(true);
  for (const [encoding, { headers }] of [
    ['identity', plain],
    ['gzip', packed],
  ] as const) {
    const head = await ask(url, { 'accept-encoding': encoding }, 'HEAD');
    expect(head.body).toHaveLength(0);
    expect(head.headers['content-encoding']).toBe(headers['content-encoding']);
    expect(head.headers['content-length']).toBe(headers['content-length']);
  }
  expect(packed.body.length).toBeLessThan(plain.body.length / 2);
});
