import { expect, it } from 'vitest';
import type { Truth } from '../../src/simulator/start-simulator.ts';
import { RunningApp } from '../app/running-app.ts';
import { simulatedApi } from '../support/simulated-api.ts';

const ENVIRONMENTS = 1000;
const LONG_RUNS = 200;
const MINUTES = 2;
/** At the configured intervals of a minute and two: 1,500 requests a minute for stats and lists. */
const REQUESTS_PER_MINUTE = 2400;

/** Requests for one endpoint over all environments, whatever came of them. */
function asked({ environments, requests }: Truth, endpoint: string): number {
  const all = [...Object.values(environments).map((environment) => environment.requests), requests];
  return all.reduce((sum, counts) => sum + Object.values(counts[endpoint] ?? {}).reduce((a, b) => a + b, 0), 0);
}

/** In steps, so that none of them is long for a slow machine. */
async function reach(exporter: RunningApp, end: number): Promise<void> {
  for (let next = exporter.clock.monotonic(); next < end; ) {
    next = Math.min(end, next + 1000);
    await exporter.waitUntil(() => exporter.clock.monotonic() >= next);
  }
}

async function run(sessions: 'auto' | 'off') {
  await using exporter = new RunningApp();
  await using api = await simulatedApi({ scenario: 'idle', clock: exporter.clock, environments: ENVIRONMENTS });
  const head = { 'anthropic-version': '2023-06-01', 'anthropic-beta': 'managed-agents-2026-04-01' };
  for (const { id, environmentKey } of api.environments.slice(0, LONG_RUNS)) {
    const item = api.enqueue(id, { conduct: 'awaits-approval' });
    const work = `${api.url}/v1/environments/${id}/work`;
    const headers = { ...head, authorization: `Bearer ${environmentKey}` };
    await fetch(`${work}/poll`, { headers });
    await fetch(`${work}/${item}/ack`, { method: 'POST', headers });
  }
  exporter.configure({
    api: { base_url: api.url, api_key: api.apiKey, requests_per_minute: REQUESTS_PER_MINUTE },
    environments: api.environments.map(({ id, environmentKey }) => ({ id, environment_key: environmentKey })),
    poll: {
      stats_interval: '1m',
      list_interval: '2m',
      max_stats_interval: '1m',
      max_list_interval: '2m',
      full_list_interval: '10m',
    },
    sessions: { enabled: sessions, after: '10s', interval: '1m' },
  });
  await exporter.clock.advance(15_000);
  await exporter.serve();
  // The first reads of all are under way until then.
  const from = exporter.clock.monotonic() + 60_000;
  await reach(exporter, from);
  const before = api.truth();
  await reach(exporter, from + MINUTES * 60_000);
  const after = api.truth();
  const count = (endpoint: string) => (asked(after, endpoint) - asked(before, endpoint)) / MINUTES;
  return { stats: count('stats'), list: count('list'), sessions: count('session') + count('session_events') };
}

it('with 1,000 environments and 200 long runs, lists and stats keep their cadence, counted at the server', {
  timeout: 900_000,
}, async () => {
  const without = await run('off');
  const beside = await run('auto');
  expect(without.sessions).toBe(0);
  expect(beside.sessions).toBeGreaterThan(100);
  expect(beside.sessions).toBeLessThanOrEqual(0.1 * 0.9 * REQUESTS_PER_MINUTE);
  expect(beside.stats).toBeGreaterThan(0.97 * without.stats);
  expect(beside.list).toBeGreaterThan(0.97 * without.list);
  // Every minute and every two, of each of them.
  expect(beside.stats).toBeGreaterThan(0.95 * ENVIRONMENTS);
  expect(beside.list).toBeGreaterThan((0.95 * ENVIRONMENTS) / 2);
});
