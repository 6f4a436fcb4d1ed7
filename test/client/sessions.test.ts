import { expect, it } from 'vitest';
import { API_KEY, failureOf, startPair } from './test-client.ts';
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

it('of a session and its last idle event two facts each are read and nothing else', async () => {
  const { api, unknown, sent } = await startPair(({ url = '' }, response) =>
    json(response, 200, url.includes('events') ? { data: [IDLE], next_page: CANARY } : SESSION),
  );
  const replies = [await api.session('env_1', 'sesn_1'), await api.lastIdleEvent('env_1', 'sesn_1')];
  expect(replies.map(({ value }) => value)).toEqual([
    { status: 'idle', updatedAt: AT },
    { processedAt: AT, reason: 'requires_action' },
  ]);
  expect(JSON.stringify([replies, unknown, sent])).not.toContain(CANARY);
});

it.each([
  [401, API_KEY, { api_key: true }],
  [403, API_KEY, {}],
  [401, null, {}],
  [403, null, {}],
])('a refusal of a session with %i is no verdict on a key that may be good for all else: %s, %j', async (...row) => {
  const [status, apiKey, judged] = row;
  const { api, verdicts } = await startPair((_, response) => json(response, status, apiError('x', 'no')), { apiKey });
  await failureOf(api.session('env_1', 'sesn_1'));
  expect(verdicts).toEqual(judged);
});
