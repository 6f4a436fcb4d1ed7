import { createServer, type Socket } from 'node:net';
import fc from 'fast-check';
import { describe, expect, it, onTestFinished } from 'vitest';
import { InterimCutter } from '../../src/client/interim-answers.ts';
import { createTestClient } from './test-client.ts';
import { EMPTY_STATS, listen } from './test-server.ts';

const BODY = JSON.stringify(EMPTY_STATS);
const ANSWER = `HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: ${BODY.length}\r\n\r\n${BODY}`;
const CONTINUE = 'HTTP/1.1 100 Continue\r\n\r\n';

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
