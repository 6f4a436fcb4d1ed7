import { describe, expect, it } from 'vitest';
import { startPair } from './start-pair.ts';
import { failureOf } from './test-client.ts';
import { EMPTY_STATS, json } from './test-server.ts';

/** A client of a server that gives these answers, one after the other. */
async function answering(...statuses: readonly number[]) {
  const left = [...statuses];
  const pair = await startPair((_, response) => {
    const status = left.shift() ?? 500;
    json(response, status, status === 200 ? EMPTY_STATS : { type: 'error', error: { type: 'x', message: 'y' } });
  });
  return { ...pair, left };
}

describe('a call says how many requests it took', () => {
  it.each([
    { statuses: [200], requests: 1 },
    { statuses: [503, 200], requests: 2 },
  ])('when it succeeds: $statuses', async ({ statuses, requests }) => {
    const { api, budget } = await answering(...statuses);
    expect((await api.stats('env_1')).requests).toBe(requests);
    expect(budget.taken).toBe(requests);
  });

  it.each([
    { statuses: [404], requests: 1 },
    { statuses: [429], requests: 1 },
    { statuses: [503, 503], requests: 2 },
    { statuses: [500, 404], requests: 2 },
  ])('when it fails: $statuses', async ({ statuses, requests }) => {
    const { api, left } = await answering(...statuses);
    expect((await failureOf(api.stats('env_1'))).requests).toBe(requests);
    expect(left).toEqual([]);
  });

  it('none, when nothing could be sent', async () => {
    const { api } = await answering();
    expect((await failureOf(api.stats('a/b'))).requests).toBe(0);
  });
});
