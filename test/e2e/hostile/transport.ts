import { brotliCompressSync, constants, deflateRawSync, deflateSync, gzipSync, zstdCompressSync } from 'node:zlib';
import { type Answering, bytes, endless, good, type Hostile, UNSEEN, utc } from './hostile-api.ts';

const OK = 'HTTP/1.1 200 OK\r\n';
const CHUNKED = `${OK}transfer-encoding: chunked\r\n\r\n`;
const INTERIM = 'HTTP/1.1 103 Early Hints\r\nlink: </a>\r\n\r\n';

/** The body in chunks of so many bytes, whose sizes have something after them. */
const chunked = (step: number, { after = '', end = '0\r\n\r\n' } = {}) =>
  bytes((body) => {
    let text = CHUNKED;
    for (let at = 0; at < body.length; at += step) {
      const piece = body.slice(at, at + step);
      text += `${piece.length.toString(16)}${after}\r\n${piece}\r\n`;
    }
    return text + end;
  });
/** `by`: what the length says too much. */
const ofLength = (by: number) => (body: string) => `${OK}content-length: ${body.length + by}\r\n\r\n${body}`;
const withLengths = (...lines: readonly string[]) => bytes(`${OK}${lines.join('\r\n')}\r\n\r\n{}`);
/** Before the answer, or after it. */
const before =
  (text: string): Answering =>
  (socket, { body, reply }) => {
    socket.write(text);
    reply(body);
  };
const after =
  (what: (...asked: Parameters<Answering>) => unknown): Answering =>
  (socket, asked) => {
    asked.reply(asked.body);
    what(socket, asked);
  };

/** How long a body is, where it ends, and when its connection does. */
export const FRAMING: readonly Hostile[] = [
  ['50 early hints before it', before(INTERIM.repeat(50)), 'ok'],
  ['early hints of 300 kB before it', before(INTERIM.replace('</a>', 'x'.repeat(15_000)).repeat(20)), 'ok'],
  ['a 100 Continue before it', before('HTTP/1.1 100 Continue\r\n\r\n'), 'network'],
  ['early hints and no more', bytes(INTERIM), 'timeout'],
  ['early hints without end', endless(INTERIM), 'timeout'],
  ['empty lines without end', endless('\r\n'), 'timeout'],
  ['a chunk extension without end', endless('e', `${CHUNKED}1;`), 'timeout'],
  [
    'a switch to WebSocket',
    bytes('HTTP/1.1 101 Switching Protocols\r\nupgrade: x\r\nconnection: upgrade\r\n\r\n'),
    'network',
  ],
  ['an offer of HTTP/2', good({ head: ['upgrade: h2c', 'connection: upgrade'] }), 'ok'],
  ['chunks of one byte', chunked(1), 'ok'],
  ['chunks with extensions of 100 kB', chunked(100, { after: `;${'e'.repeat(1e5)}` }), 'ok'],
  ['a chunk size that no number holds', bytes(`${CHUNKED}FFFFFFFFFFFFFFFF1\r\n`), 'bad_response'],
  ['a negative chunk size', bytes(`${CHUNKED}-5\r\nabcde`), 'bad_response'],
  ['chunks without an end', chunked(100, { end: '' }), 'timeout'],
  ['chunks that break off', bytes(`${CHUNKED}5\r\nab`, 'end'), 'network'],
  ['chunks with a trailer', chunked(100, { end: '0\r\nx-checksum: 1\r\n\r\n' }), 'ok'],
  [
    'chunks with 500 kB of trailers',
    chunked(100, { end: `0\r\n${`x: ${'y'.repeat(1000)}\r\n`.repeat(500)}\r\n` }),
    'bad_response',
  ],
  ['chunks without end', endless(`10000\r\n${' '.repeat(65_536)}\r\n`, CHUNKED), 'bad_response'],
  ['a body without end', endless(' ', `${OK}\r\n`), 'bad_response'],
  ['a length that is 3 too short', bytes(ofLength(-3)), 'bad_response'],
  ['a length that is 30 too long, and the end', bytes(ofLength(30), 'end'), 'network'],
  ['a length that is 30 too long, and no end', bytes(ofLength(30)), 'timeout'],
  ...['-1', '+2', '0x2', '', '2, 2', '999999999999999', '99999999999999999999999'].map(
    (length): Hostile => [`a length of ${length}`, withLengths(`content-length: ${length}`), 'bad_response'],
  ),
  ['two lengths', withLengths('content-length: 2', 'content-length: 900'), 'bad_response'],
  ['a length and chunks', withLengths('content-length: 2', 'transfer-encoding: chunked'), 'bad_response'],
  ['a transfer in gzip and chunks', withLengths('transfer-encoding: gzip, chunked'), 'bad_response'],
  ['no byte', () => {}, 'timeout'],
  ['the end at once', (socket) => socket.end(), 'network'],
  ['a reset at once', (socket) => socket.resetAndDestroy(), 'network'],
  [
    'a reset in the body',
    (socket, { body }) => socket.write(ofLength(0)(body).slice(0, -20), () => socket.resetAndDestroy()),
    'network',
  ],
  ['the end after it', after((socket) => socket.end()), 'ok'],
  ['garbage after it', after((socket) => socket.write('garbage')), 'ok'],
  [
    'a second answer after it',
    after((_, { reply }) => reply('{"depth":777,"pending":777,"data":[],"next_page":null}')),
    'ok',
  ],
];

