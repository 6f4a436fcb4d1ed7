import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { body, startOverSockets } from './socket-server.ts';
import { startPair } from './start-pair.ts';
import { failureOf } from './test-client.ts';
import { EMPTY_STATS, type Handler, json } from './test-server.ts';

describe('a bad answer', () => {
  const long = Buffer.alloc(10_000_000, ' ');
  it.each<[string, Handler, RegExp]>([
    ['204', (_, response) => response.writeHead(204).end(), /with 204$/],
    ['an empty body', (_, response) => response.writeHead(200).end(), /200 and an empty body$/],
    ['HTML', (_, response) => response.end('<!DOCTYPE html><p>sign in'), /200 and an HTML page instead of JSON$/],
    ['text', (_, response) => response.end('OK'), /200 and 2 bytes that are not JSON$/],
    ['null', (_, response) => response.end('null'), /an unexpected body: the body should be an object and is null$/],
    ['half a JSON', (_, response) => response.end('{"depth":1,"pend'), /200 and 16 bytes that are not JSON$/],
    [
      'a wrong number',
      (_, response) => json(response, 200, { ...EMPTY_STATS, depth: -1 }),
      /depth should be a whole number/,
    ],
    ['10 MB, announced', (_, response) => response.end(long), /more bytes than max_response_bytes/],
    [
      '10 MB in chunks',
      (_, response) => {
        response.write('[');
        response.end(long);
      },
      /more bytes than max_response_bytes/,
    ],
    [
      'a gzip bomb',
      (_, response) => response.writeHead(200, { 'content-encoding': 'gzip' }).end(gzipSync(long)),
      /more bytes than max_response_bytes/,
    ],
    [
      'damaged gzip',
      (_, response) => response.writeHead(200, { 'content-encoding': 'gzip' }).end('no gzip'),
      /a compressed body that is damaged/,
    ],
    [
      'an unknown compression',
      (_, response) => response.writeHead(200, { 'content-encoding': 'zz' }).end('x'),
      /1 byte that is not JSON$/,
    ],
  ])('with %s is bad_response, and not tried again', async (_, handler, message) => {
    const { api, server, verdicts } = await startPair(handler);
    const { failure } = await failureOf(api.stats('env_1'));
    expect(failure.reason).toBe('bad_response');
    expect(failure.message).toMatch(message);
    expect(failure.remedy).toContain('base_url');
    expect(server.requests).toHaveLength(1);
    expect(verdicts).toEqual({});
  });

  it('of 10 MB is not read to its end', async () => {
    let written = 0;
    let ended: () => void = () => {};
    const closed = new Promise<void>((resolve) => {
      ended = resolve;
    });
    const { api } = await startPair((_, response) => {
      response.on('close', ended);
      const more = () => {
        while (!response.destroyed && written < 1e9) {
          written += 65_536;
          if (!response.write(Buffer.alloc(65_536))) return;
        }
      };
      response.on('drain', more);
      more();
    });
    await failureOf(api.stats('env_1'));
    await closed;
    expect(written).toBeLessThan(50_000_000);
  });

  it('to an error is cut off and keeps its status', async () => {
    const { api } = await startPair((_, response) => response.writeHead(404).end(long));
    expect((await failureOf(api.stats('env_1'))).failure).toMatchObject({ reason: 'not_found', httpStatus: 404 });
  });
});

const LENGTH = `content-length: ${body.length}`;
const CHUNK = `${body.length.toString(16)}\r\n${body}\r\n`;

/** An answer with these headers, whatever they announce. */
const answer = (headers: readonly string[], rest = body) => `HTTP/1.1 200 OK\r\n${headers.join('\r\n')}\r\n\r\n${rest}`;

it.each([
  ['with two lengths', answer([LENGTH, 'content-length: 5'])],
  ['with a length and chunks', answer(['content-length: 5', 'transfer-encoding: chunked'], `${CHUNK}0\r\n\r\n`)],
  ['with a negative length', answer(['content-length: -5'])],
  ['whose chunk has no length', answer(['transfer-encoding: chunked'], `ZZ\r\n${body}`)],
  ['of an ICY server', answer([LENGTH]).replace('HTTP/1.1', 'ICY')],
  ['without a head', body],
])('an answer %s is bad_response, and asked for once', async (_, text) => {
  const { api, requests } = await startOverSockets((socket) => socket.end(text, 'latin1'));
  expect((await failureOf(api.stats('env_1'))).failure.reason).toBe('bad_response');
  expect(requests()).toBe(1);
});

it('an answer with a byte order mark is read', async () => {
  const { api } = await startPair((_, response) => response.end(`\ufeff${body}`));
  expect((await api.stats('env_1')).value.depth).toBe(0);
});

it('a second answer to one request answers no other', async () => {
  const { api } = await startOverSockets((socket, count) => {
    const own = body.replace('"depth":0', `"depth":${count}`);
    socket.write(answer([`content-length: ${own.length}`], own).repeat(2));
  });
  for (const expected of [1, 2, 3]) expect((await api.stats('env_1')).value.depth).toBe(expected);
});

const INTERVAL = { maxAgeMs: 15_000 };

describe('an answer that a cache may have sent', () => {
  it.each<[headers: Record<string, string>, says: RegExp | null]>([
    [{}, null],
    [{ age: '0' }, null],
    [{ age: '16' }, /a cache that is 16 s old/],
    [{ age: '3, 90' }, /a cache that is 90 s old/],
    [{ age: 'yesterday' }, /of unknown age/],
    [{ age: '5', 'x-cache': 'HIT' }, null],
    [{ 'x-cache': 'HIT' }, /of unknown age/],
    [{ 'x-cache': 'Hit from cloudfront' }, /of unknown age/],
    [{ 'cf-cache-status': 'HIT' }, /of unknown age/],
    [{ 'cache-status': 'edge; hit; ttl=30' }, /of unknown age/],
    [{ 'x-cache': 'MISS' }, null],
    [{ 'x-cache': 'RefreshHit from cloudfront' }, null],
    [{ 'cache-status': 'edge; fwd=uri-miss' }, null],
  ])('%j says %s', async (headers, says) => {
    const { api } = await startPair((_, response) => json(response, 200, EMPTY_STATS, headers));
    const read = api.stats('env_1', INTERVAL);
    if (says === null) expect((await read).value.depth).toBe(0);
    else {
      const { failure } = await failureOf(read);
      expect(failure).toMatchObject({ reason: 'bad_response', httpStatus: 200, message: expect.stringMatching(says) });
      expect(failure.remedy).toMatch(/proxy .* cache/);
    }
  });

  it('is asked for once more: another server may answer by itself', async () => {
    let answers = 0;
    const { api, server } = await startPair((_, response) =>
      json(response, 200, EMPTY_STATS, answers++ === 0 ? { age: '3600' } : {}),
    );
    expect((await api.stats('env_1', INTERVAL)).value.depth).toBe(0);
    expect(server.requests.length).toBe(2);
  });

  it('is not taken at all where no interval is given', async () => {
    const { api } = await startPair((_, response) => json(response, 200, EMPTY_STATS, { age: '1' }));
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
    const { api } = await startPair((_, response) =>
      response.end(page(Array.from({ length: 1000 }, (__, n) => row(n)).join(','))),
    );
    expect((await api.listPage('env_1', { limit: 1000, page: null })).value.items).toHaveLength(1000);
  });
});
