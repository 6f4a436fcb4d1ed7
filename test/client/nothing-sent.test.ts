import { describe, expect, it } from 'vitest';
import { settle } from '../support/manual-clock.ts';
import { waitUntil } from '../support/wait-until.ts';
import { answerStats, startPair } from './start-pair.ts';
import { failureOf } from './test-client.ts';
import { apiError, json } from './test-server.ts';

describe('nothing is sent', () => {
  it('nothing is sent without a credential', async () => {
    const { api, server, budget, observer } = await startPair(answerStats, { environmentKey: null });
    expect(api.credentialFor('list', 'env_1')).toBeNull();
    const { failure } = await failureOf(api.listPage('env_1', { limit: 20, page: null }));
    expect(failure).toMatchObject({ reason: 'unauthorized', httpStatus: null, remedy: 'Set environment_key_file.' });
    expect([server.requests, observer.ended, budget.taken]).toEqual([[], [], 0]);
  });

  it('for what the provider does not offer', async () => {
    const { api, server } = await startPair(answerStats, { connection: { provider: 'qoder' } });
    const { failure } = await failureOf(api.listEnvironments({ limit: 20, page: null }));
    expect(failure).toMatchObject({ reason: 'client_error', message: expect.stringContaining('not offered') });
    expect(server.requests).toEqual([]);
  });

  it.each(['poll', 'stats', 'POLL', '..', '.', 'a/b', '%70oll', 'poll?x', '', 'ä', 'a'.repeat(129), 'poll\n'])(
    'with the id %j in a path',
    async (id) => {
      const { api, server, budget } = await startPair(answerStats);
      const failures = await Promise.all([
        failureOf(api.retrieve('env_1', id)),
        failureOf(api.session('env_1', id)),
        failureOf(api.lastIdleEvent('env_1', id)),
        failureOf(api.retrieve(id, 'work_1')),
        failureOf(api.stats(id)),
        failureOf(api.listPage(id, { limit: 20, page: null })),
      ]);
      expect(failures.map(({ failure }) => failure.reason)).toEqual([
        'bad_response',
        'bad_response',
        'bad_response',
        'client_error',
        'client_error',
        'client_error',
      ]);
      expect([server.requests, budget.taken]).toEqual([[], 0]);
    },
  );

  it('but GETs of the six reads, whatever is called', async () => {
    const { api, server } = await startPair((_, response) => json(response, 404, apiError('not_found_error', 'no')));
    const page = { limit: 20, page: '../poll?' };
    await Promise.all([
      failureOf(api.stats('env_1')),
      failureOf(api.listPage('env_1', page)),
      failureOf(api.retrieve('env_1', 'work_1')),
      failureOf(api.session('env_1', 'sesn_1')),
      failureOf(api.lastIdleEvent('env_1', 'sesn_2')),
      failureOf(api.listEnvironments({ ...page, includeArchived: true })),
    ]);
    expect(server.requests.map(({ method, url }) => `${method} ${url}`).sort()).toEqual([
      'GET /v1/environments/env_1/work/stats',
      'GET /v1/environments/env_1/work/work_1',
      'GET /v1/environments/env_1/work?limit=20&page=..%2Fpoll%3F',
      'GET /v1/environments?limit=20&include_archived=true&page=..%2Fpoll%3F',
      'GET /v1/sessions/sesn_1',
      'GET /v1/sessions/sesn_2/events?types=session.status_idle&order=desc&limit=1',
    ]);
  });

  it('by a read that is called off while it waits for its slot', async () => {
    const { api, server, budget } = await startPair(() => {}, { connection: { maxConcurrentRequests: 1 } });
    const first = new AbortController();
    const held = api.stats('env_1', { signal: first.signal }).catch(() => {});
    await waitUntil(() => server.requests.length === 1);
    const left = new AbortController();
    const waits = api.stats('env_2', { signal: left.signal });
    await settle();
    left.abort(new Error('the environment has left'));
    await expect(waits).rejects.toThrow('has left');
    first.abort();
    await held;
    // Of a request that was sent the token is gone, however it ended.
    expect([server.requests.length, budget.taken]).toEqual([1, 1]);
  });

  it.each([
    [401, 'with the next key'],
    [500, 'once more'],
  ])('by a read that was answered with %d and is called off while it waits to ask %s', async (status) => {
    const answers: (() => void)[] = [];
    const { api, server, budget } = await startPair(
      (_, response) => void answers.push(() => json(response, status, {})),
      { connection: { maxConcurrentRequests: 1 } },
    );
    const [own, other] = [new AbortController(), new AbortController()];
    const read = api.stats('env_1', { signal: own.signal });
    await waitUntil(() => answers.length === 1);
    const holds = api.stats('env_2', { signal: other.signal }).catch(() => {});
    await settle();
    answers[0]!();
    // The other read has the slot now.
    await waitUntil(() => answers.length === 2);
    await settle();
    own.abort(new Error('the environment has left'));
    await expect(read).rejects.toThrow('has left');
    expect([server.requests.length, budget.taken]).toEqual([2, 2]);
    other.abort();
    await holds;
  });
});
