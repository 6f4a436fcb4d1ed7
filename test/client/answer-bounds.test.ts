import { brotliCompressSync, gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { costlyJson } from '../../src/client/answers/costly-json.ts';
import { mostBytesOf } from '../../src/client/http/exchange.ts';
import type { WorkApi } from '../../src/client/work-api.ts';
import { WORK } from '../wire/bodies.ts';
import { startPair } from './start-pair.ts';
import { failureOf } from './test-client.ts';

const MIB = 1024 * 1024;
const PAGE = { limit: 10, page: null };

/** Each read with the most that its answer may have, where 4 MiB are configured. */
const READS: readonly [name: string, most: number, read: (api: WorkApi) => Promise<unknown>, body: object][] = [
  ['stats', 65_536, (api) => api.stats('env_1'), { depth: 0, pending: 0 }],
  [
    'retrieve',
    MIB,
    (api) => api.retrieve('env_1', 'work_1'),
    { id: 'work_1', state: 'queued', data: { type: 'session' } },
  ],
  ['session', MIB, (api) => api.session('env_1', 'sesn_1'), { status: 'idle' }],
  ['list', 4 * MIB, (api) => api.listPage('env_1', PAGE), { data: [], next_page: null }],
  ['environments', 4 * MIB, (api) => api.listEnvironments(PAGE), { data: [], next_page: null }],
];

/** The body as JSON of so many bytes: white space is valid after it. */
function padded(body: object, bytes: number): Buffer {
  const text = JSON.stringify(body);
  return Buffer.from(text + ' '.repeat(bytes - text.length));
}

describe.each(READS)('an answer of %s', (_, most, read, body) => {
  const connection = { maxResponseBytes: 4 * MIB };

  it('may be as long as its bound', async () => {
    const { api } = await startPair((_, response) => response.end(padded(body, most)), { connection });
    await read(api);
  });

  it.each<[how: string, headers: Record<string, string>, encode: (bytes: Buffer) => Buffer]>([
    ['plain', {}, (bytes) => bytes],
    ['gzip', { 'content-encoding': 'gzip' }, gzipSync],
    ['brotli', { 'content-encoding': 'br' }, brotliCompressSync],
  ])('may not be a byte longer, %s', async (_, headers, encode) => {
    const bytes = encode(padded(body, most + 1));
    const { api } = await startPair((_, response) => response.writeHead(200, headers).end(bytes), { connection });
    const { failure, tooMuch } = await failureOf(read(api));
    expect([failure.reason, tooMuch]).toEqual(['bad_response', true]);
    expect(failure.message).toContain(`more than the ${most} bytes that are allowed`);
    expect(failure.remedy).toContain('max_response_bytes');
  });

  it('is bounded by the configuration, too', async () => {
    const bytes = padded(body, 2049);
    const { api } = await startPair((_, response) => response.end(bytes), { connection: { maxResponseBytes: 2048 } });
    expect((await failureOf(read(api))).failure.message).toContain('2048 bytes');
  });

  it('is not parsed when it is nested deeply', async () => {
    const nested = `{"data":${'['.repeat(1000)}${']'.repeat(1000)}}`;
    const { api } = await startPair((_, response) => response.end(nested), { connection });
    const { failure, tooMuch } = await failureOf(read(api));
    expect(failure).toMatchObject({ reason: 'bad_response', message: expect.stringContaining('nested too deeply') });
    expect(tooMuch).toBe(false);
  });
});

it('bounds are those of the operation, and pages have none of their own', () => {
  expect(mostBytesOf('environments')).toBe(Number.POSITIVE_INFINITY);
});

it.each([
  [
    'metadata of 5000 keys',
    { metadata: Object.fromEntries(Array.from({ length: 5000 }, (_, n) => [`key${n}`, ''])) },
    'more different keys',
    true,
  ],
  ['data of 33 levels', { data: JSON.parse(`${'['.repeat(30)}${']'.repeat(30)}`) }, 'nested too deeply', false],
])('a page fails because of one item with %s, and says why', async (_, more, says, isTooMuch) => {
  const page = { data: [WORK, { ...WORK, id: 'sesn_2', ...more }], next_page: null };
  const { api } = await startPair((_request, response) => response.end(JSON.stringify(page)));
  const { failure, tooMuch } = await failureOf(api.listPage('env_1', PAGE));
  expect(failure).toMatchObject({ reason: 'bad_response', message: expect.stringContaining(says) });
  expect(tooMuch).toBe(isTooMuch);
});

describe('costlyJson', () => {
  const many = (count: number, item: (index: number) => string) => Array.from({ length: count }, (_, i) => item(i));

  it.each<[what: string, body: string, says: RegExp | null]>([
    ['a whole page of items with metadata', pageOf(1000, 40), null],
    ['32 levels', '['.repeat(32) + ']'.repeat(32), null],
    ['33 levels', '['.repeat(33) + ']'.repeat(33), /nested/],
    ['4 MiB of open arrays', '['.repeat(4 * MIB), /nested/],
    ['4 MiB of open objects', '{"a":'.repeat(MIB), /nested/],
    ['brackets in strings', `["${'[{'.repeat(100)}","\\"${'['.repeat(100)}"]`, null],
    ['an escaped backslash at the end of a string', `["\\\\",${'['.repeat(40)}`, /nested/],
    ['4096 keys', `{${many(4096, (i) => `"k${i}":1`).join()}}`, null],
    ['5000 keys', `{${many(5000, (i) => `"k${i}":1`).join()}}`, /different keys/],
    ['5000 objects of one key each', `[${many(5000, (i) => `{"k${i}":1}`).join()}]`, /different keys/],
    ['one key a hundred thousand times', `[${many(100_000, () => '{"k":1}').join()}]`, null],
    ['300,000 empty objects', `[${many(300_000, () => '{}').join()}]`, /values/],
    ['300,000 numbers', `[${many(300_000, () => '1').join()}]`, /values/],
    ['an open string', '["abc', null],
    ['an escape at the very end', '["abc\\', null],
  ])('%s', (_, body, says) => {
    const found = costlyJson(Buffer.from(body));
    if (says === null) expect(found).toBe(null);
    else expect(found).toMatch(says);
  });

  function pageOf(items: number, metadata: number): string {
    const stamps = { created_at: '2026-11-24T12:00:00Z', acknowledged_at: null, started_at: null, stopped_at: null };
    const data = many(items, (i) => i.toString()).map((id) => ({
      ...stamps,
      id,
      data: { type: 'session', id },
      metadata: Object.fromEntries(
        many(metadata, (key) => `key${key}`).map((key) => [key, 'a value, [and] {another}']),
      ),
    }));
    return JSON.stringify({ data, next_page: null });
  }
});
