import { describe, expect, it } from 'vitest';
import { startPair } from './start-pair.ts';
import { failureOf } from './test-client.ts';
import { EMPTY_STATS, json } from './test-server.ts';

const INTERVAL = { maxAgeMs: 15_000 };

describe('an answer that a cache may have sent', () => {
  it.each<[headers: Record<string, string>, says: RegExp | null]>([
    [{}, null],
    [{ age: '0' }, null],
    [{ age: '15' }, null],
    [{ age: '16' }, /a cache that is 16 s old/],
    [{ age: '86400', 'x-cache': 'HIT' }, /a cache that is 86400 s old/],
    [{ age: '3, 90' }, /a cache that is 90 s old/],
    [{ age: 'yesterday' }, /of unknown age/],
    [{ age: '-1' }, /of unknown age/],
    [{ age: '5', 'x-cache': 'HIT' }, null],
    [{ 'x-cache': 'HIT' }, /of unknown age/],
    [{ 'x-cache': 'MISS, HIT' }, /of unknown age/],
    [{ 'x-cache': 'Hit from cloudfront' }, /of unknown age/],
    [{ 'x-cache': 'TCP_MEM_HIT from proxy' }, /of unknown age/],
    [{ 'cf-cache-status': 'HIT' }, /of unknown age/],
    [{ 'cache-status': 'edge; hit; ttl=30' }, /of unknown age/],
    [{ 'cf-cache-status': 'UPDATING', age: '5' }, null],
    [{ 'cache-status': 'edge; fwd=stale; stored' }, null],
    [{ 'x-cache': 'MISS' }, null],
    [{ 'x-cache': 'RefreshHit from cloudfront' }, null],
    [{ 'cf-cache-status': 'DYNAMIC' }, null],
    [{ 'cache-status': 'edge; fwd=uri-miss' }, null],
  ])('%j says %s', async (headers, says) => {
    const { api } = await startPair((_, response) => json(response, 200, EMPTY_STATS, headers));
    const read = api.stats('env_1', INTERVAL);
    if (says === null) expect((await read).value.depth).toBe(0);
    else {
      const { failure } = await failureOf(read);
      expect(failure).toMatchObject({ reason: 'bad_response', httpStatus: 200, message: expect.stringMatching(says) });
      expect(failure.remedy).toMatch(/proxy .* cache/);
    }
  });

  it('is a failed read of every operation', async () => {
    const { api, server, observer } = await startPair((_, response) => json(response, 200, {}, { age: '3600' }));
    const reads = [
      api.stats('env_1', INTERVAL),
      api.listPage('env_1', { limit: 10, page: null }, INTERVAL),
      api.retrieve('env_1', 'work_1', INTERVAL),
      api.listEnvironments({ limit: 10, page: null }, INTERVAL),
    ];
    const failures = await Promise.all(reads.map(failureOf));
    expect(failures.filter(({ failure }) => !failure.message.includes('3600 s old'))).toEqual([]);
    expect(new Set(observer.ended.map(({ reason }) => reason))).toEqual(new Set(['bad_response']));
    expect(new Set(server.requests.map(({ headers }) => headers['cache-control']))).toEqual(new Set(['no-cache']));
  });

  it('is asked for once more: another server may answer by itself', async () => {
    let answers = 0;
    const { api, server } = await startPair((_, response) =>
      json(response, 200, EMPTY_STATS, answers++ === 0 ? { age: '3600' } : {}),
    );
    expect((await api.stats('env_1', INTERVAL)).value.depth).toBe(0);
    expect(server.requests.length).toBe(2);
  });

  it('is not taken at all where no interval is given', async () => {
    const { api } = await startPair((_, response) => json(response, 200, EMPTY_STATS, { age: '1' }));
    expect((await failureOf(api.stats('env_1'))).failure.reason).toBe('bad_response');
  });
});
