import { Agent, request } from 'undici';
import { describe, expect, it } from 'vitest';
import { systemClock } from '../../src/base/clock.ts';
import { MOST_ANSWERS } from '../../src/server/answers.ts';
import { MOST_SOCKETS } from '../../src/server/server.ts';
import { serverDeps, startServer } from '../support/http-server.ts';
import { ManualClock } from '../support/manual-clock.ts';
import { getBytes, hostileClients, rawAnswer } from '../support/raw-http.ts';
import { buildState, NOW } from '../support/states.ts';
import { waitUntil } from '../support/wait-until.ts';

/** Larger than what the kernel takes for a client that does not read, when it is compressed, too. */
const LARGE = noise(8 * 1024 * 1024);

/** Printable bytes that hardly compress, the same in each run. */
function noise(length: number): Buffer {
  const bytes = Buffer.alloc(length);
  let seed = 1;
  for (let at = 0; at < length; at++) {
    seed = (Math.imul(seed, 1_103_515_245) + 12_345) >>> 0;
    bytes[at] = 33 + ((seed >>> 16) % 90);
  }
  return bytes;
}

/** A server whose exposition is large, and how often it was rendered. */
async function largeServer() {
  let renderings = 0;
  const clock = new ManualClock(NOW);
  const deps = serverDeps([], { clock });
  const render = async () => {
    renderings++;
    return [LARGE];
  };
  const server = await startServer({ ...deps, metrics: { ...deps.metrics, render } });
  return { server, clock, renderings: () => renderings, [Symbol.asyncDispose]: () => server.close() };
}

/** A healthy answer on a connection of its own. */
async function healthy(url: string): Promise<boolean> {
  const dispatcher = new Agent();
  try {
    const { statusCode, body } = await request(`${url}/-/healthy`, { dispatcher });
    return statusCode === 200 && (await body.text()) === 'healthy\n';
  } finally {
    await dispatcher.close();
  }
}

function heldBytes(): number {
  globalThis.gc?.();
  const { arrayBuffers, external } = process.memoryUsage();
  return arrayBuffers + external;
}

describe('clients that ask much and read nothing', () => {
  it.each(['identity', 'gzip'])(
    'ten sockets with 1,700 pipelined scrapes cost one rendering, as %s',
    async (encoding) => {
      await using large = await largeServer();
      const { server, renderings } = large;
      const before = heldBytes();
      const bytes = getBytes('/metrics', `accept-encoding: ${encoding}\r\n`).repeat(1700);
      using _ = await hostileClients(server.port, { count: 10, bytes });
      for (let look = 0; look < 20; look++) expect(await healthy(server.url)).toBe(true);
      // Ten sockets take ten places, so that others are still answered.
      expect((await request(`${server.url}/api/v1/environments`)).statusCode).toBe(200);
      expect(renderings()).toBe(1);
      // Ten answers of one rendering that is shared, not 17,000 of 8 MB each.
      expect(heldBytes() - before).toBeLessThan(10 * 4 * 1024 * 1024);
    },
  );

  it('a client that pipelines gets the first answer, and the end', async () => {
    await using server = await startServer(serverDeps([]));
    for (const path of ['/metrics', '/-/healthy']) {
      const answers = await rawAnswer(server.port, getBytes(path).repeat(100));
      expect(answers.match(/HTTP\/1\.1 200 OK/g)).toHaveLength(1);
    }
  });

  it('answers under way are bounded: one more is told to come back, and health answers', async () => {
    await using large = await largeServer();
    const { server, renderings } = large;
    using _ = await hostileClients(server.port, { count: MOST_ANSWERS, bytes: getBytes('/metrics') });
    await waitUntil(async () => (await request(`${server.url}/api/v1/environments`)).statusCode === 503);
    for (const path of ['/metrics', '/', '/api/v1/environments', '/nothing']) {
      const answer = await request(`${server.url}${path}`);
      expect(answer.statusCode).toBe(503);
      expect(answer.headers['retry-after']).toBe('1');
      expect(await answer.body.text()).toContain('Too many answers are under way.');
    }
    expect(await healthy(server.url)).toBe(true);
    expect((await request(`${server.url}/-/ready`)).statusCode).toBe(200);
    expect((await request(`${server.url}/-/reload`, { method: 'POST' })).statusCode).toBe(200);
    expect(renderings()).toBe(1);
  });

  it('whoever has not read for five seconds gives way to whoever does', async () => {
    await using large = await largeServer();
    const { server, clock } = large;
    using _ = await hostileClients(server.port, { count: MOST_ANSWERS, bytes: getBytes('/metrics') });
    await waitUntil(async () => (await request(`${server.url}/metrics`)).statusCode === 503);
    await clock.advance(5000);
    const answer = await request(`${server.url}/metrics`);
    expect(answer.statusCode).toBe(200);
    expect((await answer.body.arrayBuffer()).byteLength).toBe(LARGE.length);
  });
});

it('probes that wait for an API that hangs take no place of a scrape', async () => {
  const deps = serverDeps([buildState('env_1')]);
  let waiting = 0;
  const read = () => {
    waiting++;
    return new Promise<never>(() => {});
  };
  await using server = await startServer({ ...deps, clock: systemClock, probe: read });
  using _ = await hostileClients(server.port, { count: 300, bytes: getBytes('/probe?environment_id=env_1') });
  await waitUntil(() => waiting === 300);
  const answer = await request(`${server.url}/metrics`);
  expect(answer.statusCode).toBe(200);
  expect(await answer.body.text()).toContain('a_metric');
});

describe('sockets without a request', () => {
  it.each([
    ['idle', ''],
    ['a request line without end', `GET /${'x'.repeat(2000)}`],
    ['a header without end', 'GET / HTTP/1.1\r\nhost: x\r\nslow: '],
    ['a body without end', 'POST /-/reload HTTP/1.1\r\nhost: x\r\ncontent-length: 10000\r\n\r\nx'],
  ])('500 of them, %s: health and scrapes answer', async (_name, bytes) => {
    await using server = await startServer(serverDeps([]));
    using _ = await hostileClients(server.port, { count: 500, bytes });
    expect(await healthy(server.url)).toBe(true);
    expect((await request(`${server.url}/metrics`)).statusCode).toBe(200);
  });

  it('more than the limit: the oldest idle one goes, and whoever comes is answered', async () => {
    await using server = await startServer(serverDeps([]));
    using clients = await hostileClients(server.port, { count: MOST_SOCKETS + 50, bytes: '' });
    const closed = () => clients.sockets.filter((socket) => socket.resume().closed).length;
    expect(await healthy(server.url)).toBe(true);
    await waitUntil(() => closed() >= 50);
    expect(closed()).toBeLessThanOrEqual(52);
  });
});
