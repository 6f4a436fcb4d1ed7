import { afterAll, beforeAll, expect, it } from 'vitest';
import { GuardedServers, OPEN } from './guarded-servers.ts';

let servers: GuardedServers;
beforeAll(() => {
  servers = new GuardedServers();
});
afterAll(() => servers[Symbol.dispose]());

it('the rate limit holds for all routes together but health, and refills', async () => {
  await using server = await servers.start('rate_limit:\n  interval: 10s\n  burst: 2\n');
  const statuses = async () => {
    const all = [];
    for (const path of ['/metrics', '/', '/nothing']) all.push((await servers.ask(`${server.url}${path}`)).status);
    return all;
  };
  expect(await statuses()).toEqual([200, 200, 429]);
  const limited = await servers.ask(`${server.url}/metrics`);
  expect(limited.headers['retry-after']).toBe('10');
  for (const path of OPEN) expect((await servers.ask(`${server.url}${path}`)).status).toBe(200);
  await server.clock.advance(10_000);
  expect(await statuses()).toEqual([200, 429, 429]);
  await server.clock.advance(3_600_000);
  expect(await statuses()).toEqual([200, 200, 429]);
});

it('a burst of 0 lets nobody in, as in other exporters', async () => {
  await using server = await servers.start('rate_limit:\n  interval: 1s\n  burst: 0\n');
  expect((await servers.ask(`${server.url}/metrics`)).status).toBe(429);
});
