import { expect, it } from 'vitest';
import { body, good, startOverSockets } from './socket-server.ts';
import { failureOf } from './test-client.ts';

const LENGTH = `content-length: ${body.length}`;
const CHUNK = `${body.length.toString(16)}\r\n${body}\r\n`;

/** An answer with these headers, whatever they announce. */
const answer = (headers: readonly string[], rest = body) => `HTTP/1.1 200 OK\r\n${headers.join('\r\n')}\r\n\r\n${rest}`;

it.each([
  ['with two lengths', answer([LENGTH, 'content-length: 5'])],
  ['with a length and chunks', answer(['content-length: 5', 'transfer-encoding: chunked'], `${CHUNK}0\r\n\r\n`)],
  ['with a negative length', answer(['content-length: -5'])],
  ['with a length that no number holds', answer(['content-length: 99999999999999999999'])],
  ['whose chunk has no length', answer(['transfer-encoding: chunked'], `ZZ\r\n${body}`)],
  ['with a header without a colon', answer(['odd header', LENGTH])],
  ['with a header on two lines', answer(['x-odd: a', '  b', LENGTH])],
  ['with a NUL in a header', answer(['x-odd: a\0b', LENGTH])],
  ['whose lines end in LF alone', answer([LENGTH]).replaceAll('\r\n', '\n')],
  ['with a status of four digits', answer([LENGTH]).replace('200 OK', '1000 Odd')],
  ['of HTTP/2', 'HTTP/2 200\r\n\r\n'],
  ['of an ICY server', answer([LENGTH]).replace('HTTP/1.1', 'ICY')],
  ['without a head', body],
])('an answer %s is bad_response, and asked for once', async (_, text) => {
  const { api, requests } = await startOverSockets((socket) => socket.end(text, 'latin1'));
  expect((await failureOf(api.stats('env_1'))).failure.reason).toBe('bad_response');
  expect(requests()).toBe(1);
});

it.each([
  ['of HTTP/1.0, to the end of the connection', `HTTP/1.0 200 OK\r\n\r\n${body}`],
  ['to the end of the connection', answer(['connection: close'])],
  [
    'in chunks with extensions and trailers',
    answer(['transfer-encoding: chunked'], `${CHUNK.replace('\r\n', ';a=b\r\n')}0\r\nx: y\r\n\r\n`),
  ],
  ['with a byte order mark', answer([`content-length: ${body.length + 3}`], `\xef\xbb\xbf${body}`)],
  ['with 900 headers', answer([...Array.from({ length: 900 }, (_, n) => `x-${n}: y`), LENGTH])],
  ['followed by garbage', `${good}garbage`],
])('an answer %s is read', async (_, text) => {
  const { api } = await startOverSockets((socket) => socket.end(text, 'latin1'));
  expect((await api.stats('env_1')).value.depth).toBe(0);
});

it('a second answer to one request answers no other', async () => {
  const { api } = await startOverSockets((socket, count) => {
    const own = body.replace('"depth":0', `"depth":${count}`);
    socket.write(answer([`content-length: ${own.length}`], own).repeat(2));
  });
  for (const expected of [1, 2, 3]) expect((await api.stats('env_1')).value.depth).toBe(expected);
});