const withHead = (...head: readonly string[]): Answering => good({ head });

/** Status lines and headers. */
export const HEADS: readonly Hostile[] = [
  ['5,000 headers', withHead(...Array.from({ length: 5000 }, () => 'x-a: b')), 'bad_response'],
  ['a header of 14 kB', withHead(`x-long: ${'y'.repeat(14_000)}`), 'ok'],
  ['a header of 1 MB', withHead(`x-long: ${'y'.repeat(1e6)}`), 'bad_response'],
  ['headers without end', endless('x-n: y\r\n', OK), 'bad_response'],
  ['a status line of 50 kB', bytes(`HTTP/1.1 200 ${'x'.repeat(50_000)}\r\ncontent-length: 0\r\n\r\n`), 'bad_response'],
  ['a status line without end', endless('x', 'HTTP/1.1 200 '), 'timeout'],
  ['a head that stops in the middle', bytes(`${OK}content-le`), 'timeout'],
  ['a head that breaks off', bytes(`${OK}content-le`, 'end'), 'network'],
  ['a NUL in a header', withHead('x-odd: a\0b'), 'bad_response'],
  ['a header on two lines', withHead('x-odd: a', ' b'), 'bad_response'],
  ['a header without a colon', withHead('odd'), 'bad_response'],
  ['a header in Latin-1', withHead('x-odd: \xff\xfe'), 'ok'],
  ['headers with names of the prototype', withHead('__proto__: x', 'constructor: y', 'toString: z'), 'ok'],
  ['cookies', withHead('set-cookie: a=b; path=/', 'set-cookie: c=d', 'refresh: 0; url=/x'), 'ok'],
  ['a list of types', withHead('content-type: image/png', 'content-type: text/xml; charset=utf-16'), 'ok'],
  ['a Link to the next page', withHead('link: <http://127.0.0.1:9/>; rel=next'), 'ok'],
  ['a connection that may live for 0 s', withHead('keep-alive: timeout=0'), 'ok'],
  ['a connection that may live for ever', withHead('keep-alive: timeout=99999999999, max=0'), 'ok'],
  ['a connection that may live for -1 s', withHead('keep-alive: timeout=-1, timeout=x'), 'ok'],
  ['both words about the connection', withHead('connection: keep-alive, close'), 'ok'],
  ['an answer of HTTP/2', bytes('HTTP/2.0 200 OK\r\ncontent-length: 0\r\n\r\n'), 'bad_response'],
  ['an answer of HTTP/0.9', bytes((body) => body, 'end'), 'bad_response'],
  ['an answer of HTTP/1.0', bytes((body) => `HTTP/1.0 200 OK\r\n\r\n${body}`, 'end'), 'ok'],
  ['half an answer of HTTP/1.0', bytes((body) => `HTTP/1.0 200 OK\r\n\r\n${body.slice(0, -4)}`, 'end'), 'bad_response'],
  ['an alert of TLS', bytes('\x15\x03\x01\0\x02\x02\x28'), 'bad_response'],
  ['a greeting of SSH', bytes('SSH-2.0-OpenSSH_9.9\r\n'), 'bad_response'],
];

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
const inTwo = (body: Buffer) => Buffer.concat([gzipSync(body.subarray(0, 5)), gzipSync(body.subarray(5))]);

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
  ['GZIP in capitals', encoded('GZIP', gzipSync), 'ok'],
  ['brotli', encoded('br', brotliCompressSync), 'ok'],
  ['deflate', encoded('deflate', deflateSync), 'ok'],
  ['deflate without its head', encoded('deflate', deflateRawSync), 'bad_response'],
  ['zstd', encoded('zstd', zstdCompressSync), 'ok'],
  ['compress, and is not', encoded('compress', plain), 'ok'],
  [
    'gzip with garbage after it',
    encoded('gzip', (body) => Buffer.concat([gzipSync(body), Buffer.from('x')])),
    'bad_response',
  ],
  ['gzip in two members', encoded('gzip', inTwo), 'ok'],
  ['gzip twice', encoded('gzip, gzip', (body) => gzipSync(gzipSync(body))), 'ok'],
  ['gzip twenty times by its name', encoded(Array(20).fill('gzip').join(', '), plain), 'bad_response'],
  ['gzip that is none', encoded('gzip', plain), 'bad_response'],
  ['the first 20 bytes of gzip', encoded('gzip', (body) => gzipSync(body).subarray(0, 20)), 'bad_response'],
  ['gzip with a wrong checksum', encoded('gzip', damaged), 'bad_response'],
  ...Object.entries(BOMBS).map(
    ([encoding, bomb]): Hostile => [`20 MB in ${encoding}`, encoded(encoding, () => bomb), 'bad_response'],
  ),
  ['20 MB in gzip as an error', encoded('gzip', () => BOMBS.gzip, '500 Error'), 'server_error'],
];

