import { expect, it } from 'vitest';
import { json, startServer } from '../client/test-server.ts';
import { RunningApp } from './running-app.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const TOTALS = ['created', 'acknowledged', 'stopped', 'requeued', 'lapsed'];

/** A list on a service whose answers have no date; at first of items that ended one a minute, the last a minute ago. */
async function undatedApi(running: RunningApp, ended = 120) {
  const startedAt = running.clock.now();
  const apiNow = () => startedAt + running.clock.monotonic();
  const iso = (at: number) => new Date(at).toISOString();
  const row = (id: string, createdAt: number) => ({
    id,
    type: 'work',
    environment_id: 'env_1',
    data: { type: 'session', id },
    state: 'stopped',
    metadata: {},
    created_at: iso(createdAt),
    started_at: iso(createdAt + 100),
    acknowledged_at: iso(createdAt + 1000),
    stopped_at: iso(createdAt + 2000),
  });
  const items = Array.from({ length: ended }, (_, n) => row(`sesn_old_${n}`, startedAt - (n + 1) * MINUTE));
  const server = await startServer(({ url = '' }, response) => {
    response.sendDate = false;
    if (url.includes('/stats')) return json(response, 200, { depth: 0, pending: 0, workers_polling: 1 });
    json(response, 200, { data: items, next_page: null });
  });
  const ends = (id: string) => void items.unshift(row(id, apiNow() - 2000));
  return Object.assign(server, { ends, [Symbol.asyncDispose]: () => server.close() });
}

/** Reads often, and keeps the totals of its one environment. */
async function reading(running: RunningApp, api: { readonly url: string }) {
  running.configure({
    api: { base_url: api.url },
    environments: [{ id: 'env_1', environment_key: `sk-ant-oat01-${'b'.repeat(40)}` }],
    poll: { stats_interval: '5s', list_interval: '10s' },
  });
  await running.serve();
  const totals = () => Promise.all(TOTALS.map((name) => running.value(`items_${name}_total`)));
  const pass = async (ms: number) => {
    const until = running.clock.monotonic() + ms;
    await running.waitUntil(() => running.clock.monotonic() >= until);
  };
  return { totals, pass };
}

it.each([
  ['three hours behind', -3 * HOUR],
  ['a year behind', -365 * DAY],
  ['at the beginning of time, as of a machine without a battery', -Date.UTC(2026, 10, 24)],
])(
  'what ended before the start is not counted where the own clock is %s, and nothing tells that of the API',
  async (_, wrongBy) => {
    await using running = new RunningApp();
    await using api = await undatedApi(running);
    running.clock.jumpWall(wrongBy);
    const { totals, pass } = await reading(running, api);
    await pass(25_000);
    expect(await totals()).toEqual([0, 0, 0, 0, 0]);
    api.ends('sesn_1');
    await pass(15_000);
    expect(await totals()).toEqual([1, 1, 1, 0, 0]);
    // It is set right.
    running.clock.jumpWall(-wrongBy);
    await pass(25_000);
    api.ends('sesn_2');
    await pass(15_000);
    expect(await totals()).toEqual([2, 2, 2, 0, 0]);
  },
);

it.each([
  ['90 seconds ahead', 90_000],
  ['three hours ahead', 3 * HOUR],
  ['a year ahead', 365 * DAY],
])(
  'what happens after the start is counted where the own clock is %s, and nothing tells that of the API',
  async (_, wrongBy) => {
    await using running = new RunningApp();
    await using api = await undatedApi(running);
    running.clock.jumpWall(wrongBy);
    const { totals, pass } = await reading(running, api);
    await pass(25_000);
    expect(await totals()).toEqual([0, 0, 0, 0, 0]);
    for (let n = 1; n <= 3; n++) {
      api.ends(`sesn_${n}`);
      await pass(25_000);
      expect(await totals()).toEqual([n, n, n, 0, 0]);
    }
    // It is set right.
    running.clock.jumpWall(-wrongBy);
    await pass(25_000);
    api.ends('sesn_4');
    await pass(15_000);
    expect(await totals()).toEqual([4, 4, 4, 0, 0]);
  },
);

it('an empty list does not tell that the own clock is ahead: its first item does, and the others are counted', async () => {
  await using running = new RunningApp();
  await using api = await undatedApi(running, 0);
  running.clock.jumpWall(3 * HOUR);
  const { totals, pass } = await reading(running, api);
  await pass(25_000);
  api.ends('sesn_1');
  await pass(15_000);
  expect(await totals()).toEqual([0, 0, 0, 0, 0]);
  api.ends('sesn_2');
  await pass(15_000);
  expect(await totals()).toEqual([1, 1, 1, 0, 0]);
});

it('what happens is counted also while the own clock, once right, is ahead, and nothing tells that of the API', async () => {
  await using running = new RunningApp();
  await using api = await undatedApi(running);
  const { totals, pass } = await reading(running, api);
  await pass(25_000);
  running.clock.jumpWall(3 * HOUR);
  for (let n = 1; n <= 3; n++) {
    api.ends(`sesn_${n}`);
    await pass(25_000);
    expect(await totals()).toEqual([n, n, n, 0, 0]);
  }
});

it.each([
  ['back by a day', [-DAY]],
  ['back, and right again', [-3 * HOUR, 3 * HOUR]],
  ['back twice', [-30 * MINUTE, -DAY]],
  ['ahead, and right again', [DAY, -DAY]],
])('nothing is counted again when the own clock is set %s, and nothing tells that of the API', async (_, jumps) => {
  await using running = new RunningApp();
  await using api = await undatedApi(running);
  const { totals, pass } = await reading(running, api);
  await pass(15_000);
  api.ends('sesn_1');
  await pass(15_000);
  expect(await totals()).toEqual([1, 1, 1, 0, 0]);
  for (const jump of jumps) {
    running.clock.jumpWall(jump);
    await pass(25_000);
    expect(await totals()).toEqual([1, 1, 1, 0, 0]);
  }
  expect(await running.value('api_clock_skew_seconds')).toBeUndefined();
  api.ends('sesn_2');
  await pass(15_000);
  expect(await totals()).toEqual([2, 2, 2, 0, 0]);
});
