import { connect, type Socket } from 'node:net';
import { text } from 'node:stream/consumers';
import { connect as connectTls } from 'node:tls';
import { describe, expect, it } from 'vitest';
import { systemClock } from '../../src/base/clock.ts';
import { answerClientError } from '../../src/server/errors.ts';
import { createHttpServer, socketOf } from '../../src/server/gate.ts';
import { Front } from '../../src/server/server.ts';
import { selfSigned } from '../client/self-signed.ts';
import { getBytes } from '../support/hostile-client.ts';
import { rawAnswer } from '../support/raw-http.ts';

interface Taken {
  readonly peer: number | undefined;
  readonly url: string;
  /** Of the event loop, in which the request was handed over. */
  readonly turn: number;
}

/** A server that answers at once, with the body it got, and knows in which turn of the event loop each request came. */
async function turnServer(tls: { key: string; cert: string } | null = null, clock = systemClock) {
  const taken: Taken[] = [];
  const waiting = new Map<number | undefined, number>();
  let turn = 0;
  let ended = false;
  const count = () => {
    turn++;
    if (!ended) setImmediate(count);
  };
  setImmediate(count);
  let most = 0;
  const server = createHttpServer((request, response) => {
    const peer = socketOf(request.socket).remotePort;
    waiting.set(peer, (waiting.get(peer) ?? 0) + 1);
    most = Math.max(most, waiting.get(peer)!);
    taken.push({ peer, url: request.url ?? '', turn });
    response.once('close', () => waiting.set(peer, waiting.get(peer)! - 1));
    text(request).then(
      (body) => void setTimeout(() => response.end(`<${request.url} ${body}>`), 1),
      () => {},
    );
  });
  server.on('clientError', (error, socket) => answerClientError(error, socket as Socket));
  const front = new Front(
    server,
    tls === null ? null : { ...tls, requestCert: false, rejectUnauthorized: false },
    clock,
  );
  const { port } = await front.listen('127.0.0.1', 0);
  return {
    taken,
    port,
    /** The most requests that one connection had at a time. */
    most: () => most,
    async [Symbol.asyncDispose]() {
      ended = true;
      front.cutOff();
      await front.close();
    },
  };
}

/** The most requests that one connection was let have in one turn of the event loop. */
function mostPerTurn(taken: readonly Taken[]): number {
  const counts = new Map<string, number>();
  for (const { peer, turn } of taken) {
    const key = `${peer} ${turn}`;
    counts.set(key, (counts.get(key) ?? 0) + 1);
  }
  return Math.max(...counts.values());
}

const secure = selfSigned();
const LAST = getBytes('/last', 'connection: close\r\n');
const pipelined = (count: number) =>
  Array.from({ length: count }, (_, number) => getBytes(`/${number}`)).join('') + LAST;
const posted = (path: string, body: string) =>
  `POST ${path} HTTP/1.1\r\nhost:x\r\ncontent-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`;

/** Of many blank lines, each of which takes a turn: not so many that a busy machine needs longer than a request may. */
const LONG_BODY = `${'x'.repeat(38)}\n\n`.repeat(5000);

describe('a connection', () => {
  it.each([
    ['plain', null],
    ['TLS', secure],
  ])('has one request at a time and begins one in a turn of the event loop, in their order: %s', async (_, tls) => {
    await using server = await turnServer(tls);
    const options = { port: server.port, host: '127.0.0.1', rejectUnauthorized: false };
    const socket: Socket = tls === null ? connect(options) : connectTls(options);
    socket.write(pipelined(500));
    const answers = await text(socket);
    expect(answers.match(/<[^>]*>/g)).toEqual([...Array.from({ length: 500 }, (__, n) => `</${n} >`), '</last >']);
    expect(server.most()).toBe(1);
    // An answer ends in one phase of a turn, and the next request may begin in a later one.
    expect(mostPerTurn(server.taken)).toBeLessThanOrEqual(2);
  });

  it.each<[what: string, bytes: string, answers: string[]]>([
    [
      'bodies',
      posted('/a', 'one\r\n\r\ntwo') + posted('/b', '\n\n\n') + LAST,
      ['</a one\r\n\r\ntwo>', '</b \n\n\n>', '</last >'],
    ],
    [
      'chunks with a trailer',
      `POST /a HTTP/1.1\r\nhost:x\r\ntransfer-encoding: chunked\r\n\r\n3\r\n\r\n\r\r\n0\r\nx: y\r\n\r\n${LAST}`,
      ['</a \r\n\r>', '</last >'],
    ],
    ['empty lines before a request', `\r\n\r\n${getBytes('/a')}\r\n${LAST}`, ['</a >', '</last >']],
    ['a body of 200 KB', posted('/a', LONG_BODY) + LAST, [`</a ${LONG_BODY}>`, '</last >']],
  ])('may send %s', async (_, bytes, answers) => {
    await using server = await turnServer();
    expect((await rawAnswer(server.port, bytes)).match(/<[^>]*>/g)).toEqual(answers);
    expect(server.most()).toBeLessThanOrEqual(2);
  });

  it('may send bodies one after the other, and still has two requests at the most', async () => {
    await using server = await turnServer();
    const bytes = Array.from({ length: 300 }, (_, n) => posted(`/${n}`, 'x')).join('') + LAST;
    expect((await rawAnswer(server.port, bytes)).match(/<[^>]*>/g)).toHaveLength(301);
    expect(server.most()).toBe(2);
    expect(mostPerTurn(server.taken)).toBeLessThanOrEqual(2);
  });

  it('may cut what it sends anywhere', async () => {
    await using server = await turnServer();
    const bytes = getBytes('/a') + posted('/b', 'x\r\n\r\ny') + LAST;
    for (let cut = 1; cut < bytes.length; cut += 3) {
      const socket = connect({ port: server.port, host: '127.0.0.1', noDelay: true });
      socket.write(bytes.slice(0, cut), () => setImmediate(() => socket.write(bytes.slice(cut))));
      expect((await text(socket)).match(/<[^>]*>/g)).toEqual(['</a >', '</b x\r\n\r\ny>', '</last >']);
    }
    expect(server.most()).toBeLessThanOrEqual(2);
  });

  it('that sends nonsense behind a request gets the answer, then 400 and the end', async () => {
    await using server = await turnServer();
    const answers = await rawAnswer(server.port, `${getBytes('/a')}nonsense\r\n\r\n${pipelined(3)}`);
    expect(answers.match(/<[^>]*>|HTTP\/1\.1 \d+/g)).toEqual(['HTTP/1.1 200', '</a >', 'HTTP/1.1 400']);
    expect(server.taken).toHaveLength(1);
  });

  it('that goes on sending after its end was told is cut, long before its time is over', async () => {
    await using server = await turnServer();
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
    await using server = await turnServer();
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
  await using server = await turnServer(null, hurried);
  expect(await rawAnswer(server.port, bytes)).toMatch(/^HTTP\/1\.1 408 /);
});
