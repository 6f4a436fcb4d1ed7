import { readFileSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { expect, it } from 'vitest';
import { ListenError } from '../../src/server/answers.ts';
import { listen, startServer } from '../client/test-server.ts';
import { configurationOf, keysOf, PROD, simulatedApi } from '../support/simulated-api.ts';
import { waitUntil } from '../support/wait-until.ts';
import { RunningApp } from './running-app.ts';

it('says first what it will do: which reads have which key or none, of twenty environments at the most', async () => {
  await using api = await simulatedApi();
  const [prod] = configurationOf(api).environments;
  const others = Array.from({ length: 21 }, (_, index) => ({ id: `env_${index}` }));
  // Nobody answers there: the first read fails as fast as it can.
  const connection = { base_url: 'http://127.0.0.1:9', api_key: api.apiKey };
  await using running = await RunningApp.start({ api: connection, environments: [prod, ...others] });
  await running.waitUntil(() => running.events('environment.failing').length > 0);
  const file = `file ${running.path('config.yaml')}`;
  const stats = `api_key in ${file}`;
  expect(running.log[0]).toEqual({
    level: 'info',
    msg: 'exporter is listening',
    event: 'exporter.listening',
    version: '1.2.3',
    url: running.url,
    config: file,
    shard: '0/1',
    discovery: false,
    environment_count: 22,
    environments: [
      { id: PROD, name: 'prod', stats, list: `environment_key in ${file}` },
      ...others.slice(0, 19).map(({ id }) => ({ id, name: id, stats, list: null })),
    ],
    requests_per_minute: [{ connection: 'default', wanted: 90, budget: 240 }],
    notices: [expect.stringMatching(/list of 21 environments.* cannot be read/)],
  });
  for (const key of keysOf(api)) expect(JSON.stringify(running.log)).not.toContain(key);
});

it('sends nothing to the API when its port is taken', async () => {
  const api = await startServer((_, response) => response.end());
  const occupant = createServer();
  const port = await listen(occupant);
  const running = new RunningApp();
  running.configure({
    api: { base_url: api.url, api_key: `sk-ant-api03-${'a'.repeat(40)}` },
    environments: [{ id: 'env_a' }],
    server: { listen: `127.0.0.1:${port}` },
  });
  const refused = running.serve({});
  await expect(refused).rejects.toThrow(ListenError);
  await expect(refused).rejects.toThrow(`127.0.0.1:${port}`);
  await running.clock.advance(30_000);
  expect(api.requests).toEqual([]);
  expect(running.log).toEqual([]);
  await running[Symbol.asyncDispose]();
  await api.close();
  await new Promise((resolve) => occupant.close(resolve));
});

it('stops at once while requests hang, and is silent from then on', async () => {
  await using api = await simulatedApi();
  api.setFaults([{ kind: 'hang' }]);
  const running = await RunningApp.start(configurationOf(api));
  const sent = () => Object.keys(api.truth().environments[PROD]!.requests).length > 0;
  await running.waitUntil(sent);
  // No time passes on the app's clock: nothing waits for a deadline.
  await running[Symbol.asyncDispose]();
  expect(running.log.at(-1)).toMatchObject({ event: 'exporter.stopping' });
  expect(running.clock.timers).toBe(0);
  await expect(fetch(`${running.url}/-/healthy`)).rejects.toThrow();
});

it.each([
  ['a request whose headers have no end', 'GET /metrics HTTP/1.1\r\nhost: x\r\n'],
  ['a body that does not come', 'POST /-/reload HTTP/1.1\r\nhost: x\r\ncontent-length: 9\r\n\r\n'],
])('writes the state file at the end, whoever is still connected: %s', async (_, bytes) => {
  await using api = await simulatedApi();
  const running = new RunningApp();
  const file = running.path('state.json');
  running.configure(configurationOf(api, { state_file: file }));
  await running.serve();
  await running.waitUntil(() => running.readSince(PROD, 'list'));
  const since = running.clock.now();
  await running.waitUntil(() => running.readSince(PROD, 'list', since));
  const client = connect(Number(new URL(running.url).port), '127.0.0.1');
  client.on('error', () => {});
  await new Promise((resolve) => client.write(bytes, resolve));
  // The server has it once it answers what came later.
  await running.exposition();
  const before = readFileSync(file, 'utf8');
  const stopped = running[Symbol.asyncDispose]();
  // No time passes on the app's clock, so the client is still connected.
  await waitUntil(() => readFileSync(file, 'utf8') !== before);
  expect(client.destroyed).toBe(false);
  await running.clock.advance(4000);
  await stopped;
  client.destroy();
});

it('does not start again what a reload finds after the stop', async () => {
  await using api = await simulatedApi();
  const running = await RunningApp.start(configurationOf(api));
  await running.waitUntil(() => running.readSince(PROD, 'list'));
  const reloading = running.app.reload();
  await running[Symbol.asyncDispose]();
  await reloading;
  expect(await running.app.reload()).toMatchObject({ ok: false });
  expect(running.clock.timers).toBe(0);
});
