import { pbkdf2, randomBytes } from 'node:crypto';
import { createServer, type Server, type Socket } from 'node:net';
import { createServer as createTlsServer } from 'node:tls';
import { promisify } from 'node:util';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { buildConnector, Client } from 'undici';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { systemClock } from '../../../src/base/clock.ts';
import { BodyError } from '../../../src/client/http/body-error.ts';
import { Deadlines } from '../../../src/client/http/deadlines.ts';
import { dispatcherMaker } from '../../../src/client/http/dispatcher.ts';
import { exchange } from '../../../src/client/http/exchange.ts';
import { KeptConnections } from '../../../src/client/http/kept-connections.ts';
import { ReadBlocks } from '../../../src/client/http/read-blocks.ts';
import { readsInPlace } from '../../../src/client/http/reads-in-place.ts';
import { selfSigned } from '../self-signed.ts';
import { listen } from '../test-server.ts';

/** An answer, and how it comes. The request names it, so that the server needs to know nothing. */
interface Wanted {
  readonly length: number;
  readonly framing: 'length' | 'chunks' | 'end' | 'gzip';
  readonly status: 200 | 503;
  /** Bytes of each write; after each, the server lets others have their turn. 0: all in one. */
  readonly pieces: number;
  /** Bytes of its head, about. */
  readonly head: 300 | 9000;
  readonly before: 'nothing' | 'hints';
  readonly after: 'nothing' | 'garbage';
}

const LONGEST = 600_000;
const noise = randomBytes(LONGEST + 100_000);

/** Bytes that an answer of another length does not have at the same place: what is mixed up is seen. */
function contentOf(length: number): Buffer {
  const start = (7919 * length) % 100_000;
  return noise.subarray(start, start + length);
}

function headOf({ status, head }: Wanted, header: string): Buffer {
  return Buffer.from(`HTTP/1.1 ${status} X\r\nx-filler: ${'f'.repeat(head)}\r\n${header}\r\n\r\n`);
}

function framed(wanted: Wanted): Buffer {
  const { framing, length } = wanted;
  const content = contentOf(length);
  if (framing === 'length') return Buffer.concat([headOf(wanted, `content-length: ${length}`), content]);
  if (framing === 'end') return Buffer.concat([headOf(wanted, 'connection: close'), content]);
  if (framing === 'gzip') {
    const packed = gzipSync(content);
    return Buffer.concat([headOf(wanted, `content-encoding: gzip\r\ncontent-length: ${packed.length}`), packed]);
  }
  const parts = [headOf(wanted, 'transfer-encoding: chunked')];
  for (let at = 0; at < length; at += 5000) {
    const chunk = content.subarray(at, at + 5000);
    parts.push(Buffer.from(`${chunk.length.toString(16)}\r\n`), chunk, Buffer.from('\r\n'));
  }
  return Buffer.concat([...parts, Buffer.from('0\r\n\r\n')]);
}

async function answer(socket: Socket, wanted: Wanted): Promise<void> {
  const hints = 'HTTP/1.1 103 Early Hints\r\nlink: </a>\r\n\r\n';
  const bytes = Buffer.concat([
    Buffer.from(wanted.before === 'hints' ? hints : ''),
    framed(wanted),
    Buffer.from(wanted.after === 'garbage' ? 'HTTP/1.1 200 OK\r\ncontent-length: 900000\r\n\r\nnobody asked' : ''),
  ]);
  // At most fifty writes.
  const step = wanted.pieces === 0 ? bytes.length : Math.max(wanted.pieces, Math.ceil(bytes.length / 50));
  for (let at = 0; at < bytes.length && !socket.destroyed; at += step) {
    socket.write(bytes.subarray(at, at + step));
    if (at + step < bytes.length) await new Promise(setImmediate);
  }
  if (wanted.framing === 'end') socket.end();
}

function serve(socket: Socket): void {
  socket.setNoDelay(true).on('error', () => {});
  socket.on('data', (request: Buffer) => {
    const path = /^GET (\S+)/.exec(request.toString('latin1'))![1]!;
    void answer(socket, JSON.parse(decodeURIComponent(path.slice(1))) as Wanted);
  });
}

const pair = selfSigned();
const servers: Server[] = [];
const origins = { http: '', https: '' };
beforeAll(async () => {
  servers.push(createServer(serve), createTlsServer(pair, serve));
  origins.http = `http://127.0.0.1:${await listen(servers[0]!)}`;
  // By a name that may have several addresses: Node then tries them one after the other, each with a handle of its own.
  origins.https = `https://localhost:${await listen(servers[1]!)}`;
});
afterAll(() => {
  for (const server of servers) server.close();
});

const CONNECTIONS = 6;
/** More than connections: one that has read an answer reads the next one while the first is still unpacked. */
const AT_ONCE = 20;

/** A connection to a server, and the body of an answer as the caller sees it while it may look at it. */
function reader(origin: string) {
  const maxResponseBytes = 4_000_000;
  const options = { maxConcurrentRequests: CONNECTIONS, timeoutMs: 60_000, maxResponseBytes, ca: pair.cert, env: {} };
  const connections = new KeptConnections(dispatcherMaker({ ...options, origin: new URL(origin) }), systemClock);
  const deadlines = new Deadlines(systemClock, options.timeoutMs);
  const deps = { ...options, connections, clock: systemClock, origin, proxy: null, deadlines };
  return {
    async bodyOf(wanted: Wanted): Promise<Buffer> {
      const path = `/${encodeURIComponent(JSON.stringify(wanted))}`;
      return await exchange(deps, { path, headers: {}, signal: undefined, mostBytes: maxResponseBytes }, (result) => {
        if ('failed' in result) throw new Error(result.failed.what);
        const { body } = result.answer;
        if (body instanceof BodyError) throw body;
        return Buffer.from(body);
      });
    },
    async close() {
      deadlines.close();
      await connections.destroy();
    },
  };
}

