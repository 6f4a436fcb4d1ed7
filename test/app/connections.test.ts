import { describe, expect, it, onTestFinished } from 'vitest';
import { Connections, wellKnownAddress } from '../../src/app/connections.ts';
import { systemClock } from '../../src/base/clock.ts';
import type { LogFields } from '../../src/base/logger.ts';
import { Secret } from '../../src/base/secret.ts';
import { SharedLines } from '../../src/poller/shared-lines.ts';
import { MemoryStateStore } from '../../src/state/environment-state.ts';
import type { ProviderName } from '../../src/wire/presets.ts';
import { EMPTY_STATS, json, startServer } from '../client/test-server.ts';
import { configOf } from '../config/support.ts';
import { silentLogger } from '../support/silent-logger.ts';

const PUBLIC = 'https://api.anthropic.com';
const at = (baseUrl: string, provider: ProviderName = 'anthropic') => ({ provider, baseUrl });
const SLOWER = { requests_per_minute: 60 };

/** A server, and the connections to it; `reload` puts other options of the connection into force. */
async function connected() {
  const server = await startServer((_, response) => json(response, 200, EMPTY_STATS));
  onTestFinished(() => server.close());
  const lines: LogFields[] = [];
  const write = (line: LogFields) => void lines.push(line);
  const logger = { ...silentLogger, info: write, warn: write };
  const shared = new SharedLines(logger, systemClock);
  /** What the metric of refused keys shows. */
  const shown = new Map<string, unknown>();
  const connections = new Connections({
    ...{ clock: systemClock, random: () => 0.5, env: {}, build: { version: '1.2.3' } },
    ...{ logger, shared, states: new MemoryStateStore(), keyRefused() {} },
    self: {
      set: (_, labels, value) => void shown.set((labels as Record<string, string>).credential!, value),
      add() {},
      requestEnded() {},
    },
  });
  onTestFinished(() => connections.close());
  const reload = async (options: object = {}) => {
    const api = { api_key: 'k', base_url: server.url, requests_per_minute: 240, ...options };
    const config = await configOf(JSON.stringify({ api, environments: [{ id: 'env_1' }] }));
    connections.prepare(config.connections)();
    return connections.get('default')!;
  };
  return { server, connections, reload, lines, shared, shown, first: await reload() };
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
    const { api, keys } = await reload({ timeout: '9s' });
    expect([api === first.api, keys === first.keys]).toEqual([false, true]);
    expect((await first.api.stats('env_1')).httpStatus).toBe(200);
    expect(server.requests).toHaveLength(1);
  });

  it('never sends its new key to where it went before', async () => {
    const { server, first, reload } = await connected();
    const other = await startServer((_, response) => json(response, 200, EMPTY_STATS));
    onTestFinished(() => other.close());
    const { api } = await reload({ base_url: other.url, api_key: 'new' });
    await Promise.all([first.api.stats('env_1'), api.stats('env_1')]);
    const keys = [server, other].map(({ requests }) => requests.map(({ headers }) => headers['x-api-key']));
    expect(keys).toEqual([['k'], ['new']]);
  });

  it('that was taken away and comes back goes on with what it had used', async () => {
    const { first, connections, reload } = await connected();
    expect(first.budget.tryTake()).toBe(true);
    connections.prepare([])();
    expect(connections.get('default')).toBeUndefined();
    expect((await reload()).budget.taken).toBe(1);
  });
});

it('the log says once that a key is refused, and once that it is taken again; many keys share a line', async () => {
  const { first, connections, lines, shared, shown, reload } = await connected();
  const ids = Array.from({ length: 14 }, (_, n) => `env_${n}`);
  connections.setEnvironmentKeys(new Map(ids.map((id) => [id, new Secret(id, 'a file')])));
  for (const answer of ['accepted', 'refused', 'refused', 'accepted', 'accepted'] as const)
    for (const name of ['api_key', ...ids]) {
      const read = { operation: 'stats', environmentId: name === 'api_key' ? 'env_0' : name } as const;
      const kind = name === 'api_key' ? name : 'environment_key';
      first.keys.answered({ ...read, kind, secret: first.keys.get(name)! }, answer);
    }
  shared.end();
  const told = (event: string) => lines.filter((line) => line.event === event);
  for (const event of ['credential.rejected', 'credential.accepted'])
    expect(told(event).map(({ environment_id }) => environment_id)).toEqual([null, ...ids.slice(0, 10)]);
  for (const event of ['credentials.rejected', 'credentials.accepted'])
    expect(told(event)).toMatchObject([{ connection: 'default', environments: 4, environment_ids: ids.slice(10) }]);
  expect(shown).toEqual(new Map(['api_key', ...ids].map((name) => [name, false])));
  // Another API may take what this one refused.
  await reload({ base_url: 'http://127.0.0.1:1' });
  expect([...shown.values()].every((value) => value === null)).toBe(true);
});

it.each<[string, { provider: ProviderName; baseUrl: string }[], string | null]>([
  ['of the public API', [at(PUBLIC), at(PUBLIC)], PUBLIC],
  ['of a gateway of somebody', [at('https://gateway.internal/token/anthropic')], null],
  ['of the public API over another path', [at(`${PUBLIC}/proxy`)], null],
  ['of two connections that differ', [at(PUBLIC), at('https://gateway.internal')], null],
  ['of a service whose requests look different', [at('https://api.qoder.com', 'qoder')], null],
  ['of no connection', [], null],
])('the address %s is told to readers of the runbooks only if it is no secret', (_, connections, address) => {
  expect(wellKnownAddress(connections)).toBe(address);
});
