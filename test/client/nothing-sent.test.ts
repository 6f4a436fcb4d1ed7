import { describe, expect, it } from 'vitest';
import { answerStats, startPair } from './start-pair.ts';
import { failureOf } from './test-client.ts';
import { apiError, json } from './test-server.ts';

describe('nothing is sent', () => {
  it('without a credential', async () => {
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
});
