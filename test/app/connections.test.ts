import { describe, expect, it, onTestFinished } from 'vitest';
import { Connections, wellKnownAddress } from '../../src/app/connections.ts';
import { systemClock } from '../../src/base/clock.ts';
import type { LogFields } from '../../src/base/logger.ts';
import { Secret } from '../../src/base/secret.ts';
import { SharedLines } from '../../src/poller/log.ts';
import { MemoryStateStore } from '../../src/state/environment-state.ts';
import type { ProviderName } from '../../src/wire/presets.ts';
import { EMPTY_STATS, json, startServer } from '../client/test-server.ts';
import { configOf } from '../config/support.ts';
import { silentLogger } from '../support/silent.ts';
import { waitUntil } from '../support/wait-until.ts';

const PUBLIC = 'https://api.anthropic.com';
const at = (baseUrl: string, provider: ProviderName = 'anthropic') => ({ provider, baseUrl });
const SLOWER = { requests_per_minute: 60 };

/** A server, and the connections to it; `reload` puts other options of the connection into force. */
async function connected() {
  let isHeld = false;
  const held: (() => void)[] = [];
  const server = await startServer((_, response) => {
    const answer = () => json(response, 200, EMPTY_STATS);
    if (isHeld) held.push(answer);
    else answer();
  });
  onTestFinished(() => server.close());
  const hold = () => {
    isHeld = true;
  };
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
  return { server, held, hold, connections, reload, lines, shared, shown, first: await reload() };
}

describe('a connection after a reload', () => {
  it('has its new budget at once, and what it had used of the old one is used', async () => {
    const { first, reload } = await connected();
    expect(first.budget.tryTake()).toBe(true);
    const { budget } = await reload(SLOWER);
    expect([budget.perMinute, budget.taken]).toEqual([60, 1]);
    expect(budget).toBe(first.budget);
  });

  it('is paused as long as it was before, after a 429', async () => {
    const { first, reload, connections } = await connected();
    expect(connections.pausedUntil('default')).toBeNull();
    first.budget.answered({ retryAfterMs: 3_600_000 });
    await reload(SLOWER);
    expect(connections.pausedUntil('default')! - Date.now()).toBeGreaterThan(3_000_000);
  });

  it.each([
    ['a new key', { api_key: 'other' }, 1],
    ['a new budget', SLOWER, 1],
    ['another timeout', { timeout: '9s' }, 2],
  ])('uses with %s %j %i sockets', async (_, options, sockets) => {
    const { server, reload } = await connected();
    for (const each of [{}, options]) {
      const { api } = await reload({ max_concurrent_requests: 1, ...each });
      await api.stats('env_1');
    }
    expect(new Set(server.requests.map(({ socket }) => socket)).size).toBe(sockets);
  });

  it('ends what is under way as before, and sends what waits, and its new key, only to where it goes now', async () => {
    const { server, held, hold, reload } = await connected();
    const other = await startServer((_, response) => json(response, 200, EMPTY_STATS));
    onTestFinished(() => other.close());
    const { api } = await reload({ max_concurrent_requests: 1 });
    hold();
    const reads = ['env_1', 'env_2'].map((id) => api.stats(id));
    await waitUntil(() => held.length === 1);
    await reload({ base_url: other.url, api_key: 'new' });
    held[0]!();
    expect((await Promise.all(reads)).map(({ value }) => value.depth)).toEqual([0, 0]);
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
  for (const answer of [null, 'forbidden', 'forbidden', null, null] as const)
    for (const name of ['api_key', ...ids]) {
      const read = { operation: 'stats', environmentId: name === 'api_key' ? 'env_0' : name } as const;
      const kind = name === 'api_key' ? name : 'environment_key';
      first.api.place.keys.answered({ ...read, kind, secret: first.api.place.keys.get(name)! }, answer);
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
