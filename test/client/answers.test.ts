import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { failureOf, startPair } from './test-client.ts';
import { EMPTY_STATS, type Handler, json } from './test-server.ts';

const LONG = Buffer.alloc(10_000_000, ' ');
const gzip = { 'content-encoding': 'gzip' };

it.each<[string, Handler, RegExp]>([
  ['204', (_, response) => response.writeHead(204).end(), /with 204$/],
  ['an empty body', (_, response) => response.writeHead(200).end(), /200 and an empty body$/],
  ['HTML', (_, response) => response.end('<!DOCTYPE html><p>sign in'), /200 and an HTML page instead of JSON$/],
  ['half a JSON', (_, response) => response.end('{"depth":1,"pend'), /200 and 16 bytes that are not JSON$/],
  ['null', (_, response) => response.end('null'), /an unexpected body: the body should be an object and is null$/],
  [
    'a wrong number',
    (_, response) => json(response, 200, { ...EMPTY_STATS, depth: -1 }),
    /depth should be a whole number/,
  ],
  ['10 MB, announced', (_, response) => response.end(LONG), /more bytes than max_response_bytes/],
  ['10 MB in chunks', (_, response) => response.write('[') && response.end(LONG), /more bytes than max_response_/],
  ['a gzip bomb', (_, response) => response.writeHead(200, gzip).end(gzipSync(LONG)), /more bytes than max_response_/],
  [
    'damaged gzip',
    (_, response) => response.writeHead(200, gzip).end('no gzip'),
    /compressed body that cannot be read/,
  ],
])('%s is a bad response, is not asked for again, and says nothing of the key', async (_, handler, message) => {
  const { api, server, verdicts } = await startPair(handler);
  const { failure } = await failureOf(api.stats('env_1'));
  expect(failure).toMatchObject({ reason: 'bad_response', message: expect.stringMatching(message) });
  expect(failure.remedy).toContain('base_url');
  expect([server.requests.length, verdicts]).toEqual([1, {}]);
});

it('an error whose body is too long keeps its status', async () => {
  const { api } = await startPair((_, response) => response.writeHead(404).end(LONG));
  expect((await failureOf(api.stats('env_1'))).failure).toMatchObject({ reason: 'not_found', httpStatus: 404 });
});

describe('an answer that a cache may have sent', () => {
  const read = { maxAgeMs: 15_000 };

  it.each<[headers: Record<string, string>, says: RegExp | null]>([
    [{ age: '0' }, null],
    [{ age: '16' }, /a cache that is 16 s old/],
    [{ age: '3, 90' }, /a cache that is 90 s old/],
    [{ age: 'yesterday' }, /of unknown age/],
    [{ age: '5', 'x-cache': 'HIT' }, null],
    [{ 'x-cache': 'Hit from cloudfront' }, /of unknown age/],
    [{ 'cf-cache-status': 'HIT' }, /of unknown age/],
    [{ 'cache-status': 'edge; hit; ttl=30' }, /of unknown age/],
    [{ 'x-cache': 'RefreshHit from cloudfront' }, null],
  ])('%j says %s', async (headers, says) => {
    const { api } = await startPair((_, response) => json(response, 200, EMPTY_STATS, headers));
    if (says === null) expect((await api.stats('env_1', read)).value.depth).toBe(0);
    else {
      const { failure } = await failureOf(api.stats('env_1', read));
      expect(failure).toMatchObject({ reason: 'bad_response', httpStatus: 200, message: expect.stringMatching(says) });
      expect(failure.remedy).toMatch(/proxy .* cache/);
    }
  });

  it('is asked for once more, as another server may answer by itself; and not taken where no interval is given', async () => {
    const { api, server } = await startPair((_, response, count) =>
      json(response, 200, EMPTY_STATS, count === 1 ? { age: '3600' } : count === 2 ? {} : { age: '1' }),
    );
    expect((await api.stats('env_1', read)).value.depth).toBe(0);
    expect(server.requests.length).toBe(2);
    expect((await failureOf(api.stats('env_1'))).failure.reason).toBe('bad_response');
  });
});

describe('a body that would take seconds to parse', () => {
  const page = (data: string) => `{"data":[${data}],"next_page":null}`;
  const row = (n: number) =>
    `{"id":"work_${n}","state":"queued","data":{"type":"session","id":"s_${n}"},"created_at":null,"metadata":{"team":"${'x'.repeat(300)}"}}`;
  it.each([
    ['nested 100,000 deep', page('['.repeat(100_000) + ' '.repeat(200_000)), false],
    ['of a million numbers', page(Array(500_000).fill('1').join(',')), true],
    ['of 100,000 different keys', page(`{${Array.from({ length: 50_000 }, (_, n) => `"key${n}":1`).join(',')}}`), true],
  ])('%s is not parsed', async (_, text, tooMuch) => {
    const { api } = await startPair((__, response) => response.end(text), {
      connection: { maxResponseBytes: 4_194_304 },
    });
    const error = await failureOf(api.listPage('env_1', { limit: 1000, page: null }));
    expect([error.failure.reason, error.tooMuch]).toEqual(['bad_response', tooMuch]);
    expect(error.failure.message).toMatch(/nested too deeply|more values/);
  });

  it('is not a page of 1,000 items', async () => {
    const rows = Array.from({ length: 1000 }, (_, n) => row(n)).join(',');
    const { api } = await startPair((_, response) => response.end(page(rows)));
    expect((await api.listPage('env_1', { limit: 1000, page: null })).value.items).toHaveLength(1000);
  });
});
