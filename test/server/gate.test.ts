import { connect, createServer, type Socket } from 'node:net';
import { text } from 'node:stream/consumers';
import { connect as connectTls, createServer as createTlsServer } from 'node:tls';
import { afterEach, describe, expect, it } from 'vitest';
import { systemClock } from '../../src/base/clock.ts';
import { answerClientError } from '../../src/server/answers.ts';
import { createHttpServer, Gate } from '../../src/server/gate.ts';
import { selfSigned } from '../client/self-signed.ts';
import { getBytes, rawAnswer } from '../support/raw-http.ts';
import { waitUntil } from '../support/wait-until.ts';

/** A server that answers each request with its path and body, a turn later; `port` is where it listens. */
async function echoServer(tls: { key: string; cert: string } | null = null, clock = systemClock) {
  const taken: string[] = [];
  let open = 0;
  let most = 0;
  const http = createHttpServer((request, response) => {
    taken.push(request.url!);
    most = Math.max(most, ++open);
    response.once('close', () => open--);
    text(request).then(
      (body) => void setTimeout(() => response.end(`<${request.url} ${body}>`), 1),
      () => {},
    );
  });
  http.on('clientError', (error, socket) => answerClientError(error, socket as Socket));
  const sockets = new Set<Socket>();
  const accept = (socket: Socket) => {
    sockets.add(socket);
    http.emit('connection', new Gate(socket, clock));
  };
  const options = { allowHalfOpen: true, noDelay: true };
  const listener = tls === null ? createServer(options, accept) : createTlsServer({ ...options, ...tls }, accept);
  await new Promise<void>((resolve) => void listener.listen(0, '127.0.0.1', resolve));
  const { port } = listener.address() as { port: number };
  return {
    taken,
    port,
    /** The most requests that were without an answer at a time. */
    most: () => most,
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => listener.close(resolve));
    },
  };
}

const LAST = getBytes('/last', 'connection: close\r\n');
const posted = (path: string, body: string) =>
  `POST ${path} HTTP/1.1\r\nhost:x\r\ncontent-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`;
const LONG_BODY = `${'x'.repeat(38)}\n\n`.repeat(500);

let opened: Socket[] = [];
afterEach(() => {
  for (const socket of opened) socket.destroy();
  opened = [];
});

/** Sends one after the other, each after the answer to the one before. */
async function inTurn(socket: Socket, requests: readonly string[]): Promise<string> {
  opened.push(socket);
  let answers = '';
  socket.setEncoding('utf8').on('data', (more: string) => {
    answers += more;
  });
  for (const request of requests) {
    const before = answers.split('>').length;
    socket.write(request);
    await waitUntil(() => answers.split('>').length > before);
  }
  return answers;
}

const bodiesIn = (answers: string) => answers.match(/<[^>]*>/g);

describe('a connection', () => {
  it.each([
    ['plain', null],
    ['TLS', selfSigned()],
  ])('is kept for one request after the other: %s', async (_, tls) => {
    await using server = await echoServer(tls);
    const options = { port: server.port, host: '127.0.0.1', rejectUnauthorized: false };
    const socket: Socket = tls === null ? connect(options) : connectTls(options);
    const requests = [getBytes('/a'), posted('/b', 'x\r\n\r\ny'), getBytes('/c'), LAST];
    expect(bodiesIn(await inTurn(socket, requests))).toEqual(['</a >', '</b x\r\n\r\ny>', '</c >', '</last >']);
  });

  it.each([
    ['plain', null],
    ['TLS', selfSigned()],
  ])('that sends more before its answer gets that answer, and the end: %s', async (_, tls) => {
    await using server = await echoServer(tls);
    const options = { port: server.port, host: '127.0.0.1', rejectUnauthorized: false };
    const socket: Socket = tls === null ? connect(options) : connectTls(options);
    socket.write(getBytes('/a').repeat(1700));
    expect(bodiesIn(await text(socket))).toEqual(['</a >']);
    expect(server.most()).toBe(1);
  });

  it.each<[what: string, bytes: string, answer: string]>([
    ['a body', posted('/a', 'one\r\n\r\ntwo'), '</a one\r\n\r\ntwo>'],
    [
      'chunks with a trailer',
      'POST /a HTTP/1.1\r\nhost:x\r\ntransfer-encoding: chunked\r\n\r\n3\r\n\r\n\r\r\n0\r\nx: y\r\n\r\n',
      '</a \r\n\r>',
    ],
    ['empty lines before a request', `\r\n\r\n${LAST}`, '</last >'],
    ['a body of many pieces', posted('/a', LONG_BODY), `</a ${LONG_BODY}>`],
  ])('may send %s', async (_, bytes, answer) => {
    await using server = await echoServer();
    expect(bodiesIn(await inTurn(connect(server.port, '127.0.0.1'), [bytes]))).toEqual([answer]);
  });

  it('may cut what it sends anywhere', async () => {
    await using server = await echoServer();
    const bytes = posted('/b', 'x\r\n\r\ny').replace('host', 'connection: close\r\nhost');
    for (let cut = 1; cut < bytes.length; cut += 3) {
      const socket = connect({ port: server.port, host: '127.0.0.1', noDelay: true });
      socket.write(bytes.slice(0, cut), () => setImmediate(() => socket.write(bytes.slice(cut))));
      expect(bodiesIn(await text(socket))).toEqual(['</b x\r\n\r\ny>']);
    }
  });

  it('that goes on sending after its end was told is cut, long before its time is over', async () => {
    await using server = await echoServer();
    const socket = connect({ port: server.port, host: '127.0.0.1', allowHalfOpen: true });
    socket.on('error', () => {});
    socket.resume();
    const flood = () => {
      if (socket.writable) socket.write(Buffer.alloc(256 * 1024, 'x'), () => setImmediate(flood));
    };
    socket.write('nonsense\r\n\r\n', flood);
    await new Promise((resolve) => socket.once('close', resolve));
    expect(server.taken).toEqual([]);
    // One MiB, and what the kernel takes for either side.
    expect(socket.bytesWritten).toBeLessThan(64 * 1024 ** 2);
  });

  it('that goes on sending for a while gets its last answer, although it reads it later', async () => {
    await using server = await echoServer();
    const socket = connect({ port: server.port, host: '127.0.0.1', allowHalfOpen: true });
    socket.on('error', () => {});
    socket.pause();
    const write = (bytes: string | Buffer) => new Promise((resolve) => socket.write(bytes, resolve));
    expect(await write('nonsense\r\n\r\n')).toBeFalsy();
    // Piece by piece, so that the server is told of each.
    for (let piece = 0; piece < 64; piece++) {
      expect(await write(Buffer.alloc(8 * 1024, 'x'))).toBeFalsy();
      await new Promise(setImmediate);
    }
    expect(await text(socket)).toContain('HTTP/1.1 400');
  });
});

it.each([
  ['a head', 'GET / HTTP/1.1\r\nhost: x\r\nslow: '],
  ['a body', 'POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 10\r\n\r\nx'],
])('%s that does not arrive in time is answered with 408', async (_, bytes) => {
  const hurried = { ...systemClock, setTimer: (_: number, act: () => void) => systemClock.setTimer(20, act) };
  await using server = await echoServer(null, hurried);
  expect(await rawAnswer(server.port, bytes)).toMatch(/^HTTP\/1\.1 408 /);
});
