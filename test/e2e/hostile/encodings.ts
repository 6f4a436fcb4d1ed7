import { brotliCompressSync, constants, deflateRawSync, deflateSync, gzipSync, zstdCompressSync } from 'node:zlib';
import type { Answering, Hostile } from './answering.ts';

const encoded =
  (encoding: string, encode: (body: Buffer) => Buffer, status = '200 OK'): Answering =>
  (_, { body, reply }) =>
    reply(encode(Buffer.from(body)), { status, head: [`content-encoding: ${encoding}`] });

const plain = (body: Buffer) => body;
const damaged = (body: Buffer) => {
  const whole = gzipSync(body);
  whole[whole.length - 6]! ^= 1;
  return whole;
};

/** 20 MB that are 20 kB on the wire. */
const LARGE = Buffer.alloc(20e6, ' ');
const BOMBS = {
  gzip: gzipSync(LARGE, { level: 1 }),
  deflate: deflateSync(LARGE, { level: 1 }),
  br: brotliCompressSync(LARGE, { params: { [constants.BROTLI_PARAM_QUALITY]: 1 } }),
  zstd: zstdCompressSync(LARGE),
};

/** Compression, which nobody asked for. */
export const ENCODINGS: readonly Hostile[] = [
  ['gzip', encoded('gzip', gzipSync), 'ok'],
  ['x-gzip', encoded('x-gzip', gzipSync), 'ok'],
  ['GZIP in capitals', encoded('GZIP', gzipSync), 'ok'],
  ['brotli', encoded('br', brotliCompressSync), 'ok'],
  ['deflate', encoded('deflate', deflateSync), 'ok'],
  ['deflate without its head', encoded('deflate', deflateRawSync), 'bad_response'],
  ['zstd', encoded('zstd', zstdCompressSync), 'ok'],
  ['compress, and is not', encoded('compress', plain), 'ok'],
  ['an encoding without a name', encoded('', plain), 'ok'],
  ['the encoding identity', encoded('identity', plain), 'ok'],
  [
    'gzip with garbage after it',
    encoded('gzip', (body) => Buffer.concat([gzipSync(body), Buffer.from('x')])),
    'bad_response',
  ],
  [
    'gzip in two members',
    encoded('gzip', (body) => Buffer.concat([gzipSync(body.subarray(0, 5)), gzipSync(body.subarray(5))])),
    'ok',
  ],
  ['gzip twice', encoded('gzip, gzip', (body) => gzipSync(gzipSync(body))), 'ok'],
  ['gzip twenty times by its name', encoded(Array(20).fill('gzip').join(', '), plain), 'bad_response'],
  ['gzip that is none', encoded('gzip', plain), 'bad_response'],
  ['gzip of no byte', encoded('gzip', () => Buffer.alloc(0)), 'bad_response'],
  ['the first 20 bytes of gzip', encoded('gzip', (body) => gzipSync(body).subarray(0, 20)), 'bad_response'],
  ['gzip with a wrong checksum', encoded('gzip', damaged), 'bad_response'],
  ...Object.entries(BOMBS).map(
    ([encoding, bomb]): Hostile => [`20 MB in ${encoding}`, encoded(encoding, () => bomb), 'bad_response'],
  ),
  ['20 MB in gzip as an error', encoded('gzip', () => BOMBS.gzip, '500 Error'), 'server_error'],
];
