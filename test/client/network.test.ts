import { once } from 'node:events';
import { createServer, type Socket } from 'node:net';
import { setImmediate } from 'node:timers/promises';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { Failure } from '../../src/domain/failure.ts';
import { ManualClock } from '../support/manual-clock.ts';
import { createTestClient, failureOf, good, startOverSockets } from './test-client.ts';
import { listen } from './test-server.ts';

const NOT_HTTP = {
  reason: 'bad_response',
  message: expect.stringContaining('headers of more than 16 KiB'),
  remedy: expect.stringContaining('proxies'),
} as const;
const ERROR = 'HTTP/1.1 404 Not Found\r\ncontent-length: 100\r\n\r\n{"type';

describe('a connection', () => {
  it.each<[what: string, (socket: Socket) => void, requests: number, failure: Partial<Failure>]>([
    ['that is reset each time', (socket) => socket.resetAndDestroy(), 2, { reason: 'network', httpStatus: null }],
    ['that breaks off in a body', (socket) => socket.end(good.slice(0, -10)), 1, { reason: 'network' }],
    ['that breaks off in an error', (socket) => socket.end(ERROR), 1, { reason: 'not_found', httpStatus: 404 }],
    ['of another protocol', (socket) => socket.end('SSH-2.0-OpenSSH_9.9\r\n'), 1, { reason: 'bad_response' }],
    ['with endless headers', (socket) => socket.write(`HTTP/1.1 200 OK\r\nx: ${'y'.repeat(20_000)}`), 1, NOT_HTTP],
  ])('%s is used for %i requests and is %j', async (_, answer, count, expected) => {
    const { api, requests } = await startOverSockets(answer);
    expect((await failureOf(api.stats('env_1'))).failure).toMatchObject(expected);
    expect(requests()).toBe(count);
  });

  it('reset before a byte came is tried once more', async () => {
    const { api, requests, budget } = await startOverSockets((socket, count) =>
      count === 1 ? socket.resetAndDestroy() : socket.write(good),
    );
    expect((await api.stats('env_1')).value.depth).toBe(0);
    expect([requests(), budget.taken]).toEqual([2, 2]);
  });

  it('kept and closed by the server meanwhile costs nothing but a retry', async () => {
    const { api } = await startOverSockets((socket) =>
      socket.write(good, () => void setImmediate().then(() => socket.destroy())),
    );
    await api.stats('env_1');
    expect((await api.stats('env_1')).value.depth).toBe(0);
  });

  it('to nobody says so, and to check base_url', async () => {
    const server = createServer();
    const port = await listen(server);
    await new Promise((resolve) => server.close(resolve));
    for (const [url, message] of [
      [`http://127.0.0.1:${port}`, 'refused (ECONNREFUSED)'],
      ['http://no-such-host.invalid', 'name of the host'],
    ] as const) {
      const { failure } = await failureOf(createTestClient(url).api.stats('env_1'));
      expect(failure).toMatchObject({ reason: 'network', message: expect.stringContaining(message) });
      expect(failure.remedy).toContain('base_url');
    }
  });
});

it('close ends the sockets and what runs on them', async () => {
  const sockets: Socket[] = [];
  const { promise: arrived, resolve } = Promise.withResolvers<void>();
  const { api } = await startOverSockets((socket) => {
    sockets.push(socket);
    resolve();
  });
  const call = failureOf(api.stats('env_1'));
  await arrived;
  const closed = once(sockets[0]!, 'close');
  await api.close();
  await closed;
  expect((await call).failure.reason).toBe('network');
});

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
    const { promise: inTheMiddle, resolve: answered } = Promise.withResolvers<void>();
    const { api, requests, sent } = await startOverSockets((socket) => socket.write(text || '\r\n', () => answered()), {
      clock,
      connection: { timeoutMs: 10_000 },
    });
    const call = failureOf(api.stats('env_1'));
    await inTheMiddle;
    await setImmediate();
    clock.advanceNow(9999);
    expect(sent).toEqual([]);
    clock.advanceNow(1);
    const { failure } = await call;
    expect(failure.message).toContain('no complete answer before timeout');
    expect(failure.reason).toBe('timeout');
    expect(sent).toEqual([expect.objectContaining({ reason: 'timeout', durationSeconds: 10 })]);
    expect(requests()).toBe(1);
    expect(clock.timers).toBe(0);
  });

  it.each([
    ['a host that never answers for TLS', false, /no connection before timeout/],
    ['a proxy that never makes its tunnel', true, /no connection .* through the proxy of HTTPS_PROXY/],
  ])('over which %s lets a request wait does not read as a slow API', async (_, isProxy, what) => {
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
    expect(failure).toMatchObject({ reason: 'timeout', remedy: expect.stringContaining('network policy') });
    expect(failure.message).toMatch(what);
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
