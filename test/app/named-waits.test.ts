import { expect, it } from 'vitest';
import { json, startServer } from '../client/test-server.ts';
import { PROD } from '../support/simulated-api.ts';
import { RunningApp } from './running-app.ts';

it('a server that answers 503 and names seven seconds each time is read again after the interval each time', async () => {
  await using running = new RunningApp();
  const asked: number[] = [];
  await using server = Object.assign(
    await startServer(({ url = '' }, response) => {
      if (!url.includes('/stats')) return json(response, 200, { data: [], next_page: null });
      asked.push(running.clock.monotonic());
      return json(response, 503, {}, { 'retry-after': '7' });
    }),
    { [Symbol.asyncDispose]: () => server.close() },
  );
  running.configure({
    api: { base_url: server.url, requests_per_minute: 6000 },
    environments: [{ id: PROD, environment_key: `sk-ant-oat01-${'a'.repeat(40)}` }],
    poll: { stats_interval: '10s', list_interval: '60s' },
  });
  await running.serve();
  await running.waitUntil(() => asked.length === 5);
  const waits = asked.slice(1).map((at, index) => at - asked[index]!);
  expect(Math.max(...waits)).toBeLessThan(13_000);
});
