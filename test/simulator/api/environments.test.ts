import { describe, expect, it } from 'vitest';
import { scenarioSchema } from '../../../src/simulator/scenario-schema.ts';
import { scriptOf } from '../../../src/simulator/scenarios.ts';
import { environmentSchema, environmentsSchema, workSchema } from '../support/schemas.ts';
import { call, type TestSimulator, testSimulator } from '../support/simulators.ts';

const listed = async (simulator: TestSimulator, query = '') =>
  environmentsSchema.parse((await call(simulator, simulator.apiKey, `/v1/environments?limit=1000${query}`)).body).data;

/** A simulator whose time stands still, with these environments. */
function simulatorOf(environments: readonly object[]) {
  const file = scenarioSchema.parse({ environments });
  return testSimulator({ speed: 0, scenario: scriptOf(file, { name: 'own' }) });
}

describe('environments that come and go', () => {
  it('one that appears has the scenario from then on, a key of its own, and is the newest', async () => {
    const simulator = await simulatorOf([{ name: 'prod' }, { name: 'new', appears: 10 }]);
    expect((await listed(simulator)).map(({ name }) => name)).not.toContain('new');
    simulator.advance(601);
    const { id, name } = (await listed(simulator))[0]!;
    expect(name).toBe('new');
    simulator.advance(600);
    expect(simulator.truth().environments[id]!.totals.stopped).toBeGreaterThan(0);
    const path = `/v1/environments/${id}/work`;
    const own = simulator.environments.find((one) => one.id === id)!.environmentKey;
    expect((await call(simulator, own, path)).status).toBe(200);
    expect((await call(simulator, simulator.prod.environmentKey, path)).status).toBe(403);
    simulator.setScenario('steady');
    const before = simulator.truth().environments[id]!.totals.created;
    simulator.advance(600);
    expect(simulator.truth().environments[id]!.totals.created).toBeGreaterThan(before);
  });

  it('what is in one that is archived is finished, and nothing comes, whatever the scenario becomes', async () => {
    const busy = { wake: { share: 0.9, after: '5s' }, arrivals: [{ per_minute: 6 }, { at: 'start', items: 10 }] };
    const simulator = await simulatorOf([{ name: 'prod', archived: 1, ...busy }]);
    const { id, environmentKey } = simulator.prod;
    const items = async () => {
      const { body } = await call(simulator, environmentKey, `/v1/environments/${id}/work?limit=1000`);
      return (body.data as unknown[]).map((item) => workSchema.parse(item));
    };
    simulator.advance(60);
    const before = await items();
    expect(before.some(({ state }) => state === 'active')).toBe(true);
    expect(() => simulator.enqueue(id)).toThrow(`Environment ${id} is archived`);
    simulator.advance(600);
    simulator.setScenario('no-workers');
    simulator.advance(3600);
    const after = await items();
    expect(after.map((item) => item.id)).toEqual(before.map((item) => item.id));
    expect(new Set(after.map(({ state }) => state))).toEqual(new Set(['stopped']));
    expect(after).toEqual(expect.arrayContaining(before.filter(({ state }) => state === 'stopped')));
  });

  it('one that is deleted is gone with what happened in it, and everything else goes on', async () => {
    const simulator = await simulatorOf([{ name: 'prod' }, { name: 'old', deleted: 1 }]);
    const { id } = simulator.environments[1]!;
    simulator.advance(3600);
    expect(Object.keys(simulator.truth().environments)).toEqual([simulator.prod.id]);
    expect((await listed(simulator, '&include_archived=true')).map((one) => one.id)).not.toContain(id);
    expect((await call(simulator, simulator.apiKey, `/v1/environments/${id}/work/stats`)).status).toBe(404);
  });
});

it('/_sim/environments tells all of them with their keys', async () => {
  const simulator = await testSimulator();
  const { id, environmentKey } = simulator.prod;
  simulator.archive(simulator.environment(id)!);
  const { body } = await call(simulator, '', '/_sim/environments');
  const rows = body.environments as { id: string; environment_key: string }[];
  expect(rows).toHaveLength(6);
  const { environment_key, ...shown } = rows.find((row) => row.id === id)!;
  expect(environmentSchema.parse(shown).archived_at).not.toBeNull();
  expect(environment_key).toBe(environmentKey);
});
