import { describe, expect, it } from 'vitest';
import { EMPTY_STATS, json, startServer } from '../client/test-server.ts';
import { PROD, QUICK } from '../support/simulated-api.ts';
import { WORK } from '../wire/bodies.ts';
import { RunningApp } from './running-app.ts';

const DAY = 86_400_000;
const COUNTERS = ['items_created_total', 'items_acknowledged_total', 'items_stopped_total'];

/**
 * An API with an item that ended so many days ago by the exporter's clock. Its answers have the dates that a test says, the first
 * being number 1.
 */
async function apiWithOldItem(running: RunningApp, dateOf: (count: number, now: number) => number, ended = 2) {
  const daysAgo = (days: number) => new Date(running.clock.now() - days * DAY).toISOString();
  const item = {
    ...WORK,
    id: 'work_old',
    environment_id: PROD,
    state: 'stopped',
    created_at: daysAgo(ended + 0.003),
    acknowledged_at: daysAgo(ended + 0.002),
    started_at: daysAgo(ended + 0.002),
    latest_heartbeat_at: daysAgo(ended + 0.001),
    stopped_at: daysAgo(ended),
  };
  return await startServer(({ url = '' }, response, count) => {
    const date = new Date(dateOf(count, running.clock.now())).toUTCString();
    const headers = { date, 'request-id': `req_${count}` };
    json(response, 200, url.includes('/stats') ? EMPTY_STATS : { data: [item], next_page: null }, headers);
  });
}

const configurationFor = (url: string) => ({
  api: { base_url: url, api_key: `sk-ant-api03-${'a'.repeat(40)}` },
  environments: [{ id: PROD, environment_key: `sk-ant-oat01-${'b'.repeat(40)}` }],
  poll: QUICK,
});

/** Twelve answers later, nothing has been counted. */
async function expectNothingCounted(running: RunningApp, api: Awaited<ReturnType<typeof apiWithOldItem>>) {
  running.configure(configurationFor(api.url));
  await running.serve();
  await running.waitUntil(() => running.readSince(PROD, 'list') && api.requests.length >= 12);
  for (const counter of COUNTERS) expect([counter, await running.value(counter)]).toEqual([counter, 0]);
}

describe('what ended long ago is history', () => {
  it.each<[string, (count: number, now: number) => number]>([
    ['the API has the year 1970', (_, now) => now - 56 * 365 * DAY],
    ['the API has the year 2126', (_, now) => now + 100 * 365 * DAY],
    ['the first answers are dated 1970', (count, now) => (count <= 2 ? 0 : now)],
    ['the first answer is dated a year ago', (count, now) => (count <= 1 ? now - 365 * DAY : now)],
    ['the first answers are dated 2099', (count, now) => (count <= 2 ? Date.UTC(2099, 0) : now)],
  ])('even if %s', async (_, dateOf) => {
    await using running = new RunningApp();
    await using api = await apiWithOldItem(running, dateOf);
    await expectNothingCounted(running, api);
    expect(Math.abs(running.app.connections.correctionMs('default'))).toBeLessThan(1100);
  });

  it('even if the clock of this machine is 20 minutes behind, which only two answers prove', async () => {
    await using running = new RunningApp();
    const behind = (20 * 60_000) / DAY;
    // By the clock of the API it ended eight minutes ago.
    await using api = await apiWithOldItem(running, (_, now) => now + behind * DAY, -0.6 * behind);
    await expectNothingCounted(running, api);
    expect(running.app.connections.correctionMs('default')).toBeGreaterThan(behind * DAY - 1100);
  });

  it.each([-5, 5])('even if the clock of this machine was %i days off until the first answer', async (days) => {
    await using running = new RunningApp();
    let off = 0;
    await using api = await apiWithOldItem(running, () => {
      running.clock.jumpWall(-off);
      off = 0;
      return running.clock.now();
    });
    off = days * DAY;
    running.clock.jumpWall(off);
    await expectNothingCounted(running, api);
  });
});

const HOUR = 3_600_000;

// The date of an answer has whole seconds: after the first ones, the skew is known to a second.
it.each([0, 100, 500, 900].flatMap((at) => [0, HOUR, -HOUR].map((skew) => ({ at, skew }))))(
  'an item of just after the first read is new, at $at ms of a second of an API that is ahead by $skew ms',
  async ({ at, skew }) => {
    await using running = new RunningApp();
    running.clock.jumpWall(1000 - (running.clock.now() % 1000) + at);
    const apiNow = () => running.clock.now() + skew;
    const items: object[] = [];
    await using server = await startServer(({ url = '' }, response) => {
      response.setHeader('date', new Date(apiNow()).toUTCString());
      if (url.includes('/stats')) return json(response, 200, { depth: items.length, pending: 0, workers_polling: 1 });
      json(response, 200, { data: items, next_page: null });
      if (items.length > 0) return;
      const created = new Date(apiNow() + 50).toISOString();
      const data = { type: 'session', id: 'sesn_1' };
      const stamps = { created_at: created, started_at: created };
      items.push({
        id: 'sesn_1',
        type: 'work',
        environment_id: 'env_1',
        data,
        state: 'queued',
        metadata: {},
        ...stamps,
      });
    });
    running.configure({
      api: { base_url: server.url },
      environments: [{ id: 'env_1', environment_key: `sk-ant-oat01-${'b'.repeat(40)}` }],
      poll: { stats_interval: '5s', list_interval: '10s' },
    });
    await running.serve();
    await running.waitUntil(() => running.clock.monotonic() >= 25_000);
    expect(await running.value('items_created_total')).toBe(1);
    expect(await running.value('items_requeued_total')).toBe(0);
  },
);
