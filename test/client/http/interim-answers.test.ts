import { connect, createServer, type Socket } from 'node:net';
import { Duplex } from 'node:stream';
import { createServer as createTlsServer } from 'node:tls';
import fc from 'fast-check';
import { describe, expect, it, onTestFinished } from 'vitest';
import { InterimCutter, withoutInterimAnswers } from '../../../src/client/http/interim-answers.ts';
import { selfSigned } from '../self-signed.ts';
import { createTestClient } from '../test-client.ts';
import { EMPTY_STATS, listen } from '../test-server.ts';

const BODY = JSON.stringify(EMPTY_STATS);
const ANSWER = `HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: ${BODY.length}\r\n\r\n${BODY}`;
const CONTINUE = 'HTTP/1.1 100 Continue\r\n\r\n';

const INTERIM_300_KB = CONTINUE.repeat(12_000);

/** A client of a server that answers each request with these pieces, one after the other. */
async function clientOf(pieces: readonly string[]) {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.setNoDelay(true);
    socket.on('error', () => {});
    socket.on('data', async () => {
      for (const piece of pieces) {
        await new Promise((resolve) => socket.write(piece, resolve));
        await new Promise(setImmediate);
      }
    });
  });
  const port = await listen(server);
  const { api, observer } = createTestClient(`http://127.0.0.1:${port}`, { connection: { maxConcurrentRequests: 1 } });
  onTestFinished(async () => {
    await api.close();
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return { api, observer };
}

describe('an interim answer', () => {
  it.each<[what: string, pieces: string[]]>([
    ['before the answer, in one piece', [CONTINUE + ANSWER]],
    ['in a piece of its own', [CONTINUE, ANSWER]],
    ['byte by byte', [...CONTINUE, ANSWER]],
    ['three times', [CONTINUE + CONTINUE, CONTINUE + ANSWER]],
    ['of HTTP/1.0', ['HTTP/1.0 100 Continue\r\n\r\n', ANSWER]],
    ['with headers', ['HTTP/1.1 100 Go on\r\nserver: odd\r\n\r\n', ANSWER]],
    ['102 Processing', [`HTTP/1.1 102 Processing\r\n\r\n${ANSWER}`]],
    ['103 Early Hints', [`HTTP/1.1 103 Early Hints\r\nlink: </a>\r\n\r\n${ANSWER}`]],
    ['none, in pieces', [...ANSWER]],
  ])('%s fails no read', async (_, pieces) => {
    const { api, observer } = await clientOf(pieces);
    for (let read = 0; read < 3; read++) expect((await api.stats('env_1')).value.depth).toBe(0);
    expect(observer.ended.map(({ reason }) => reason)).toEqual([null, null, null]);
  });
});

describe('a piece of a body that begins like an interim answer', () => {
  it.each(['HTTP/1.1 100 Continue"}', `${CONTINUE}"}`, 'HTTP/1.1 1', 'H'])('is part of the body: %j', (piece) => {
    const socket = new Duplex({ read() {}, write: (_chunk, _encoding, done) => done() });
    const connect = withoutInterimAnswers((_options, callback) => callback(null, socket as Socket), {
      until: 'close',
      mostBytes: 100_000,
    });
    connect({} as Parameters<typeof connect>[0], () => {});
    const shows = (bytes: string) => {
      socket.push(bytes);
      return String(socket.read() ?? '');
    };
    for (let request = 0; request < 2; request++) {
      socket.write('GET');
      expect(shows(CONTINUE)).toBe('');
      expect(shows('HTTP/1.1 200 OK\r\n\r\n{"note": "')).toBe('HTTP/1.1 200 OK\r\n\r\n{"note": "');
      expect(shows(piece)).toBe(piece);
    }
  });
});

describe('an answer without end', () => {
  const chunked = 'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n';

  it.each<[what: string, first: string, then: string]>([
    ['interim answers', '', CONTINUE],
    ['empty lines', '', '\r\n'],
    ['a status text', 'HTTP/1.1 200 ', 'O'],
    ['a chunk extension', `${chunked}1;`, 'e'],
    ['the zeros of a chunk size', chunked, '0'],
  ])('is given up before its deadline: %s', async (_, first, then) => {
    const { api, observer } = await clientOf([first, ...Array(600).fill(then.repeat(65_536 / then.length))]);
    await expect(api.stats('env_1')).rejects.toMatchObject({ failure: { reason: 'bad_response' } });
    expect(observer.ended.map(({ reason }) => reason)).toEqual(['bad_response']);
  });

  it('is none whose body comes in chunks of one byte', async () => {
    const oneByOne = `{"data":[],"next_page":null}${' '.repeat(400_000)}`.replaceAll(/./g, '1\r\n$&\r\n');
    const { api } = await clientOf([`${chunked}${oneByOne}0\r\n\r\n`]);
    expect((await api.listPage('env_1', { limit: 10, page: null })).value.items).toEqual([]);
  });

  it('counts anew with each request of a connection', async () => {
    const { api } = await clientOf([INTERIM_300_KB, ANSWER]);
    for (let read = 0; read < 6; read++) expect((await api.stats('env_1')).value.depth).toBe(0);
  });
});

/** A proxy that sends interim answers before each of its own answers, and a record of its requests. */
async function talkativeProxy(words: string, answer: string) {
  const asked: string[] = [];
  const sockets = new Set<Socket>();
  const server = createServer((client) => {
    sockets.add(client);
    client.on('error', () => {});
    client.once('data', (head) => {
      const [line = ''] = head.toString('latin1').split('\r\n');
      asked.push(line);
      const [, port] = /^CONNECT [\d.]+:(\d+) /.exec(line) ?? [];
      if (port === undefined) {
        client.write(words + answer);
        client.on('data', () => client.write(words + answer));
        return;
      }
      const upstream = connect(Number(port), '127.0.0.1', () => {
        client.write(`${words}HTTP/1.1 200 OK\r\n\r\n`);
        client.pipe(upstream).pipe(client);
      });
      sockets.add(upstream);
      upstream.on('error', () => client.destroy());
    });
  });
  const port = await listen(server);
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return { asked, url: `http://127.0.0.1:${port}` };
}

/** An API over TLS that says these words before each answer. */
async function talkativeApi(words: string) {
  const pair = selfSigned();
  const sockets = new Set<Socket>();
  const server = createTlsServer(pair, (socket) => {
    sockets.add(socket);
    socket.on('error', () => {});
    socket.on('data', () => socket.write(words + ANSWER));
  });
  const port = await listen(server);
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return { ca: pair.cert, url: `https://127.0.0.1:${port}` };
}

describe('through a proxy', () => {
  const EARLY = 'HTTP/1.1 103 Early Hints\r\nlink: </a>\r\n\r\n';
  const WORDS = [
    ['100', CONTINUE],
    ['102', 'HTTP/1.1 102 Processing\r\n\r\n'],
    ['103', EARLY],
    ['several', CONTINUE + EARLY + CONTINUE],
  ] as const;

  it.each(WORDS)('interim answers (%s) of the API fail no read', async (_, words) => {
    const [remote, proxy] = [await talkativeApi(words), await talkativeProxy('', ANSWER)];
    const { api } = createTestClient(remote.url, { env: { HTTPS_PROXY: proxy.url }, connection: { ca: remote.ca } });
    onTestFinished(() => api.close());
    for (let read = 0; read < 3; read++) expect((await api.stats('env_1')).value.depth).toBe(0);
    expect(proxy.asked.every((line) => line.startsWith('CONNECT '))).toBe(true);
  });

  it.each(WORDS)('interim answers (%s) of the proxy before a tunnel fail no read', async (_, words) => {
    const [remote, proxy] = [await talkativeApi(''), await talkativeProxy(words, ANSWER)];
    const { api } = createTestClient(remote.url, { env: { HTTPS_PROXY: proxy.url }, connection: { ca: remote.ca } });
    onTestFinished(() => api.close());
    for (let read = 0; read < 3; read++) expect((await api.stats('env_1')).value.depth).toBe(0);
    expect(proxy.asked.length).toBeGreaterThan(0);
  });

  it.each(WORDS)('interim answers (%s) before a forwarded answer fail no read', async (_, words) => {
    const proxy = await talkativeProxy(words, ANSWER);
    const { api } = createTestClient('http://api.example', { env: { HTTP_PROXY: proxy.url } });
    onTestFinished(() => api.close());
    for (let read = 0; read < 3; read++) expect((await api.stats('env_1')).value.depth).toBe(0);
    expect(proxy.asked.length).toBeGreaterThan(0);
  });
});

it('101 Switching Protocols, which nobody asked for, is a failure and no wait', async () => {
  const { api, observer } = await clientOf([
    `HTTP/1.1 101 Switching\r\nupgrade: x\r\nconnection: upgrade\r\n\r\n${ANSWER}`,
  ]);
  await expect(api.stats('env_1')).rejects.toMatchObject({ failure: { reason: 'network' } });
  expect(observer.ended.at(-1)?.reason).toBe('network');
});

describe('InterimCutter', () => {
  it('leaves everything but interim heads as it is, however it is cut into pieces', () => {
    const piece = fc.constantFrom(CONTINUE, ANSWER, 'HTTP/1.1 200 OK\r\n\r\n', '{"a":1}\r\n', '"HTTP/1.1 10');
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 4 }), fc.array(fc.nat(400)), (pieces, cuts) => {
        // An answer at the end, so that nothing is held back.
        const text = `${CONTINUE}${pieces.filter((one) => one !== CONTINUE).join('')}${ANSWER}`;
        const cutter = new InterimCutter();
        const at = [...new Set(cuts)].sort((a, b) => a - b).filter((cut) => cut < text.length);
        const got = [...at, text.length].map((end, i) => cutter.cut(Buffer.from(text.slice(at[i - 1] ?? 0, end))));
        expect(Buffer.concat(got).toString()).toBe(text.slice(CONTINUE.length));
      }),
    );
  });

  it('gives up on a head that does not end', () => {
    const cutter = new InterimCutter();
    const endless = Buffer.from(`HTTP/1.1 100 ${'x'.repeat(20_000)}`);
    expect(cutter.cut(endless)).toHaveLength(endless.length);
  });
});
