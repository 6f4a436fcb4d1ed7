import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { simulatedApi } from '../support/simulated-api.ts';
import { RunningApp } from './running-app.ts';

const CANARY = 'canary-0a1b2c';

it('nothing that people or agents write in a session comes out of the exporter', async () => {
  await using exporter = new RunningApp();
  await using api = await simulatedApi({ scenario: 'idle', clock: exporter.clock, environments: 1 });
  const { id, environmentKey } = api.environments[0]!;
  const version = { 'anthropic-version': '2023-06-01', 'anthropic-beta': 'managed-agents-2026-04-01' };
  const post = (path: string, key: string, body: unknown) =>
    fetch(`${api.url}${path}`, {
      method: 'POST',
      headers: { ...version, authorization: `Bearer ${key}`, 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
  const session = api.enqueue(id, {
    conduct: 'awaits-approval',
    metadata: { [CANARY]: CANARY },
    toolCall: { name: CANARY, input: { command: CANARY } },
  });
  const work = `/v1/environments/${id}/work`;
  await fetch(`${api.url}${work}/poll`, { headers: { ...version, authorization: `Bearer ${environmentKey}` } });
  expect((await post(`${work}/${session}/ack`, environmentKey, {})).status).toBe(200);

  exporter.configure({
    api: { base_url: api.url, api_key: api.apiKey },
    environments: [{ id, name: 'prod', environment_key: environmentKey }],
    sessions: { after: '10s', interval: '10s' },
    // Nobody sends heartbeats here: the item is to live for as long as the test looks.
    poll: { stats_interval: '5s', list_interval: '10s' },
    state_file: exporter.path('state.json'),
  });
  await exporter.serve();
  await exporter.waitUntil(
    async () => (await exporter.value('session_waiting_items', { reason: 'requires_action' })) === 1,
  );
  const message = { type: 'user.message', content: [{ type: 'text', text: CANARY }] };
  const denial = { type: 'user.tool_result', tool_use_id: CANARY, content: [{ type: 'text', text: CANARY }] };
  expect((await post(`/v1/sessions/${session}/events`, api.apiKey, { events: [message, denial] })).status).toBe(200);

  // The canary is where the exporter reads.
  const asked = async (path: string) =>
    await (await fetch(`${api.url}${path}`, { headers: { ...version, authorization: `Bearer ${api.apiKey}` } })).text();
  expect(await asked(`/v1/sessions/${session}`)).toContain(CANARY);
  expect(await asked(`/v1/sessions/${session}/events`)).toContain(CANARY);
  const seen = api.truth().requests.session_events?.[200] ?? 0;
  await exporter.waitUntil(() => (api.truth().requests.session_events?.[200] ?? 0) > seen + 2);

  const shown = await Promise.all(
    ['/', '/metrics', '/api/v1/environments', `/api/v1/environments/${id}`].map(async (path) => {
      const answer = await fetch(`${exporter.url}${path}`);
      expect(answer.status, path).toBe(200);
      return await answer.text();
    }),
  );
  expect(shown.at(-1)).toContain('requires_action');
  await exporter.app.stop();
  const kept = readFileSync(exporter.path('state.json'), 'utf8');
  expect(kept).toContain(id);
  for (const text of [...shown, kept, JSON.stringify(exporter.log)]) expect(text).not.toContain(CANARY);
});
