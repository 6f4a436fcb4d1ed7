import { describe, expect, it, onTestFinished } from 'vitest';
import { Connections } from '../../../src/app/connections/connections.ts';
import { systemClock } from '../../../src/base/clock.ts';
import type { ClientObserver } from '../../../src/client/client-observer.ts';
import { failureOf } from '../../client/test-client.ts';
import { EMPTY_STATS, json, startServer } from '../../client/test-server.ts';
import { configOf } from '../../config/support.ts';

const SILENT: ClientObserver = {
  requestEnded() {},
  requestCalledOff() {},
  clockSampled() {},
  credentialJudged() {},
  unknownValue() {},
};
const SLOWER = { requests_per_minute: 60 };

/** A server, and the connections to it; `reload` puts other options of the connection into force. */
async function connected() {
  const server = await startServer((_, response) => json(response, 200, EMPTY_STATS));
  onTestFinished(() => server.close());
  const connections = new Connections({
    clock: systemClock,
    random: () => 0.5,
    env: {},
    version: '1.2.3',
    observer: SILENT,
    skewMs: () => 0,
  });
  onTestFinished(() => connections.close());
  const reload = async (options: object = {}) => {
    const api = { api_key: 'k', base_url: server.url, requests_per_minute: 240, ...options };
    const config = await configOf(JSON.stringify({ api, environments: [{ id: 'env_1' }] }));
    connections.prepare(config.connections)();
    return connections.get('default')!;
  };
  return { server, connections, reload, first: await reload() };
}

describe('a connection after a reload', () => {
  it('has its new budget at once, and what it had used of the old one is used', async () => {
    const { first, reload } = await connected();
    expect(first.budget.tryTake()).toBe(true);
    const { budget } = await reload(SLOWER);
    expect([budget.perMinute, budget.taken]).toEqual([60, 1]);
    expect(budget).toBe(first.budget);
  });

  it.each([
    ['a new key', { api_key: 'other' }],
    ['a new budget', SLOWER],
  ])('keeps its sockets with %s', async (_, options) => {
    const { first, reload } = await connected();
    expect((await reload(options)).api).toBe(first.api);
  });

  it('ends what is under way as before where it goes to the same place', async () => {
    const { server, first, reload } = await connected();
    expect((await reload({ timeout: '9s' })).api).not.toBe(first.api);
    expect((await first.api.stats('env_1')).httpStatus).toBe(200);
    expect(server.requests).toHaveLength(1);
  });

  it('sends nothing more to where it went before', async () => {
    const { server, first, reload } = await connected();
    const other = await startServer((_, response) => json(response, 200, EMPTY_STATS));
    onTestFinished(() => other.close());
    const { api } = await reload({ base_url: other.url });
    await failureOf(first.api.stats('env_1'));
    expect(server.requests).toEqual([]);
    expect((await api.stats('env_1')).httpStatus).toBe(200);
  });

  it('that was taken away and comes back goes on with what it had used', async () => {
    const { first, connections, reload } = await connected();
    expect(first.budget.tryTake()).toBe(true);
    connections.prepare([])();
    expect(connections.get('default')).toBeUndefined();
    expect((await reload()).budget.taken).toBe(1);
  });
});