/** With the body of a good answer. */
const statuses = (outcome: Hostile[2], ...lines: readonly string[]) =>
  lines.map((line): Hostile => [`the status ${line}`, good({ status: line }), outcome]);
const redirect =
  (line: string, location: (elsewhere: string) => string): Answering =>
  (_, { elsewhere, reply }) =>
    reply('', { status: line, head: [`location: ${location(elsewhere)}`] });
const error =
  (line: string, type: string | null, message: (key: string) => string): Answering =>
  (_, { key, reply }) => {
    const told = { type: type ?? key, message: message(key), extra: UNSEEN + key };
    const text = JSON.stringify({ type: 'error', error: told, request_id: key });
    reply(text, { status: line, head: [`request-id: ${key}`] });
  };

/** Statuses, redirects and the bodies of errors. */
export const STATUSES: readonly Hostile[] = [
  ...statuses('bad_response', '201 Created', '204 No Content', '206 Partial', '299 Odd', '000 Zero', '1000 Odd', 'OK'),
  ...statuses('client_error', '300 Choices', '304 Not Modified', '400 Bad', '402 Pay', '407 Proxy', '499 Closed'),
  ...statuses('server_error', '500 Error', '501 Odd', '511 Login', '600 Odd', '999 Odd'),
  ...statuses('timeout', '408 Timeout'),
  ...statuses('unauthorized', '401 Unauthorized'),
  ...statuses('forbidden', '403 Forbidden'),
  ...statuses('not_found', '404 Not Found'),
  [
    'a challenge',
    good({ status: '401 Unauthorized', head: ['www-authenticate: Basic realm="x\\"y"'] }),
    'unauthorized',
  ],
  ['a redirect to another host', redirect('301 Moved', (elsewhere) => `${elsewhere}/v1`), 'client_error'],
  ['a redirect to another host that keeps the method', redirect('308 Moved', (elsewhere) => elsewhere), 'client_error'],
  ['a redirect without a scheme', redirect('302 Found', (elsewhere) => elsewhere.slice(5)), 'client_error'],
  [
    'a redirect to what would claim work',
    redirect('302 Found', () => '/v1/environments/env_0/work/poll'),
    'client_error',
  ],
  ['a redirect to itself', redirect('307 Moved', () => ''), 'client_error'],
  ['a redirect to no address', redirect('308 Moved', () => 'http://[::bad'), 'client_error'],
  ['an error that names the key', error('501 Odd', 'api_error', (key) => `key ${key} is bad`), 'server_error'],
  ['an error of the type of the key', error('400 Bad', null, () => ''), 'client_error'],
  [
    'an error with the key in base64',
    error('403 No', 'permission_error', (key) => Buffer.from(`Bearer ${key}`).toString('base64')),
    'forbidden',
  ],
  [
    'an error with the key, escaped',
    error('500 No', 'api_error', (key) => encodeURIComponent(`"${key}"`)),
    'server_error',
  ],
  [
    'an error of many lines',
    error('500 No', 'api_error', () => 'a\n\r\n\u2028\x1b[31mb\0'.repeat(1000)),
    'server_error',
  ],
  ['an error of 1 MB', error('500 No', 'api_error', () => 'x'.repeat(1e6)), 'server_error'],
];

