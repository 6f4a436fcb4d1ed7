import { expect, it } from 'vitest';
import { Drill } from '../../src/app/drill.ts';
import { serverDeps, startServer } from '../support/http-server.ts';
import { ManualClock } from '../support/manual-clock.ts';
import { NOW } from '../support/states.ts';

async function running() {
  const drill = new Drill(new ManualClock(NOW));
  const server = await startServer(serverDeps([], { drill }));
  const ask = async (method: string, query = '', body: string | null = null) => {
    const answer = await fetch(`${server.url}/-/drill${query}`, { method, body });
    return { status: answer.status, body: (await answer.json()) as { error?: { remedy: string } } };
  };
  return { drill, ask, [Symbol.asyncDispose]: () => server[Symbol.asyncDispose]() };
}

const BEGUN = {
  condition: 'no_workers',
  severity: 'critical',
  environment_id: 'env_drill_no_workers',
  environment_name: 'DRILL no_workers',
  started_at: '2026-11-24T12:00:00.000Z',
  ends_at: '2026-11-24T12:05:00.000Z',
};

it('begins a drill, says that it runs, and ends it', async () => {
  await using on = await running();
  expect(await on.ask('GET')).toMatchObject({ status: 404, body: { error: { code: 'no_drill' } } });
  expect(await on.ask('POST', '?condition=no_workers&minutes=5')).toEqual({ status: 200, body: BEGUN });
  expect(await on.ask('GET')).toEqual({ status: 200, body: BEGUN });
  expect(await on.ask('POST', '?condition=runs_lost')).toMatchObject({
    status: 409,
    body: { error: { code: 'drill_running', remedy: 'End it first: DELETE /-/drill.' } },
  });
  expect(await on.ask('DELETE')).toEqual({ status: 200, body: { ended: true } });
  expect(await on.ask('DELETE')).toMatchObject({ status: 404, body: { error: { code: 'no_drill' } } });
});

it.each([
  ['nothing', ''],
  ['no condition', '?minutes=5'],
  ['an unknown one', '?condition=fire'],
  ['one of a connection', '?condition=api_unreachable'],
  ['two', '?condition=no_workers&condition=runs_lost'],
  ['too long a time', '?condition=no_workers&minutes=100000'],
  ['too short a one', '?condition=no_workers&minutes=0'],
  ['no number', '?condition=no_workers&minutes=long'],
  ['the body of earlier versions', '', '{"scenario":"no-workers","minutes":15}'],
])('says what to ask for where the request names %s', async (_, query, body = '') => {
  await using on = await running();
  const answer = await on.ask('POST', query, body);
  expect(answer).toMatchObject({ status: 400, body: { error: { code: 'drill_invalid' } } });
  expect(answer.body.error?.remedy).toContain('POST /-/drill?condition=no_workers&minutes=');
  expect(on.drill.info).toBeNull();
});

it('needs the right to change the process', async () => {
  const drill = new Drill(new ManualClock(NOW));
  await using server = await startServer(serverDeps([], { drill, config: { lifecycle: 'off' } }));
  for (const method of ['POST', 'DELETE', 'GET']) {
    expect((await fetch(`${server.url}/-/drill?condition=no_workers`, { method })).status).toBe(403);
  }
  expect(drill.info).toBeNull();
});
