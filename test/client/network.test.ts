import { once } from 'node:events';
import { createServer, type Socket } from 'node:net';
import { setImmediate } from 'node:timers/promises';
import { describe, expect, it, onTestFinished } from 'vitest';
import { ManualClock } from '../support/manual-clock.ts';
import { good, startOverSockets } from './socket-server.ts';
import { createTestClient, failureOf } from './test-client.ts';
import { listen } from './test-server.ts';

describe('a connection', () => {
  it('reset before a byte came is tried once more', async () => {
    const { api, requests, budget } = await startOverSockets((socket, count) =>
      count === 1 ? socket.resetAndDestroy() : socket.write(good),
    );
    expect((await api.stats('env_1')).value.depth).toBe(0);
    expect([requests(), budget.taken]).toEqual([2, 2]);
  });

  it('reset each time is a network failure after two attempts', async () => {
    const { api, requests } = await startOverSockets((socket) => socket.resetAndDestroy());
    const { failure } = await failureOf(api.stats('env_1'));
    expect(failure).toMatchObject({ reason: 'network', httpStatus: null });
    expect(failure.message).toMatch(/^Reading the stats of env_1 failed: the connection was closed by the other side/);
    expect(requests()).toBe(2);
  });

  it('closed in the middle of a body is not tried again', async () => {
    const { api, requests } = await startOverSockets((socket) => socket.end(good.slice(0, -10)));
    expect((await failureOf(api.stats('env_1'))).failure.reason).toBe('network');
    expect(requests()).toBe(1);
  });

  it('closed in the middle of an error keeps the status', async () => {
    const { api } = await startOverSockets((socket) =>
      socket.end('HTTP/1.1 404 Not Found\r\ncontent-length: 100\r\n\r\n{"type'),
    );
    expect((await failureOf(api.stats('env_1'))).failure).toMatchObject({ reason: 'not_found', httpStatus: 404 });
  });

  it('kept and closed by the server meanwhile costs nothing but a retry', async () => {
    const { api } = await startOverSockets((socket) =>
      socket.write(good, () => void setImmediate().then(() => socket.destroy())),
    );
    await api.stats('env_1');
    expect((await api.stats('env_1')).value.depth).toBe(0);
  });

  it.each(['SSH-2.0-OpenSSH_9.9\r\n', 'HTTP/1.1 007 Odd\r\ncontent-length: 0\r\n\r\n'])(
    'that answers garbage is bad_response: %j',
    async (garbage) => {
      const { api, requests } = await startOverSockets((socket) => socket.end(garbage));
      const { failure } = await failureOf(api.stats('env_1'));
      expect(failure).toMatchObject({
        reason: 'bad_response',
        message: expect.stringContaining('the answer is not HTTP'),
      });
      expect(requests()).toBe(1);
    },
  );

  it('whose answer has endless headers is bad_response, and its remedy names proxies', async () => {
    const headers = `x: ${'y'.repeat(20_000)}\r\n`;
    const { api } = await startOverSockets((socket) => socket.end(`HTTP/1.1 200 OK\r\n${headers}\r\n`));
    const { failure } = await failureOf(api.stats('env_1'));
    expect(failure).toMatchObject({
      reason: 'bad_response',
      message: expect.stringContaining('headers of more than 16 KiB'),
      remedy: expect.stringContaining('proxies'),
    });
  });

  it('refused is a network failure that names base_url', async () => {
    const server = createServer();
    const port = await listen(server);
    await new Promise((resolve) => server.close(resolve));
    const { api } = createTestClient(`http://127.0.0.1:${port}`);
    const { failure } = await failureOf(api.stats('env_1'));
    expect(failure).toMatchObject({ reason: 'network', remedy: expect.stringContaining('base_url') });
    expect(failure.message).toContain('refused (ECONNREFUSED)');
  });

  it('to a name that does not exist is a network failure that names DNS', async () => {
    const { api } = createTestClient('http://no-such-host.invalid');
    const { failure } = await failureOf(api.stats('env_1'));
    expect(failure).toMatchObject({ reason: 'network', message: expect.stringContaining('name of the host') });
  });
});

it('close ends the sockets and what runs on them', async () => {
  const sockets: Socket[] = [];
  let arrived: () => void = () => {};
  const request = new Promise<void>((resolve) => {
    arrived = resolve;
  });
  const { api } = await startOverSockets((socket) => {
    sockets.push(socket);
    arrived();
  });
  const call = failureOf(api.stats('env_1'));
  await request;
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
    let answered: () => void = () => {};
    const inTheMiddle = new Promise<void>((resolve) => {
      answered = resolve;
    });
    const { api, requests, sent } = await startOverSockets((socket) => socket.write(text || '\r\n', answered), {
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
