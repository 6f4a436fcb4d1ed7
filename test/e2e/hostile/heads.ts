import { type Answering, bytes, endless, good, type Head, type Hostile } from './answering.ts';

const withHead = (...head: Head): Answering => good({ head });

/** Status lines and headers. */
export const HEADS: readonly Hostile[] = [
  ['5,000 headers', withHead(...Array.from({ length: 5000 }, () => 'x-a: b')), 'bad_response'],
  ['a header of 14 kB', withHead(`x-long: ${'y'.repeat(14_000)}`), 'ok'],
  ['a header of 1 MB', withHead(`x-long: ${'y'.repeat(1e6)}`), 'bad_response'],
  [
    'headers without end',
    (socket) => {
      socket.write('HTTP/1.1 200 OK\r\n');
      endless(socket, (n) => `x-${n}: y\r\n`.repeat(100));
    },
    'bad_response',
  ],
  ['a status line of 50 kB', bytes(`HTTP/1.1 200 ${'x'.repeat(50_000)}\r\ncontent-length: 0\r\n\r\n`), 'bad_response'],
  [
    'a status line without end',
    (socket) => {
      socket.write('HTTP/1.1 200 ');
      endless(socket, () => 'x'.repeat(10_000));
    },
    'timeout',
  ],
  ['a head that stops in the middle', bytes('HTTP/1.1 200 OK\r\ncontent-le'), 'timeout'],
  ['a head that breaks off', bytes('HTTP/1.1 200 OK\r\ncontent-le', 'end'), 'network'],
  ['a NUL in a header', withHead('x-odd: a\0b'), 'bad_response'],
  ['a header on two lines', withHead('x-odd: a', ' b'), 'bad_response'],
  ['a space in the name of a header', withHead('x odd: a'), 'bad_response'],
  ['a header without a colon', withHead('odd'), 'bad_response'],
  ['a header in Latin-1', withHead('x-odd: \xff\xfe'), 'ok'],
  ['headers with names of the prototype', withHead('__proto__: x', 'constructor: y', 'toString: z'), 'ok'],
  ['cookies', withHead('set-cookie: a=b; path=/', 'set-cookie: c=d', 'refresh: 0; url=/x'), 'ok'],
  ['the type of a web page', withHead('content-type: text/html'), 'ok'],
  ['a list of types', withHead('content-type: image/png', 'content-type: text/xml; charset=utf-16'), 'ok'],
  ['a Link to the next page', withHead('link: <http://127.0.0.1:9/>; rel=next'), 'ok'],
  ['a connection that may live for 0 s', withHead('keep-alive: timeout=0'), 'ok'],
  ['a connection that may live for ever', withHead('keep-alive: timeout=99999999999, max=0'), 'ok'],
  ['a connection that may live for -1 s', withHead('keep-alive: timeout=-1, timeout=x'), 'ok'],
  ['both words about the connection', withHead('connection: keep-alive, close'), 'ok'],
  ['an answer of an ICY server', bytes('ICY 200 OK\r\n\r\n'), 'bad_response'],
  ['an answer of HTTP/2', bytes('HTTP/2.0 200 OK\r\ncontent-length: 0\r\n\r\n'), 'bad_response'],
  ['the preface of HTTP/2', bytes('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'), 'bad_response'],
  ['an answer of HTTP/0.9', bytes((body) => body, 'end'), 'bad_response'],
  ['an answer of HTTP/1.0', bytes((body) => `HTTP/1.0 200 OK\r\n\r\n${body}`, 'end'), 'ok'],
  ['half an answer of HTTP/1.0', bytes((body) => `HTTP/1.0 200 OK\r\n\r\n${body.slice(0, -4)}`, 'end'), 'bad_response'],
  ['an alert of TLS', bytes('\x15\x03\x01\0\x02\x02\x28'), 'bad_response'],
  ['a greeting of SSH', bytes('SSH-2.0-OpenSSH_9.9\r\n'), 'bad_response'],
  ['a request', bytes('GET / HTTP/1.1\r\nhost: x\r\n\r\n'), 'bad_response'],
];
