import {
  createServer as createHttpServer,
  type IncomingMessage,
  type RequestListener,
  type ServerResponse,
} from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import { connect, type Socket } from 'node:net';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { ExporterError } from '../../src/base/errors.ts';
import { selfSigned } from './self-signed.ts';
import { API_KEY, answerStats, createTestClient, failureOf, type TestClientOptions } from './test-client.ts';
import { EMPTY_STATS, type Handler, json, listen, startServer, type TestServer } from './test-server.ts';

let own: { key: string; cert: string };
let elsewhere: { key: string; cert: string };
beforeAll(() => {
  own = selfSigned();
  elsewhere = selfSigned('DNS:elsewhere.example');
});

const cleanUps: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp();
});

async function startTls(pair = own, handler: Handler = answerStats): Promise<TestServer & { https: string }> {
  const server = await startServer(handler, (listener) => createHttpsServer(pair, listener));
  cleanUps.push(() => server.close());
  return { ...server, https: `https://127.0.0.1:${server.port}` };
}

function clientFor(url: string, options: TestClientOptions = {}) {
  const { api } = createTestClient(url, options);
  cleanUps.push(() => api.close());
  return api;
}

/** A proxy that tunnels and forwards, and remembers for whom. */
async function startProxy(options: { refuse?: number; tls?: typeof own; handler?: Handler } = {}) {
  const asked: { line: string; headers: IncomingMessage['headers'] }[] = [];
  const sockets = new Set<Socket>();
  const { tls } = options;
  const make = (listener: RequestListener) =>
    tls === undefined ? createHttpServer(listener) : createHttpsServer(tls, listener);
  const server = make((request, response) => {
    asked.push({ line: `${request.method} ${request.url}`, headers: request.headers });
    if (options.refuse !== undefined) response.writeHead(options.refuse).end();
    else (options.handler ?? answerStats)(request, response, asked.length);
  });
  server.on('connect', (request: IncomingMessage, client: Socket) => {
    asked.push({ line: `${request.method} ${request.url}`, headers: request.headers });
    sockets.add(client);
    client.on('error', () => {});
    if (options.refuse !== undefined) {
      client.end(`HTTP/1.1 ${options.refuse} No\r\n\r\n`);
      return;
    }
    const [host, port] = request.url!.split(':');
    const upstream = connect(Number(port), host!, () => client.write('HTTP/1.1 200 OK\r\n\r\n'));
    upstream.on('error', () => client.destroy());
    sockets.add(upstream);
    client.pipe(upstream).pipe(client);
  });
  const port = await listen(server);
  cleanUps.push(async () => {
    for (const socket of sockets) socket.destroy();
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
  return { asked, port, host: `127.0.0.1:${port}`, url: `http://127.0.0.1:${port}` };
}

describe('TLS', () => {
  it('with a certificate of ca_file works', async () => {
    const server = await startTls();
    const api = clientFor(server.https, { connection: { ca: own.cert } });
    expect((await api.stats('env_1')).value.depth).toBe(0);
  });

  it('with an unknown certificate is a network failure that names ca_file, and sends no key', async () => {
    const server = await startTls();
    const { failure } = await failureOf(clientFor(server.https).stats('env_1'));
    expect(failure).toMatchObject({ reason: 'network', remedy: expect.stringContaining('ca_file') });
    expect(failure.message).toContain('DEPTH_ZERO_SELF_SIGNED_CERT');
    expect(server.requests).toEqual([]);
  });

  it('with the certificate of another host says so', async () => {
    const server = await startTls(elsewhere);
    const { failure } = await failureOf(clientFor(server.https, { connection: { ca: elsewhere.cert } }).stats('env_1'));
    expect(failure).toMatchObject({ reason: 'network', remedy: expect.stringContaining('host name') });
  });

  it('spoken to a server that has none says so', async () => {
    const server = await startServer((_, response) => json(response, 200, EMPTY_STATS));
    cleanUps.push(() => server.close());
    const { failure } = await failureOf(clientFor(`https://127.0.0.1:${server.port}`).stats('env_1'));
    expect(failure).toMatchObject({ reason: 'network', remedy: expect.stringContaining('scheme') });
  });

  it('refuses a ca_file without a certificate at once', () => {
    const ca = '-----BEGIN CERTIFICATE-----\nbm8=\n-----END CERTIFICATE-----\n';
    for (const text of [ca, 'no certificate at all', '']) {
      expect(() => createTestClient('https://127.0.0.1', { connection: { ca: text } })).toThrow(
        expect.objectContaining({ code: 'ca_invalid' }),
      );
    }
  });
});

describe('a proxy', () => {
  it('tunnels https, with its own password and without seeing the key', async () => {
    const [server, proxy] = [await startTls(), await startProxy()];
    const env = { HTTPS_PROXY: `http://user:pass@${proxy.host}` };
    const api = clientFor(server.https, { env, connection: { ca: own.cert } });
    await api.stats('env_1');
    expect(proxy.asked.map(({ line }) => line)).toEqual([`CONNECT 127.0.0.1:${server.port}`]);
    expect(proxy.asked[0]?.headers['proxy-authorization']).toBe(`Basic ${btoa('user:pass')}`);
    expect(JSON.stringify(proxy.asked)).not.toContain(API_KEY);
    expect(server.requests[0]?.headers).toMatchObject({ 'x-api-key': API_KEY });
    expect(server.requests[0]?.headers).not.toHaveProperty('proxy-authorization');
  });

  it('keeps no request waiting once the client is closed, also over a connection that others have left', async () => {
    const asked = Promise.withResolvers<void>();
    const [server, proxy] = [
      await startTls(own, ({ url = '' }, response) => {
        if (url.includes('env_silent')) asked.resolve();
        else json(response, 503, {});
      }),
      await startProxy(),
    ];
    const api = clientFor(server.https, { env: { HTTPS_PROXY: proxy.url }, connection: { ca: own.cert } });
    const silent = failureOf(api.stats('env_silent'));
    await asked.promise;
    await failureOf(api.stats('env_1'));
    await api.close();
    expect((await silent).failure.reason).toBe('network');
  });

  it('of https:// tunnels https and forwards http', async () => {
    const [server, proxy] = [await startTls(), await startProxy({ tls: own })];
    const url = `https://localhost:${proxy.port}`;
    const options = { env: { HTTPS_PROXY: url, HTTP_PROXY: url }, connection: { ca: own.cert } };
    await clientFor(server.https, options).stats('env_1');
    await clientFor('http://api.example', options).stats('env_1');
    expect(proxy.asked.map(({ line }) => line)).toEqual([
      `CONNECT 127.0.0.1:${server.port}`,
      'GET http://api.example/v1/environments/env_1/work/stats',
    ]);
  });

  it('of https:// must have a certificate for its host', async () => {
    const proxy = await startProxy({ tls: elsewhere });
    const url = `https://localhost:${proxy.port}`;
    const options = { env: { HTTPS_PROXY: url, HTTP_PROXY: url }, connection: { ca: elsewhere.cert } };
    for (const api of ['https://api.example', 'http://api.example']) {
      const { failure } = await failureOf(clientFor(api, options).stats('env_1'));
      expect(failure).toMatchObject({ reason: 'network', remedy: expect.stringContaining('host name') });
    }
    expect(proxy.asked).toEqual([]);
  });

  it('forwards http, and may be named without a scheme and in small letters', async () => {
    const proxy = await startProxy();
    const api = clientFor('http://api.example', { env: { http_proxy: proxy.host, HTTP_PROXY: 'http://127.0.0.1:1' } });
    await api.stats('env_1');
    expect(proxy.asked.map(({ line }) => line)).toEqual(['GET http://api.example/v1/environments/env_1/work/stats']);
  });

  it.each(['127.0.0.1', '*', 'example.com, 127.0.0.1'])('is passed by for NO_PROXY=%s', async (noProxy) => {
    const [server, proxy] = [await startTls(), await startProxy()];
    const env = { HTTPS_PROXY: proxy.url, NO_PROXY: noProxy };
    await clientFor(server.https, { env, connection: { ca: own.cert } }).stats('env_1');
    expect(proxy.asked).toEqual([]);
    expect(server.requests).toHaveLength(1);
  });

  it.each(['https', 'http', 'none'])(
    'of %s, or none, changes no limit of an answer, or of requests at a time',
    async (scheme) => {
      const held: ServerResponse[] = [];
      let most = 0;
      const handler: Handler = ({ url = '' }, response) => {
        if (url.includes('env_long')) {
          // In chunks, so that nothing announces how long it is.
          response.write(' '.repeat(1_000_000));
          response.end(' ');
        } else {
          most = Math.max(most, held.push(response));
          // Nobody is answered before two are here: fewer at a time would never end, and more would show.
          if (held.length === 2) setImmediate(() => held.splice(0).map((one) => json(one, 200, EMPTY_STATS)));
        }
      };
      const [server, proxy] = [await startTls(own, handler), await startProxy({ handler })];
      const connection = { ca: own.cert, maxConcurrentRequests: 2 };
      const env: Record<string, string> = scheme === 'none' ? {} : { HTTPS_PROXY: proxy.url, HTTP_PROXY: proxy.url };
      const api = clientFor(scheme === 'http' ? 'http://api.example' : server.https, { env, connection });
      expect((await failureOf(api.stats('env_long'))).failure.message).toMatch(/more bytes than max_response_bytes/);
      await Promise.all(Array.from({ length: 6 }, (_, at) => api.stats(`env_${at}`)));
      expect(most).toBe(2);
      expect(proxy.asked.length > 0).toBe(scheme !== 'none');
    },
  );

  it('of HTTP_PROXY is not used for https, nor one of the environment of this process', async () => {
    const [server, proxy] = [await startTls(), await startProxy()];
    await clientFor(server.https, { env: { HTTP_PROXY: proxy.url }, connection: { ca: own.cert } }).stats('env_1');
    expect(proxy.asked).toEqual([]);
  });

  it.each([403, 407, 502])('that refuses with %d is a network failure that names HTTPS_PROXY', async (refuse) => {
    const proxy = await startProxy({ refuse });
    const { failure } = await failureOf(
      clientFor('https://api.example', { env: { HTTPS_PROXY: proxy.url } }).stats('env_1'),
    );
    expect(failure).toMatchObject({ reason: 'network', remedy: expect.stringContaining('HTTPS_PROXY') });
  });

  it.each([
    ['HTTPS_PROXY', 'https://api.example', 'http://user:secret-password@127.0.0.1:1', 'was refused'],
    ['https_proxy', 'https://api.example', 'https://localhost:1', 'was refused'],
    ['HTTPS_PROXY', 'https://api.example', 'socks5://127.0.0.1:1', 'was refused'],
    ['HTTP_PROXY', 'http://api.example', '127.0.0.1:1', 'was refused'],
    ['HTTP_PROXY', 'http://api.example', 'http://proxy.invalid:3128', 'cannot be resolved'],
  ])('of %s for %s that is not there, %s, is told from an API that is not', async (variable, url, proxyUrl, what) => {
    const error = await failureOf(clientFor(url, { env: { [variable]: proxyUrl } }).stats('env_1'));
    expect(error.failure).toMatchObject({
      reason: 'network',
      message: expect.stringMatching(new RegExp(`${what} through the proxy of ${variable}`)),
    });
    expect(JSON.stringify(error.failure)).not.toMatch(/secret-password|:1"|proxy\.invalid/);
  });

  it.each([
    'https://user:secret-password@127.0.0.1:3129',
    'http://user:secret-password@ho st',
    'http://user:secret-password@proxy:3128/path',
    'http://user:secret-password%@proxy:3128',
    'user:secret-password@%zz@proxy',
  ])('that is no URL (%s) is an error at once, which does not quote it', (value) => {
    const env = { HTTPS_PROXY: value };
    const create = () => createTestClient('https://api.example', { env });
    expect(create).toThrow(expect.objectContaining({ code: 'proxy_invalid' }));
    expect(create).toThrow(ExporterError);
    try {
      create();
    } catch (error) {
      expect(String(error) + JSON.stringify(error, Object.getOwnPropertyNames(error))).not.toContain('secret-password');
    }
  });
});
