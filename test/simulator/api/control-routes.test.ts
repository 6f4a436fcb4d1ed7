import { describe, expect, it } from 'vitest';
import { call, control, type TestSimulator, testSimulator } from '../support/simulators.ts';

const get = async (simulator: TestSimulator, path: string) => (await call(simulator, '', `/_sim/${path}`)).body;

describe('/_sim/truth', () => {
  it('answers the same as the function, by environment id', async () => {
    const simulator = await testSimulator({ scenario: 'steady', speed: 0 });
    expect(await get(simulator, 'truth')).toEqual(JSON.parse(JSON.stringify(simulator.truth())));
    expect(Object.keys(simulator.truth().environments)).toEqual(simulator.environments.map(({ id }) => id));
  });

  it('judges staleness by the thresholds that it is asked with', async () => {
    const simulator = await testSimulator();
    const { id, environmentKey } = simulator.prod;
    const [starting, active] = [simulator.enqueue(id), simulator.enqueue(id)];
    const post = (path: string) =>
      call(simulator, environmentKey, `/v1/environments/${id}/work/${path}`, { method: 'POST' });
    await post(`${starting}/ack`);
    await post(`${active}/ack`);
    await post(`${active}/heartbeat`);
    simulator.advance(60);
    const stale = async (query: string) =>
      ((await get(simulator, `truth${query}`)).environments as ReturnType<TestSimulator['truth']>['environments'])[id]!
        .stale_heartbeat_items;
    expect(await get(simulator, 'truth?starting=soon')).toMatchObject({ error: { code: 'invalid_body' } });
    expect(await stale('')).toEqual({ starting: 0, active: 0, stopping: 0 });
    expect(await stale('?stale_heartbeat=59')).toEqual({ starting: 0, active: 1, stopping: 0 });
    expect(await stale('?stale_heartbeat=59&starting=59')).toEqual({ starting: 1, active: 1, stopping: 0 });
  });
});

describe('/_sim/scenario', () => {
  it('begins another one with the same environments, keys and items', async () => {
    const simulator = await testSimulator({ scenario: 'steady' });
    const before = simulator.truth().environments[simulator.prod.id]!;
    const { environments, apiKey } = simulator;
    const answer = await control(simulator, 'scenario', { scenario: 'auth-expired' });
    expect(answer.body).toMatchObject({ scenario: 'auth-expired', expect: simulator.scenario.expect });
    expect(simulator.scenario.name).toBe('auth-expired');
    expect({ environments: simulator.environments, apiKey: simulator.apiKey }).toEqual({ environments, apiKey });
    const after = simulator.truth().environments[simulator.prod.id]!;
    expect(after.totals.created).toBeGreaterThanOrEqual(before.totals.created);
    const refused = await call(simulator, apiKey, `/v1/environments/${simulator.prod.id}/work/stats`);
    expect(refused.status).toBe(401);
    await control(simulator, 'scenario', { scenario: 'steady' });
    expect((await call(simulator, apiKey, `/v1/environments/${simulator.prod.id}/work/stats`)).status).toBe(200);
  });
});

it('/_sim/faults: they can be set, shown and cleared', async () => {
  const simulator = await testSimulator();
  const faults = [{ kind: 'status', status: 503, endpoints: ['stats'], count: 2 }];
  expect((await control(simulator, 'faults', { faults })).body).toEqual({ faults });
  expect(await get(simulator, 'faults')).toEqual({ faults });
  expect((await call(simulator, '', '/_sim/faults', { method: 'DELETE' })).body).toEqual({ faults: [] });
});