const dated = (...dates: readonly string[]) => good({ date: null, head: dates.map((date) => `date: ${date}`) });
const off =
  (ms: (count: number) => number): Answering =>
  (_, { body, reply, now, count }) =>
    reply(body, { date: utc(now + ms(count)) });

const WAITS: readonly (readonly string[])[] = [
  ...['0', '1', '-5', '99999999999999999999', '9'.repeat(400), '1e9', '0xfff', '', 'later'].map((wait) => [
    `retry-after: ${wait}`,
  ]),
  ...['Thu, 01 Jan 1970 00:00:00 GMT', 'Fri, 31 Dec 9999 23:59:59 GMT'].map((date) => [`retry-after: ${date}`]),
  ['retry-after-ms: 99999999999'],
  ['retry-after: 1', 'retry-after: 9999999'],
  ['x-should-retry: false', 'retry-after: 1'],
  ['anthropic-ratelimit-requests-reset: 9999-12-31T23:59:59Z'],
];

/**
 * What answers say of time: when they were sent, how old they are, and when to come again. Each environment has a connection
 * of its own, which they concern as a whole.
 */
export const CLOCKS: readonly Hostile[] = [
  ['no date', good({ date: null }), 'ok'],
  ...['', 'yesterday', 'Thu, 01 Jan 1970 00:00:00 GMT', 'Fri, 31 Dec 9999 23:59:59 GMT', '2026-11-29T10:00:00Z'].map(
    (date): Hostile => [`the date "${date}"`, dated(date), 'ok'],
  ),
  ['a date that no calendar has', dated('Mon, 31 Feb 2026 25:61:61 GMT'), 'ok'],
  ['two dates', dated('x', 'Fri, 31 Dec 9999 23:59:59 GMT'), 'ok'],
  ['a date half an hour back', off(() => -1_800_000), 'ok'],
  ['a date in three hours', off(() => 10_800_000), 'ok'],
  ['dates that jump a day back and forth', off((count) => (count % 2) * 86_400_000), 'ok'],
  ['an age of 0', good({ head: ['age: 0'] }), 'ok'],
  ...['31536000', 'old', '-1'].map(
    (age): Hostile => [`an age of ${age}`, good({ head: [`age: ${age}`] }), 'bad_response'],
  ),
  ...WAITS.flatMap((head): readonly Hostile[] => [
    [`503 with ${head.join(', ').slice(0, 80)}`, good({ status: '503 Busy', head }), 'server_error'],
    [`429 with ${head.join(', ').slice(0, 80)}`, good({ status: '429 Slow', head }), 'rate_limited'],
  ]),
];