const length = fc.oneof(
  fc.nat(300),
  fc.integer({ min: 15_000, max: 70_000 }),
  // Around the size of a block, and of several.
  fc.integer({ min: 100_000, max: 140_000 }),
  fc.integer({ min: 250_000, max: LONGEST }),
);
const wanted: fc.Arbitrary<Wanted> = fc.record({
  length,
  framing: fc.constantFrom('length', 'length', 'length', 'chunks', 'end', 'gzip'),
  status: fc.constantFrom(200, 200, 200, 503),
  pieces: fc.constantFrom(0, 0, 1000, 16_384, 65_536, 100_000),
  head: fc.constantFrom(300, 300, 9000),
  before: fc.constantFrom('nothing', 'nothing', 'hints'),
  after: fc.constantFrom('nothing', 'nothing', 'nothing', 'garbage'),
});
/** The most that is read of an error is less; and what comes after an answer is told from the next one if it comes with it. */
const readable = wanted.map((one): Wanted => {
  if (one.after === 'garbage' && one.framing !== 'end') return { ...one, length: one.length % 1000, pieces: 0 };
  return { ...one, after: 'nothing', length: one.status === 200 ? one.length : one.length % 60_000 };
});

describe.each(['http', 'https'] as const)('over %s', (scheme) => {
  it('each of many answers is the one that was sent, however it comes and whatever is read beside it', async () => {
    const answers = fc.array(readable, { minLength: 20, maxLength: 60 });
    await fc.assert(
      fc.asyncProperty(answers, async (asked) => {
        const { bodyOf, close } = reader(origins[scheme]);
        const next = asked.values();
        const ask = async () => {
          for (const one of next) {
            const got = await bodyOf(one);
            expect(got.equals(contentOf(one.length)), JSON.stringify(one)).toBe(true);
          }
        };
        try {
          await Promise.all(Array.from({ length: AT_ONCE }, ask));
        } finally {
          await close();
        }
      }),
      { numRuns: 12, endOnFailure: true },
    );
  });
});

const PLAIN: Wanted = {
  length: 60_000,
  framing: 'length',
  status: 200,
  pieces: 0,
  head: 300,
  before: 'nothing',
  after: 'nothing',
};
/** Node unpacks in its thread pool. */
const THREADS = 4;

it('an answer stays as it is until it is unpacked, however late that is', async () => {
  const { bodyOf, close } = reader(origins.http);
  const busy = Array.from({ length: THREADS }, () => promisify(pbkdf2)('a', 'b', 500_000, 32, 'sha512'));
  const late = [40_000, 50_000].map((length) => bodyOf({ ...PLAIN, framing: 'gzip', length }));
  const others = async () => {
    for (let n = 0; n < 20; n++) await bodyOf(PLAIN);
  };
  await Promise.all([others(), others()]);
  const [first, second] = await Promise.all(late);
  expect(first!.equals(contentOf(40_000))).toBe(true);
  expect(second!.equals(contentOf(50_000))).toBe(true);
  await Promise.all(busy);
  await close();
});

it('what nobody reads at once goes through the stream, in order', async () => {
  const { onread, readFrom } = readsInPlace(new ReadBlocks());
  const server = createServer((socket) => {
    socket.on('error', () => {}).on('data', (asked) => socket.write(asked));
    socket.write('before ');
  });
  const port = await listen(server);
  const connector = readFrom(buildConnector({ allowH2: false, onread } as buildConnector.BuildOptions));
  const options = { hostname: '127.0.0.1', host: '127.0.0.1', protocol: 'http:', port: String(port) };
  const socket = await new Promise<Socket>((resolve, reject) =>
    connector(options, (...[error, connected]) => (error === null ? resolve(connected) : reject(error))),
  );
  await until(() => socket.readableLength === 7);
  socket.write('first ');
  await until(() => socket.readableLength === 13);
  let text = '';
  socket.on('readable', () => {
    for (let chunk = socket.read(); chunk !== null; chunk = socket.read()) text += String(chunk);
  });
  socket.write('second ');
  await until(() => text === 'before first second ');
  // Given back by the parser: it comes again, from memory of its own.
  socket.removeAllListeners('readable');
  socket.once('readable', () => {
    const chunk = socket.read() as Buffer;
    socket.unshift(chunk);
    chunk.fill('x');
  });
  socket.write('third');
  await until(() => socket.readableLength === 5);
  expect(String(socket.read())).toBe('third');
  socket.destroy();
  server.close();
});

it('a connection whose first address refuses reads the answer through the second one', async () => {
  const { onread, readFrom } = readsInPlace(new ReadBlocks());
  const { port } = new URL(origins.https);
  const addresses = ['127.0.0.2', '127.0.0.1'].map((address) => ({ address, family: 4 }));
  const lookup = (_name: string, _options: unknown, found: (error: null, all: typeof addresses) => void) =>
    found(null, addresses);
  const own = { allowH2: false, ca: pair.cert, autoSelectFamily: true, lookup, onread };
  const connect = readFrom(buildConnector(own as unknown as buildConnector.BuildOptions));
  const client = new Client(origins.https, { connect });
  for (const length of [50_000, 150_000, 20]) {
    const path = `/${encodeURIComponent(JSON.stringify({ ...PLAIN, length }))}`;
    const { body } = await client.request({ path, method: 'GET' });
    expect(Buffer.from(await body.arrayBuffer()).equals(contentOf(length)), `${length} bytes from ${port}`).toBe(true);
  }
  await client.close();
});

async function until(isSo: () => boolean): Promise<void> {
  while (!isSo()) await new Promise(setImmediate);
}