describe('/_sim/clock', () => {
  it('jumps ahead, changes the speed, and sets the API clock ahead, in stamps and in Date', async () => {
    const simulator = await testSimulator({ speed: 0 });
    const before = Date.parse(simulator.truth().now);
    await control(simulator, 'clock', { advance: 120 });
    expect(Date.parse(simulator.truth().now) - before).toBe(120_000);
    await control(simulator, 'clock', { skew: 3600 });
    simulator.enqueue(simulator.prod.id);
    const { oldest_queued_at } = simulator.truth().environments[simulator.prod.id]!;
    expect(Date.parse(oldest_queued_at!) - before).toBe(3_720_000);
    const { headers } = await call(simulator, simulator.apiKey, '/v1/environments');
    expect(Math.round((Date.parse(headers.get('date')!) - before) / 1000 / 60)).toBe(62);
    expect((await control(simulator, 'clock', { speed: 60 })).body.speed).toBe(60);
  });

  it.each([{ advance: 86_400, skew: 315_360_000 }, { skew: -315_360_000 }])('takes %o, and goes on', async (body) => {
    const simulator = await testSimulator();
    expect((await control(simulator, 'clock', body)).status).toBe(200);
    expect((await call(simulator, simulator.apiKey, '/v1/environments')).status).toBe(200);
  });
});

describe('/_sim/items and /_sim/sessions', () => {
  it('POST /_sim/items adds items', async () => {
    const simulator = await testSimulator();
    const { id, environmentKey } = simulator.prod;
    const { body } = await control(simulator, 'items', {
      environment_id: id,
      count: 2,
      type: 'healthcheck',
      metadata: { team: 'docs' },
    });
    const listed = await call(simulator, environmentKey, `/v1/environments/${id}/work`);
    expect((listed.body.data as unknown[]).length).toBe(2);
    expect((body.items as { metadata: unknown }[])[0]!.metadata).toEqual({ team: 'docs' });
  });

  it('a session can be terminated over /_sim/sessions, and takes no events then', async () => {
    const simulator = await testSimulator();
    const sessionId = simulator.enqueue(simulator.prod.id);
    await control(simulator, 'sessions', { session_id: sessionId, status: 'terminated' });
    const path = `/v1/sessions/${sessionId}`;
    expect((await call(simulator, simulator.apiKey, path)).body.status).toBe('terminated');
    const body = { events: [{ type: 'user.message', content: [] }] };
    expect((await call(simulator, simulator.apiKey, `${path}/events`, { method: 'POST', body })).status).toBe(400);
  });
});

describe('a request that makes no sense', () => {
  it.each([
    ['scenario', { scenario: 'none' }, 'unknown_scenario'],
    ['scenario', {}, 'invalid_body'],
    ['faults', { faults: [{ kind: 'flood' }] }, 'invalid_body'],
    ['faults', { faults: [{ kind: 'status' }] }, 'invalid_body'],
    ['faults', { faults: [{ kind: 'reset', probability: 2 }] }, 'invalid_body'],
    ['clock', { advance: -1 }, 'invalid_body'],
    ['clock', { advance: 1e300 }, 'invalid_body'],
    ['clock', { skew: -1e18 }, 'invalid_body'],
    ['faults', { faults: [{ kind: 'date_skew', seconds: 1e18 }] }, 'invalid_body'],
    ['faults', { faults: [{ kind: 'latency', seconds: 1e300 }] }, 'invalid_body'],
    ['items', { environment_id: 'env_unknown' }, 'simulator_404'],
    ['sessions', { session_id: 'sesn_unknown', status: 'terminated' }, 'simulator_404'],
  ])('%s %o gets 400 and says why', async (path, body, code) => {
    const simulator = await testSimulator();
    const answer = await control(simulator, path, body);
    expect(answer.status).toBe(400);
    expect(answer.body).toMatchObject({ error: { code, message: expect.stringMatching(/.+/) } });
  });

  it('a path that does not exist gets the API’s 404', async () => {
    const simulator = await testSimulator();
    const answer = await call(simulator, simulator.apiKey, '/v1/nothing');
    expect(answer.status).toBe(404);
    expect(answer.body).toMatchObject({ type: 'error', error: { type: 'not_found_error' } });
  });
});
