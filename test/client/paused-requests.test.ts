import type { ServerResponse } from 'node:http';
import { describe, expect, it } from 'vitest';
import type { HttpWorkApi } from '../../src/client/http-work-api.ts';
import { bucketShape } from '../../src/domain/request-budget.ts';
import { ManualClock, settle } from '../support/manual-clock.ts';
import { waitUntil } from '../support/wait-until.ts';
import { drain } from './budget/budgets.ts';
import { startPair } from './start-pair.ts';
import { failureOf } from './test-client.ts';
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
  it.each<[string, boolean, Ask]>([
    ['stats', false, (api, signal) => api.stats('env_2', { signal })],
    ['stats whose token the schedule took', true, (api, signal) => api.stats('env_2', { signal, prepaid: true })],
    ['a page of a list', false, (api, signal) => api.listPage('env_2', { limit: 20, page: null }, { signal })],
    ['the environments', false, (api, signal) => api.listEnvironments({ limit: 20, page: null }, { signal })],
    ['a session', false, (api, signal) => api.session('env_2', 'sesn_1', { signal })],
  ])('is not sent before the pause has passed: %s', async (_, prepaid, ask) => {
    const { api, server, budget, clock, open, refuse } = await oneUnderWay();
    if (prepaid) expect(budget.tryTake()).toBe(true);
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

  it('is not sent beside the probe, nor after another 429', async () => {
    const { api, server, clock, open, refuse, answer } = await oneUnderWay();
    const waiting = ['env_2', 'env_3', 'env_4'].map((id) => api.stats(id));
    // Each of them gets a token.
    await clock.advance(100);
    await refuse({ 'retry-after': '30' });
    await clock.advance(PAUSE_MS);
    await waitUntil(() => open.length === 2);
    await clock.advance(5000);
    expect(server.requests).toHaveLength(2);
    const probe = waiting.shift()!.catch((error: unknown) => error);
    await refuse({ 'retry-after': '60' });
    expect(await probe).toMatchObject({ failure: { reason: 'rate_limited' } });
    await clock.advance(59_000);
    expect(server.requests).toHaveLength(2);
    for (const count of [3, 4]) {
      await waitUntil(() => open.length === count, { meanwhile: () => clock.advance(500) });
      answer();
    }
    expect(await Promise.all(waiting)).toMatchObject([{ httpStatus: 200 }, { httpStatus: 200 }]);
  });

  it('gives back its token when it is called off in the pause', async () => {
    const { api, server, budget, clock, refuse } = await oneUnderWay();
    const left = new AbortController();
    const waits = api.stats('env_2', { signal: left.signal });
    await settle();
    await refuse({ 'retry-after': '30' });
    left.abort(new Error('the environment has left'));
    await expect(waits).rejects.toThrow('has left');
    await clock.advance(PAUSE_MS + 10_000);
    expect([server.requests.length, budget.taken, budget.waiting]).toEqual([1, 1, 0]);
  });
});

it('a probe that gets no answer lets the next request pass at once: it got no 429', async () => {
  const clock = new ManualClock();
  const { api, budget } = await startPair(
    (_, response, count) => {
      if (count > 1) response.destroy();
      else json(response, 429, apiError('rate_limit_error', 'slow down'), { 'retry-after': '30' });
    },
    { clock },
  );
  const ask = () => failureOf(api.stats('env_1', { retry: false }));
  expect((await ask()).failure.reason).toBe('rate_limited');
  await clock.advance(PAUSE_MS);
  expect((await ask()).failure.reason).toBe('network');
  expect(budget.timeUntilNextMs()).toBe(0);
});

it('a request that waits for a slot keeps its place in the budget: less than a burst is sent beside it', async () => {
  const { api, budget, clock } = await oneUnderWay();
  const { burst } = bucketShape(budget.configuredPerMinute);
  const left = new AbortController();
  const waits = api.stats('env_2', { signal: left.signal });
  await clock.advance(60_000);
  expect(drain(budget)).toBe(burst - 1);
  left.abort(new Error('the environment has left'));
  await expect(waits).rejects.toThrow('has left');
  await clock.advance(60_000);
  expect(drain(budget)).toBe(burst);
});
