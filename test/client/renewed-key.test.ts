import { expect, it } from 'vitest';
import { startPair } from './start-pair.ts';
import { EMPTY_STATS, json } from './test-server.ts';

/** A client whose key is replaced while its first request is under way; that is answered with `status`. */
function startRenewed(status: number) {
  let key = 'old';
  return startPair(
    (_, response, count) => {
      key = 'new';
      json(response, count === 1 ? status : 200, EMPTY_STATS);
    },
    { apiKeyNow: () => key, connection: { maxConcurrentRequests: 1 } },
  );
}

const keysOf = (requests: readonly { readonly headers: Readonly<Record<string, unknown>> }[]) =>
  requests.map(({ headers }) => headers['x-api-key']);

it('a second try goes out with the key that has come since the first', async () => {
  const { api, server } = await startRenewed(500);
  expect((await api.stats('env_1')).credential).toBe('api_key');
  expect(keysOf(server.requests)).toEqual(['old', 'new']);
});

it('so does a request that waited for a slot when its key was replaced', async () => {
  const { api, server } = await startRenewed(200);
  await Promise.all([api.stats('env_1'), api.stats('env_2')]);
  expect(keysOf(server.requests)).toEqual(['old', 'new']);
});
