import { describe, expect, it } from 'vitest';
import type { Switches } from '../../../src/simulator/queue/switches.ts';
import { PROVIDERS } from '../../../src/wire/presets.ts';
import { ManualClock } from '../../support/manual-clock.ts';
import { listSchema, statsSchema, workSchema } from '../support/schemas.ts';
import { call, control, testSimulator } from '../support/simulators.ts';

/** One item of a simulator with some switches changed, and the simulator. Its time stands still unless it is advanced. */
async function itemWith(switches: Partial<Switches>) {
  const simulator = await testSimulator({ switches, clock: new ManualClock() });
  const { id, environmentKey } = simulator.prod;
  const workId = simulator.enqueue(id);
  const path = `/v1/environments/${id}/work`;
  const { body } = await call(simulator, simulator.apiKey, `${path}/${workId}`);
  return { simulator, path, work: workSchema.parse(body), workId, environmentKey };
}

describe('switches', () => {
  it('actor: an undocumented key, null', async () => {
    expect((await itemWith({})).work).toHaveProperty('actor', null);
    expect((await itemWith({ actor: false })).work).not.toHaveProperty('actor');
  });

  it('secretKey: null, or not there', async () => {
    expect((await itemWith({})).work).toHaveProperty('secret', null);
    expect((await itemWith({ secretKey: 'missing' })).work).not.toHaveProperty('secret');
  });

  it.each([0, 3, 6, 9])('fractionDigits: %i', async (fractionDigits) => {
    const { work } = await itemWith({ fractionDigits });
    expect(/\.(\d+)Z$/.exec(work.created_at)?.[1]?.length ?? 0).toBe(fractionDigits);
  });

  it('idForm: the id of the session, or one of its own', async () => {
    const own = (await itemWith({ idForm: 'work' })).work;
    expect(own.id).toMatch(/^work_/);
    expect(own.data.id).toMatch(/^sesn_/);
    const shared = (await itemWith({})).work;
    expect(shared.id).toBe(shared.data.id);
  });

  it('startedAt: null until the enqueue stamp is due', async () => {
    const { simulator, path, work, workId } = await itemWith({});
    expect(work.started_at).toBeNull();
    simulator.advance(1);
    const later = await call(simulator, simulator.apiKey, `${path}/${workId}`);
    expect(workSchema.parse(later.body).started_at).not.toBeNull();
  });

  it('stopStatus: 204 without a body', async () => {
    const { simulator, path, workId, environmentKey } = await itemWith({ stopStatus: 204 });
    const answer = await call(simulator, environmentKey, `${path}/${workId}/stop`, { method: 'POST', body: {} });
    expect(answer).toMatchObject({ status: 204, body: null });
  });

  it('workersPollingNull: statistics that do not know', async () => {
    const { simulator, path } = await itemWith({ workersPollingNull: true });
    const { body } = await call(simulator, simulator.apiKey, `${path}/stats`);
    expect(statsSchema.parse(body).workers_polling).toBeNull();
  });

  it('maxPageSize and overLimit: refused or capped', async () => {
    const refused = await itemWith({ maxPageSize: 100 });
    const strict = await call(refused.simulator, refused.environmentKey, `${refused.path}?limit=101`);
    expect(strict.status).toBe(400);
    const capped = await itemWith({ maxPageSize: 100, overLimit: 'cap' });
    const mild = await call(capped.simulator, capped.environmentKey, `${capped.path}?limit=101`);
    expect(mild.status).toBe(200);
  });
});

describe('bodies that make no sense', () => {
  it.each([
    ['', { metadata: { a: 1 } }, 'invalid_metadata'],
    ['', {}, 'invalid_metadata'],
    ['/stop', { force: 'yes' }, undefined],
    ['/heartbeat?desired_ttl_seconds=0', undefined, undefined],
  ])('POST work%s %o gets 400', async (path, body, code) => {
    const { simulator, path: work, workId } = await itemWith({ listCredential: 'lenient' });
    const key = path === '' || path === '/stop' ? simulator.apiKey : simulator.prod.environmentKey;
    const answer = await call(simulator, key, `${work}/${workId}${path}`, { method: 'POST', body });
    expect(answer.status).toBe(400);
    expect((answer.body.error as { details?: { error_code: string } }).details?.error_code).toBe(code);
  });

  it('events that make no sense get 400', async () => {
    const { simulator, work } = await itemWith({});
    const path = `/v1/sessions/${work.data.id}/events`;
    for (const body of [{}, { events: 'x' }, { events: [null] }]) {
      expect((await call(simulator, simulator.apiKey, path, { method: 'POST', body })).status).toBe(400);
    }
    expect((await call(simulator, simulator.apiKey, `${path}?page=page_evt_x`)).status).toBe(400);
  });
});

describe.each(PROVIDERS)('the preset %s', (preset) => {
  it('serves steady work in the shapes of the reference', async () => {
    const simulator = await testSimulator({ preset, scenario: 'steady' });
    const path = `${preset === 'qoder' ? '/api/v1/cloud' : '/v1'}/environments/${simulator.prod.id}/work`;
    const key = preset === 'anthropic' || preset === 'opensdlc' ? simulator.prod.environmentKey : simulator.apiKey;
    const headers = { 'anthropic-workspace-id': 'wrkspc_test' };
    const list = await call(simulator, key, `${path}?limit=100`, { headers });
    expect(listSchema.parse(list.body).data.length).toBeGreaterThan(20);
    const stats = await call(simulator, key, `${path}/stats`, { headers });
    expect(statsSchema.parse(stats.body).workers_polling).toBeGreaterThan(0);
  });
});

it('environments can be chosen by number or by name', async () => {
  const many = await testSimulator({ environments: 7 });
  expect(many.environments.map(({ name }) => name)).toEqual([
    'prod',
    'staging',
    'batch',
    'prod-2',
    'staging-2',
    'batch-2',
    'prod-3',
  ]);
  for (const { id } of many.environments) expect(id).toMatch(/^[A-Za-z0-9_-]+$/);
  const drill = await testSimulator({ environments: [{ id: 'env_drill_burst', name: 'DRILL burst' }] });
  expect(drill.environments).toMatchObject([{ id: 'env_drill_burst', name: 'DRILL burst' }]);
  expect((await control(drill, 'items', { environment_id: 'env_drill_burst' })).status).toBe(200);
});
