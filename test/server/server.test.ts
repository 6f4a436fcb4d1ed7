import { once } from 'node:events';
import { type AddressInfo, createServer as createTcpServer } from 'node:net';
import { Agent } from 'undici';
import { describe, expect, it } from 'vitest';
import { ListenError } from '../../src/server/answers.ts';
import { Server } from '../../src/server/server.ts';
import { serverDeps, startServer } from '../support/http-server.ts';
import { ManualClock, settle } from '../support/manual-clock.ts';
import { buildState, NOW } from '../support/states.ts';
import { ask } from './ask.ts';

const TWO = serverDeps([buildState('env_1'), buildState('env_2')]);

describe('listening', () => {
  it('a wildcard address becomes a link that works', async () => {
    const server = new Server(serverDeps([], { settings: { host: '0.0.0.0' } }));
    const { url, host, port } = await server.listen();
    expect({ url, host }).toEqual({ url: `http://localhost:${port}`, host: '0.0.0.0' });
    await server.close();
  });

  it('a taken port is a typed error with a remedy', async () => {
    const other = createTcpServer().listen(0, '127.0.0.1');
    await once(other, 'listening');
    const { port } = other.address() as AddressInfo;
    const server = new Server(serverDeps([], { settings: { port } }));
    const error = await server.listen().catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(ListenError);
    expect(error).toMatchObject({
      code: 'cannot_listen',
      message: expect.stringContaining(`Cannot listen on 127.0.0.1:${port}: listen EADDRINUSE`),
      remedy: expect.stringContaining('--listen HOST:PORT'),
    });
    await server.close();
    other.close();
  });
});

describe('closing', () => {
  /** A render that waits until it is told to go on. */
  function slowMetrics() {
    const entered = Promise.withResolvers<void>();
    const gate = Promise.withResolvers<void>();
    const clock = new ManualClock(NOW);
    const render = async () => {
      entered.resolve();
      await gate.promise;
      return [Buffer.from('late 1\n')];
    };
    const deps = serverDeps([], { clock, metrics: { ...TWO.metrics, render } });
    return { deps, clock, entered: entered.promise, release: gate.resolve };
  }

  it('a request in flight gets its answer, new connections are refused', async () => {
    const { deps, entered, release } = slowMetrics();
    await using server = await startServer(deps);
    const scrape = ask(`${server.url}/metrics`);
    await entered;
    const closed = server.close();
    await settle();
    await expect(ask(`${server.url}/-/healthy`, { dispatcher: new Agent() })).rejects.toMatchObject({
      code: 'ECONNREFUSED',
    });
    release();
    expect((await scrape).text).toBe('late 1\n');
    await closed;
  });

  it('what is not done by the deadline is cut', async () => {
    const { deps, clock, entered, release } = slowMetrics();
    const server = await startServer(deps);
    const scrape = ask(`${server.url}/metrics`).catch((error: unknown) => error);
    await entered;
    const before = clock.timers;
    const closed = server.close();
    // The process ends half a second later, whatever is under way.
    await clock.advance(4000);
    // Later, Node's own limit would cut it as well.
    expect(clock.timers).toBeLessThanOrEqual(before);
    await closed;
    expect(await scrape).toMatchObject({ code: 'UND_ERR_SOCKET' });
    release();
  });
});
