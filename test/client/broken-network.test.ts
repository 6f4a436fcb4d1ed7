import { once } from 'node:events';
import { createServer, type Socket } from 'node:net';
import { setImmediate } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { type Clock, systemClock } from '../../src/base/clock.ts';
import { good, startOverSockets } from './socket-server.ts';
import { createTestClient, failureOf, type TestClientOptions } from './test-client.ts';
import { listen } from './test-server.ts';

const UNAVAILABLE = 'HTTP/1.1 503 Service Unavailable\r\ncontent-length: 0\r\n\r\n';

/** A client that keeps three connections, each of which was good for one request: the next one meets `lose`. */
async function startGoodOnce(lose: (socket: Socket) => void, options?: TestClientOptions) {
  const sockets = new Set<Socket>();
  const client = await startOverSockets((socket) => {
    if (sockets.has(socket)) lose(socket);
    else if (sockets.add(socket).size > 3) socket.write(good);
    // All three wait for each other, or one connection would do.
    else if (sockets.size === 3) for (const each of sockets) each.write(good);
  }, options);
  await Promise.all(['env_1', 'env_2', 'env_3'].map((id) => client.api.stats(id)));
  // Until undici knows that they may be used again.
  await setImmediate();
  return { ...client, sockets };
}

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

  it('that was kept and is lost is not followed by another one that was', async () => {
    const asked: Socket[] = [];
    const { api } = await startGoodOnce(
      (socket) => {
        if (asked.push(socket) === 1) return;
        // The first one is free again when the second is lost.
        if (asked.length === 2) asked[0]!.write(good);
        socket.resetAndDestroy();
      },
      { clock: systemClock },
    );
    const replies = await Promise.all([api.stats('env_1'), api.stats('env_2')]);
    expect(replies.map(({ value }) => value.depth)).toEqual([0, 0]);
  });

  it('that was kept and is refused with a 503, as all are, is followed by a new one', async () => {
    const { api, sockets } = await startGoodOnce((socket) => void socket.write(UNAVAILABLE));
    expect((await api.stats('env_1')).value.depth).toBe(0);
    expect(sockets.size).toBe(4);
  });

  it('that was kept for an hour is followed by a new one, and no read fails', async () => {
    let later = 0;
    const clock: Clock = { ...systemClock, monotonic: () => systemClock.monotonic() + later };
    const asked: Socket[] = [];
    const { api, requests } = await startOverSockets(
      (socket) => {
        asked.push(socket);
        socket.write(good);
      },
      { clock },
    );
    for (const ms of [0, 3_500_000, 3_700_000]) {
      later = ms;
      expect((await api.stats('env_1')).value.depth).toBe(0);
      // Until undici knows that it may be used again.
      await setImmediate();
    }
    expect(asked.map((socket) => asked.indexOf(socket))).toEqual([0, 0, 2]);
    expect(requests()).toBe(3);
    if (!asked[0]!.closed) await once(asked[0]!, 'close');
  });

  it('that was kept and is silent, as all are, costs one timeout', async () => {
    const { api } = await startGoodOnce(() => {}, { connection: { timeoutMs: 1000 } });
    expect((await failureOf(api.stats('env_1'))).failure.reason).toBe('timeout');
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
    expect(failure).toMatchObject({ reason: 'network', remedy: expect.stringMatching(/^DNS/) });
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
