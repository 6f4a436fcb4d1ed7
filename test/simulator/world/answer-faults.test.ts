import { expect, it } from 'vitest';
import { call, testSimulator } from '../support/simulators.ts';

it('stats may come without the oldest, from a cache and with white space after them', async () => {
  const simulator = await testSimulator({ scenario: 'idle' });
  simulator.enqueue(simulator.prod.id);
  const path = `/v1/environments/${simulator.prod.id}/work/stats`;
  const ask = () => call(simulator, simulator.apiKey, path);
  expect((await ask()).body).toMatchObject({ depth: 1, oldest_queued_at: expect.any(String) });
  simulator.setFaults([{ kind: 'no_oldest' }]);
  expect((await ask()).body).toMatchObject({ depth: 1, oldest_queued_at: null });
  const headers = { 'x-api-key': simulator.apiKey, 'anthropic-version': '2023-06-01' };
  const beta = { 'anthropic-beta': 'managed-agents-2026-04-01' };
  simulator.setFaults([
    { kind: 'cached', ageSeconds: 3600 },
    { kind: 'oversized', bytes: 100_000 },
  ]);
  const answer = await fetch(simulator.url + path, { headers: { ...headers, ...beta } });
  expect(answer.headers.get('age')).toBe('3600');
  expect((await answer.text()).length).toBe(100_000);
});

it('an answer may be old without saying so, for as long as the fault says, and acts are none', async () => {
  const simulator = await testSimulator({ scenario: 'idle' });
  const path = `/v1/environments/${simulator.prod.id}/work/stats`;
  const depth = async () => (await call(simulator, simulator.apiKey, path)).body.depth;
  simulator.setFaults([{ kind: 'outdated', seconds: 60 }]);
  expect(await depth()).toBe(0);
  simulator.enqueue(simulator.prod.id);
  expect(await depth()).toBe(0);
  simulator.advance(61);
  expect(await depth()).toBe(1);
  const poll = () => call(simulator, simulator.prod.environmentKey, `/v1/environments/${simulator.prod.id}/work/poll`);
  expect((await poll()).body).not.toBeNull();
  simulator.setFaults([]);
  expect(await depth()).toBe(0);
});

it('pages may say that more follow without a cursor, of work and of environments', async () => {
  const simulator = await testSimulator({ scenario: 'idle' });
  simulator.setFaults([{ kind: 'more_without_cursor' }]);
  const contradiction = { next_page: null, has_more: true, last_id: null };
  const work = `/v1/environments/${simulator.prod.id}/work`;
  expect((await call(simulator, simulator.prod.environmentKey, work)).body).toMatchObject(contradiction);
  expect((await call(simulator, simulator.apiKey, '/v1/environments')).body).toMatchObject(contradiction);
});

it('a page of environments is cut to the largest where the list of work is, too', async () => {
  const switches = { maxEnvironmentsPageSize: 2, overLimit: 'cap' } as const;
  const simulator = await testSimulator({ scenario: 'idle', switches });
  const { body } = await call(simulator, simulator.apiKey, '/v1/environments?limit=1000');
  expect(body).toMatchObject({ data: [expect.anything(), expect.anything()], next_page: expect.any(String) });
});
