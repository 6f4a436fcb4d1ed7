import { describe, expect, it } from 'vitest';
import { environmentSchema, workSchema } from '../support/schemas.ts';
import { call } from '../support/simulators.ts';
import { PATH, scene } from './environments-scene.ts';

describe('POST /v1/environments/{id}/archive', () => {
  it('takes it out of the list, unless archived ones are asked for', async () => {
    const { simulator, ask, listed } = await scene();
    const { id } = simulator.prod;
    simulator.advance(5);
    const archived = environmentSchema.parse((await ask('POST', `/${id}/archive`)).body);
    expect(archived.archived_at).toBe(simulator.truth().now);
    expect(archived.updated_at).toBe(archived.archived_at);
    expect(await listed()).not.toContain(id);
    expect(await listed('&include_archived=true')).toContain(id);
    expect((await ask('GET', `/${id}`)).body).toEqual(archived);
    expect(simulator.environments.map((environment) => environment.id)).not.toContain(id);
  });

  it('archiving an environment a second time changes nothing', async () => {
    const { simulator, ask } = await scene();
    const path = `/${simulator.prod.id}/archive`;
    const { body } = await ask('POST', path);
    simulator.advance(60);
    expect((await ask('POST', path)).body).toEqual(body);
  });

  it('lets what is there be listed, counted and worked on, and takes nothing new', async () => {
    const { simulator, ask } = await scene();
    const { id, environmentKey } = simulator.prod;
    const work = simulator.enqueue(id);
    await ask('POST', `/${id}/archive`);
    expect(() => simulator.enqueue(id)).toThrow(`Environment ${id} is archived`);
    expect((await ask('GET', `/${id}/work/stats`)).body).toMatchObject({ depth: 1 });
    const act = (method: string, path: string, body?: unknown) =>
      call(simulator, environmentKey, `${PATH}/${id}/work${path}`, { method, body });
    expect((await act('GET', '/poll')).body.id).toBe(work);
    expect((await act('POST', `/${work}/ack`)).status).toBe(200);
    await act('POST', `/${work}/stop`, { force: true });
    const { body } = await act('GET', '');
    expect((body.data as unknown[]).map((item) => workSchema.parse(item).state)).toEqual(['stopped']);
    expect((await ask('GET', `/${id}/work/stats`)).body).toMatchObject({ depth: 0, pending: 0 });
  });

  it.each(['saturated', 'burst', 'requeue-storm'])(
    'lets the workers of %s finish, while nothing comes or comes back, whatever the scenario becomes',
    async (scenario) => {
      const { simulator, ask } = await scene({ scenario, environments: 1 });
      const { id, environmentKey } = simulator.prod;
      const items = async () => {
        const { body } = await call(simulator, environmentKey, `${PATH}/${id}/work?limit=1000`);
        return (body.data as unknown[]).map((item) => workSchema.parse(item));
      };
      await ask('POST', `/${id}/archive`);
      const before = await items();
      expect(before.some(({ state }) => state === 'active')).toBe(true);
      simulator.advance(600);
      simulator.setScenario('no-workers');
      simulator.advance(3600);
      const after = await items();
      expect(after.map((item) => item.id)).toEqual(before.map((item) => item.id));
      expect(new Set(after.map(({ state }) => state))).toEqual(new Set(['stopped']));
      const ended = before.filter(({ state }) => state === 'stopped');
      expect(after).toEqual(expect.arrayContaining(ended));
    },
  );
});
