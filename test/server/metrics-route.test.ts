import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { connect } from 'node:net';
import { gunzipSync } from 'node:zlib';
import { request } from 'undici';
import { expect, it } from 'vitest';
import type { LogFields } from '../../src/base/logger.ts';
import { serverDeps, startServer, TEXT_TYPE } from '../support/http-server.ts';
import { silentLogger } from '../support/silent.ts';

const text = serverDeps([]);

function rendering(render: () => Promise<Buffer[]>, logger = silentLogger) {
  return serverDeps([], { logger, metrics: { ...text.metrics, render } });
}

it('text by default, uncompressed, with its length, never cached', async () => {
  await using server = await startServer(text);
  const answer = await request(`${server.url}/metrics`);
  expect(await answer.body.text()).toBe('# HELP a_metric A.\na_metric{format="prometheus"} 1\n');
  expect(answer.statusCode).toBe(200);
  expect(answer.headers).toMatchObject({
    'content-type': TEXT_TYPE,
    'content-length': '51',
    'cache-control': 'no-store',
    vary: 'Accept, Accept-Encoding',
    'x-content-type-options': 'nosniff',
  });
  expect(answer.headers['content-encoding']).toBeUndefined();
  expect(answer.headers.server).toBeUndefined();
});

it('OpenMetrics when asked, gzip when accepted', async () => {
  await using server = await startServer(text);
  const headers = { accept: 'application/openmetrics-text;version=1.0.0', 'accept-encoding': 'gzip' };
  const answer = await request(`${server.url}/metrics`, { headers });
  expect(answer.headers).toMatchObject({
    'content-type': 'application/openmetrics-text; version=1.0.0',
    'content-encoding': 'gzip',
  });
  const body = Buffer.from(await answer.body.arrayBuffer());
  expect(gunzipSync(body).toString()).toContain('a_metric{format="openmetrics"} 1');
});

it('a large exposition arrives whole, for several scrapers at once', async () => {
  const blocks = Array.from({ length: 20_000 }, (_, index) => Buffer.from(`a_metric{index="${index}"} ${index}\n`));
  await using server = await startServer(rendering(async () => blocks));
  const bodies = await Promise.all(
    ['gzip', 'identity', 'gzip', 'identity'].map(async (encoding) => {
      const answer = await request(`${server.url}/metrics`, { headers: { 'accept-encoding': encoding } });
      const body = Buffer.from(await answer.body.arrayBuffer());
      return encoding === 'gzip' ? gunzipSync(body) : body;
    }),
  );
  const whole = Buffer.concat(blocks);
  expect(bodies.map((body) => body.equals(whole))).toEqual([true, true, true, true]);
});

it('a failing render is a 500 in plain text and a log line, and the next scrape works', async () => {
  const logged: LogFields[] = [];
  const logger = { ...silentLogger, error: (fields: LogFields) => void logged.push(fields) };
  let broken = true;
  const render = async () => {
    if (broken) throw new Error('no such family');
    return [Buffer.from('ok 1\n')];
  };
  await using server = await startServer(rendering(render, logger));
  const answer = await request(`${server.url}/metrics`);
  expect(answer.statusCode).toBe(500);
  expect(answer.headers['content-type']).toBe('text/plain; charset=utf-8');
  expect(await answer.body.text()).not.toContain('no such family');
  expect(logged).toEqual([{ event: 'request.failed', error: 'no such family', route: '/metrics' }]);

  broken = false;
  expect(await (await request(`${server.url}/metrics`)).body.text()).toBe('ok 1\n');
});

it.each(['gzip', 'identity'])('a scraper that hangs up in mid-answer harms nobody, with %s', async (encoding) => {
  // gzip cannot make it small: the answer must still be under way when the socket dies.
  const block = randomBytes(4_000_000);
  const ended = Promise.withResolvers<string>();
  const logger = { ...silentLogger, debug: (_: LogFields, message: string) => ended.resolve(message) };
  await using server = await startServer(rendering(async () => [block, block, block, block], logger));
  const socket = connect(server.port, '127.0.0.1');
  socket.write(`GET /metrics HTTP/1.1\r\nhost: x\r\naccept-encoding: ${encoding}\r\n\r\n`);
  await once(socket, 'data');
  socket.destroy();
  expect(await ended.promise).toBe('a scrape was not read to its end');
  expect((await request(`${server.url}/-/healthy`)).statusCode).toBe(200);
});
