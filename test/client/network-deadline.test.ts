import { createServer, type Socket } from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import { ManualClock } from '../support/manual-clock.ts';
import { good, startOverSockets } from './socket-server.ts';
import { createTestClient, failureOf } from './test-client.ts';
import { listen } from './test-server.ts';

/** A host that takes connections and never says a word, as behind a firewall that drops what is sent. */
async function startSilent() {
  const sockets: Socket[] = [];
  const { promise: reached, resolve } = Promise.withResolvers<void>();
  const server = createServer((socket) => {
    sockets.push(socket.on('error', () => {}));
    resolve();
  });
  const port = await listen(server);
  onTestFinished(async () => {
    for (const socket of sockets) socket.destroy();
    await new Promise((closed) => server.close(closed));
  });
  return { host: `127.0.0.1:${port}`, reached };
}

describe('the deadline', () => {
  it.each([
    ['no answer', ''],
    ['a body that stops', good.slice(0, -10)],
    ['an error body that stops', 'HTTP/1.1 500 no\r\ncontent-length: 100\r\n\r\n{'],
  ])('ends a request with %s, without a retry', async (_, text) => {
    const clock = new ManualClock();
    let answered: () => void = () => {};
    const inTheMiddle = new Promise<void>((resolve) => {
      answered = resolve;
    });
    const { api, requests, observer } = await startOverSockets((socket) => socket.write(text || '\r\n', answered), {
      clock,
      connection: { timeoutMs: 10_000 },
    });
    const call = failureOf(api.stats('env_1'));
    await inTheMiddle;
    await new Promise(setImmediate);
    clock.advanceNow(9999);
    expect(observer.ended).toEqual([]);
    clock.advanceNow(1);
    const { failure } = await call;
    expect(failure.message).toBe('Reading the stats of env_1 failed: no complete answer within 10 s');
    expect(failure.reason).toBe('timeout');
    expect(observer.ended).toEqual([
      expect.objectContaining({ reason: 'timeout', durationSeconds: 10, httpStatus: null }),
    ]);
    expect(requests()).toBe(1);
    expect(clock.timers).toBe(0);
  });

  it.each([
    ['a host that never answers for TLS', false, /^The host does not answer, or DNS does not; a firewall may drop/],
    ['a proxy that never makes its tunnel', true, /^The proxy of HTTPS_PROXY does not answer, or does not reach/],
  ])('over which %s lets a request wait does not read as a slow API', async (_, isProxy, remedy) => {
    const silent = await startSilent();
    const clock = new ManualClock();
    const env: Record<string, string> = isProxy ? { HTTPS_PROXY: `http://${silent.host}` } : {};
    const url = isProxy ? 'https://api.example' : `https://${silent.host}`;
    const { api } = createTestClient(url, { clock, env, connection: { timeoutMs: 10_000 } });
    onTestFinished(() => api.close());
    const call = failureOf(api.stats('env_1'));
    await silent.reached;
    clock.advanceNow(10_000);
    const { failure } = await call;
    expect(failure).toMatchObject({ reason: 'timeout', remedy: expect.stringMatching(remedy) });
    expect(failure.message).toBe('Reading the stats of env_1 failed: no connection within 10 s');
  });

  it('does not run while a request waits for its slot', async () => {
    const clock = new ManualClock();
    const waiting: Socket[] = [];
    let arrived: () => void = () => {};
    const next = () =>
      new Promise<Socket>((resolve) => {
        arrived = () => resolve(waiting.shift()!);
      });
    const onRequest = (socket: Socket) => {
      waiting.push(socket);
      arrived();
    };
    const { api } = await startOverSockets(onRequest, {
      clock,
      connection: { maxConcurrentRequests: 1, timeoutMs: 10_000 },
    });
    let request = next();
    const first = api.stats('env_1');
    const second = api.stats('env_2');
    const socket = await request;
    clock.advanceNow(9000);
    request = next();
    socket.write(good);
    await first;
    const secondSocket = await request;
    clock.advanceNow(9000);
    secondSocket.write(good);
    expect((await second).value.depth).toBe(0);
  });

  it('does not run while a request waits for its token', async () => {
    const clock = new ManualClock();
    const { api } = await startOverSockets((socket) => socket.write(good), { clock, requestsPerMinute: 2 });
    await api.stats('env_1');
    const second = api.stats('env_1');
    clock.advanceNow(59_000);
    clock.advanceNow(1000);
    expect((await second).value.depth).toBe(0);
  });
});
