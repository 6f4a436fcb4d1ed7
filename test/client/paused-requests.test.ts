import type { ServerResponse } from 'node:http';
import { describe, expect, it } from 'vitest';
import type { HttpWorkApi } from '../../src/client/http-work-api.ts';
import { ManualClock, settle } from '../support/manual-clock.ts';
import { waitUntil } from '../support/wait-until.ts';
import { startPair } from './start-pair.ts';
import { apiError, EMPTY_STATS, json } from './test-server.ts';

const PAUSE_MS = 30_000;

/** One slot, taken by a request for the stats of `env_1` that has not been answered. */
async function oneUnderWay() {
  const clock = new ManualClock();
  const open: ServerResponse[] = [];
  const pair = await startPair((_, response) => void open.push(response), {
    clock,
    connection: { maxConcurrentRequests: 1, timeoutMs: 120_000 },
  });
  const first = pair.api.stats('env_1').catch(() => {});
  await waitUntil(() => open.length === 1);
  const refuse = async (headers: Record<string, string>) => {
    const ended = pair.observer.ended.length;
    json(open.at(-1)!, 429, apiError('rate_limit_error', 'slow down'), headers);
    await waitUntil(() => pair.observer.ended.length > ended);
    await settle();
  };
  const answer = () => json(open.at(-1)!, 200, EMPTY_STATS);
  return { ...pair, clock, open, first, refuse, answer };
}

type Ask = (api: HttpWorkApi, signal: AbortSignal) => Promise<unknown>;

describe('a request that waits for a slot while another one gets a 429', () => {
  it.each<[string, Ask]>([
    ['stats', (api, signal) => api.stats('env_2', { signal })],
    ['a page of a list', (api, signal) => api.listPage('env_2', { limit: 20, page: null }, { signal })],
    ['the environments', (api, signal) => api.listEnvironments({ limit: 20, page: null }, { signal })],
    ['a session', (api, signal) => api.session('env_2', 'sesn_1', { signal })],
  ])('is not sent before the pause has passed: %s', async (_, ask) => {
    const { api, server, budget, clock, open, refuse } = await oneUnderWay();
    const left = new AbortController();
    const waits = ask(api, left.signal).catch((error: unknown) => error);
    await settle();
    await refuse({ 'retry-after': String(PAUSE_MS / 1000) });
    await clock.advance(PAUSE_MS - 1);
    expect([server.requests.length, budget.taken]).toEqual([1, 1]);
    await clock.advance(1);
    await waitUntil(() => open.length === 2);
    expect(budget.taken).toBe(2);
    left.abort(new Error('over'));
    await waits;
  });

  it('takes no token when it is called off in the pause', async () => {
    const { api, server, budget, clock, refuse } = await oneUnderWay();
    const left = new AbortController();
    const waits = api.stats('env_2', { signal: left.signal });
    await settle();
    await refuse({ 'retry-after': '30' });
    left.abort(new Error('the environment has left'));
    await expect(waits).rejects.toThrow('has left');
    await clock.advance(PAUSE_MS + 10_000);
    expect([server.requests.length, budget.taken]).toEqual([1, 1]);
  });
});
