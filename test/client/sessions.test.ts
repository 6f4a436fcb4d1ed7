import { describe, expect, it } from 'vitest';
import { startPair } from './start-pair.ts';
import { API_KEY, ENVIRONMENT_KEY, failureOf } from './test-client.ts';
import { apiError, json } from './test-server.ts';

const AT = Date.UTC(2026, 10, 25, 10);
const CANARY = 'canary-0a1b2c';

/** A session with a text in every field that people write to. */
const SESSION = {
  id: CANARY,
  type: 'session',
  status: 'idle',
  title: CANARY,
  metadata: { [CANARY]: CANARY },
  environment_id: CANARY,
  agent: { name: CANARY, system: CANARY, tools: [{ name: CANARY }] },
  resources: [{ type: CANARY, url: CANARY }],
  vault_ids: [CANARY],
  [CANARY]: CANARY,
  stats: { active_seconds: 12.5, duration_seconds: 60, [CANARY]: CANARY },
  created_at: '2026-11-25T09:00:00Z',
  updated_at: '2026-11-25T10:00:00Z',
  archived_at: null,
};

const IDLE = {
  id: CANARY,
  type: 'session.status_idle',
  processed_at: '2026-11-25T10:00:00Z',
  stop_reason: { type: 'requires_action', event_ids: [CANARY], [CANARY]: CANARY },
  stop_details: CANARY,
  content: [{ type: 'text', text: CANARY }],
  input: { command: CANARY },
};

describe('a session', () => {
  it('is read as two facts and nothing else', async () => {
    const { api, observer } = await startPair((_, response) => json(response, 200, SESSION));
    const reply = await api.session('env_1', 'sesn_1');
    expect(reply.value).toEqual({ status: 'idle', updatedAt: AT });
    expect(JSON.stringify([reply, observer])).not.toContain(CANARY);
  });

  it.each([
    ['running', 'running'],
    ['rescheduling', 'rescheduling'],
    ['terminated', 'terminated'],
    ['dreaming', 'other'],
    ['other', 'other'],
  ])('with the status %s is %s', async (status, expected) => {
    const { api } = await startPair((_, response) => json(response, 200, { status }));
    expect((await api.session('env_1', 'sesn_1')).value).toEqual({
      status: expected,
      updatedAt: null,
    });
  });

  it.each([
    [{}, 'status'],
    [{ status: 7 }, 'status'],
    [{ status: 'idle', updated_at: CANARY }, 'updated_at'],
    [[], 'an object'],
  ])('that is %j is a bad answer, and nothing of it is quoted', async (body, where) => {
    const { api } = await startPair((_, response) => json(response, 200, body));
    const { failure } = await failureOf(api.session('env_1', 'sesn_1'));
    expect(failure).toMatchObject({ reason: 'bad_response', message: expect.stringContaining(where) });
    expect(JSON.stringify(failure)).not.toContain(CANARY);
  });
});

describe('the last idle event', () => {
  it('is read as two facts and nothing else', async () => {
    const { api } = await startPair((_, response) => json(response, 200, { data: [IDLE], next_page: CANARY }));
    const reply = await api.lastIdleEvent('env_1', 'sesn_1');
    expect(reply.value).toEqual({ processedAt: AT, reason: 'requires_action' });
    expect(JSON.stringify(reply)).not.toContain(CANARY);
  });

  it.each([
    [{ type: 'end_turn' }, 'end_turn'],
    [{ type: 'retries_exhausted' }, 'retries_exhausted'],
    [{ type: 'new_reason' }, 'other'],
    [{}, 'other'],
    [null, 'other'],
    ['requires_action', 'other'],
  ])('with the stop reason %j is %s', async (stop_reason, reason) => {
    const { api } = await startPair((_, response) =>
      json(response, 200, { data: [{ ...IDLE, processed_at: null, stop_reason }] }),
    );
    expect((await api.lastIdleEvent('env_1', 'sesn_1')).value).toEqual({ processedAt: null, reason });
  });

  it('is none where there is none, or where the service knows no filter and shows another event', async () => {
    for (const data of [[], [{ ...IDLE, type: 'agent.message' }, IDLE]]) {
      const { api } = await startPair((_, response) => json(response, 200, { data }));
      expect((await api.lastIdleEvent('env_1', 'sesn_1')).value).toBeNull();
    }
  });
});

describe('the key of a session', () => {
  const headersOf = async (options: Parameters<typeof startPair>[1]) => {
    const { api, server } = await startPair((_, response) => json(response, 200, SESSION), options);
    await api.session('env_1', 'sesn_1');
    return server.requests[0]!.headers;
  };

  it('is the API key, else the environment key', async () => {
    expect(await headersOf({})).toMatchObject({ 'x-api-key': API_KEY });
    expect(await headersOf({ apiKey: null })).toMatchObject({ authorization: `Bearer ${ENVIRONMENT_KEY}` });
  });

  it.each([
    [401, API_KEY, false],
    [403, API_KEY, null],
    [401, null, null],
    [403, null, null],
  ])(
    'that is refused with %i as %s is judged %s: the key may be good for everything else',
    async (status, apiKey, judged) => {
      const { api, observer } = await startPair(
        (_, response) => json(response, status, apiError('permission_error', 'no')),
        { apiKey },
      );
      await failureOf(api.session('env_1', 'sesn_1'));
      expect(observer.judged.map(({ accepted }) => accepted)).toEqual(judged === null ? [] : [judged]);
    },
  );
});
