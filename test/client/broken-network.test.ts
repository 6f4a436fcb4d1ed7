import { once } from 'node:events';
import { createServer, type Server, type Socket } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { ManualClock } from '../support/manual-clock.ts';
import { waitUntil } from '../support/wait-until.ts';
import { createTestClient, failureOf, type TestClientOptions } from './test-client.ts';
import { EMPTY_STATS, listen } from './test-server.ts';

const cleanUps: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp();
});

/** A server that answers below HTTP: `onRequest` is called with the socket once a request has come. */
async function start(onRequest: (socket: Socket, count: number) => void, options: TestClientOptions = {}) {
  const sockets = new Set<Socket>();
  let count = 0;
  const server: Server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => {}).on('data', () => onRequest(socket, ++count));
  });
  const port = await listen(server);
  const client = createTestClient(`http://127.0.0.1:${port}`, options);
  cleanUps.push(async () => {
    await client.api.close();
    for (const socket of sockets) socket.destroy();
    await new Promise((resolve) => server.close(resolve));
  });
  return { ...client, requests: () => count };
}

const body = JSON.stringify(EMPTY_STATS);
const good = `HTTP/1.1 200 OK\r\ncontent-length: ${body.length}\r\n\r\n${body}`;

describe('a connection', () => {
  it('reset before a byte came is tried once more', async () => {
    const { api, requests, budget } = await start((socket, count) =>
      count === 1 ? socket.resetAndDestroy() : socket.write(good),
    );
    expect((await api.stats('env_1')).value.depth).toBe(0);
    expect([requests(), budget.taken]).toEqual([2, 2]);
  });

  it('reset each time is a network failure after two attempts', async () => {
    const { api, requests } = await start((socket) => socket.resetAndDestroy());
    const { failure } = await failureOf(api.stats('env_1'));
    expect(failure).toMatchObject({ reason: 'network', httpStatus: null });
    expect(failure.message).toMatch(/^Reading the stats of env_1 failed: the connection was closed by the other side/);
    expect(requests()).toBe(2);
  });

  it('closed in the middle of a body is not tried again', async () => {
    const { api, requests } = await start((socket) => socket.end(good.slice(0, -10)));
    expect((await failureOf(api.stats('env_1'))).failure.reason).toBe('network');
    expect(requests()).toBe(1);
  });

  it('closed in the middle of an error keeps the status', async () => {
    const { api } = await start((socket) => socket.end('HTTP/1.1 404 Not Found\r\ncontent-length: 100\r\n\r\n{"type'));
    expect((await failureOf(api.stats('env_1'))).failure).toMatchObject({ reason: 'not_found', httpStatus: 404 });
  });

  it('kept and closed by the server meanwhile costs nothing but a retry', async () => {
    const { api } = await start((socket) => socket.write(good, () => setImmediate(() => socket.destroy())));
    await api.stats('env_1');
    expect((await api.stats('env_1')).value.depth).toBe(0);
  });

  it('that answers garbage is bad_response', async () => {
    const { api, requests } = await start((socket) => socket.end('SSH-2.0-OpenSSH_9.9\r\n'));
    const { failure } = await failureOf(api.stats('env_1'));
    expect(failure).toMatchObject({
      reason: 'bad_response',
      message: expect.stringContaining('the answer is not HTTP'),
    });
    expect(requests()).toBe(1);
  });

  it('whose answer has endless headers is bad_response, and its remedy names proxies', async () => {
    const headers = `x: ${'y'.repeat(20_000)}\r\n`;
    const { api } = await start((socket) => socket.end(`HTTP/1.1 200 OK\r\n${headers}\r\n`));
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
    const { api, requests, observer } = await start((socket) => socket.write(text || '\r\n', answered), {
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
    const { api } = await start(onRequest, { clock, connection: { maxConcurrentRequests: 1, timeoutMs: 10_000 } });
    let request = next();
    const first = api.stats('env_1', { prepaid: true });
    const second = api.stats('env_2', { prepaid: true });
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
    const { api } = await start((socket) => socket.write(good), { clock, requestsPerMinute: 2 });
    await api.stats('env_1');
    const second = api.stats('env_1');
    clock.advanceNow(59_000);
    clock.advanceNow(1000);
    expect((await second).value.depth).toBe(0);
  });
});

describe("the caller's signal", () => {
  it('ends a request under way with its own reason, and is no failure, but a request that was sent', async () => {
    let arrived: () => void = () => {};
    const request = new Promise<void>((resolve) => {
      arrived = resolve;
    });
    const { api, observer } = await start(() => arrived());
    const controller = new AbortController();
    const call = api.stats('env_1', { signal: controller.signal });
    await request;
    controller.abort(new Error('stopping'));
    await expect(call).rejects.toThrow('stopping');
    expect(observer.ended).toEqual([]);
    expect(observer.calledOff).toEqual([
      { connection: 'default', environmentId: 'env_1', operation: 'stats', credential: 'api_key' },
    ]);
  });

  it('ends what follows a first answer without counting that twice', async () => {
    const clock = new ManualClock();
    const { api, observer, requests } = await start(
      (socket) => socket.end('HTTP/1.1 503 Unavailable\r\ncontent-length: 0\r\n\r\n'),
      { clock },
    );
    const controller = new AbortController();
    const call = api.stats('env_1', { signal: controller.signal, prepaid: true });
    await waitUntil(() => observer.ended.length === 1);
    controller.abort(new Error('stopping'));
    await expect(call).rejects.toThrow('stopping');
    expect([requests(), observer.calledOff]).toEqual([1, []]);
  });

  it('ends the wait for a token and for a slot', async () => {
    const sockets: Socket[] = [];
    const { api, observer } = await start((socket) => sockets.push(socket), {
      clock: new ManualClock(),
      connection: { maxConcurrentRequests: 1 },
      requestsPerMinute: 2,
    });
    const controller = new AbortController();
    const { signal } = controller;
    const calls = [
      api.stats('env_1', { signal, prepaid: true }),
      api.stats('env_2', { signal, prepaid: true }),
      api.stats('env_3', { signal }),
      api.stats('env_4', { signal }),
    ];
    await waitUntil(() => sockets.length === 1);
    controller.abort(new Error('stopping'));
    const results = await Promise.allSettled(calls);
    expect(results.map((result) => result.status === 'rejected' && String(result.reason))).toEqual(
      calls.map(() => 'Error: stopping'),
    );
    // The first had its slot, and was sent.
    expect(observer.calledOff.map(({ environmentId }) => environmentId)).toEqual(['env_1']);
  });

  it('that aborts in the moment in which a slot becomes free sends nothing', async () => {
    const { api, observer, requests } = await start((socket) => socket.write(good), {
      connection: { maxConcurrentRequests: 1 },
    });
    const controller = new AbortController();
    // Between the end of the first request and the turn of the one that waits for its slot.
    observer.requestEnded = () => queueMicrotask(() => controller.abort(new Error('stopping')));
    const first = api.stats('env_1');
    await expect(api.stats('env_2', { signal: controller.signal })).rejects.toThrow('stopping');
    await first;
    expect([requests(), observer.calledOff]).toEqual([1, []]);
  });

  it('that has aborted already sends nothing', async () => {
    const { api, requests, observer } = await start((socket) => socket.write(good));
    await expect(api.stats('env_1', { signal: AbortSignal.abort(new Error('over')) })).rejects.toThrow('over');
    expect([requests(), observer.calledOff]).toEqual([0, []]);
  });
});

it('close ends the sockets and what runs on them', async () => {
  const sockets: Socket[] = [];
  let arrived: () => void = () => {};
  const request = new Promise<void>((resolve) => {
    arrived = resolve;
  });
  const { api } = await start((socket) => {
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
