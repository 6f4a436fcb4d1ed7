import { expect, it } from 'vitest';
import { json, startServer } from '../client/test-server.ts';
import { RunningApp } from './running-app.ts';

const HOUR = 3_600_000;

// The date of an answer has whole seconds: after the first ones, the skew is known to a second.
it.each([0, 100, 500, 900].flatMap((at) => [0, HOUR, -HOUR].map((skew) => ({ at, skew }))))(
  'an item of just after the first read is new, at $at ms of a second of an API that is ahead by $skew ms',
  async ({ at, skew }) => {
    await using running = new RunningApp();
    running.clock.jumpWall(1000 - (running.clock.now() % 1000) + at);
    const apiNow = () => running.clock.now() + skew;
    const items: object[] = [];
    const server = await startServer(({ url = '' }, response) => {
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
    await using _ = { [Symbol.asyncDispose]: () => server.close() };
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
