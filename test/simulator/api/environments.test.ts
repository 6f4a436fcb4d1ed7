import { describe, expect, it } from 'vitest';
import type { SimulatorOptions } from '../../../src/simulator/start-simulator.ts';
import { environmentSchema, environmentsSchema, errorSchema, statsSchema, workSchema } from '../support/schemas.ts';
import { call, type TestSimulator, testSimulator } from '../support/simulators.ts';

const PATH = '/v1/environments';

/** A simulator whose time stands still, and requests with its API key. */
async function scene(options: Partial<SimulatorOptions> = {}) {
  const simulator = await testSimulator({ speed: 0, ...options });
  const ask = (method: string, path = '', body?: unknown) =>
    call(simulator, simulator.apiKey, `${PATH}${path}`, { method, body });
  const create = async (body: object = {}) => {
    const { status, body: answer } = await ask('POST', '', { name: 'new', config: { type: 'self_hosted' }, ...body });
    expect(status).toBe(200);
    return environmentSchema.parse(answer);
  };
  const listed = async (query = '') =>
    environmentsSchema.parse((await ask('GET', `?limit=1000${query}`)).body).data.map(({ id }) => id);
  return { simulator, ask, create, listed };
}

function keyOf(simulator: TestSimulator, id: string): string {
  return simulator.environments.find((environment) => environment.id === id)!.environmentKey;
}

describe('POST /v1/environments', () => {
  it('is found by whoever pages through the list, one by one', async () => {
    const { ask, create, listed } = await scene();
    await create();
    await create();
    const ids: string[] = [];
    for (let page: string | null | undefined = ''; page !== null && page !== undefined; ) {
      const { body } = await ask('GET', `?limit=1${page === '' ? '' : `&page=${page}`}`);
      const { data, next_page } = environmentsSchema.parse(body);
      ids.push(...data.map(({ id }) => id));
      page = next_page;
    }
    expect(ids).toEqual(await listed());
  });

  it('has a queue of its own, whose key is that of no other environment', async () => {
    const { simulator, ask, create } = await scene();
    const { id } = await create();
    const work = simulator.enqueue(id);
    const stats = statsSchema.parse((await ask('GET', `/${id}/work/stats`)).body);
    expect(stats).toMatchObject({ depth: 1, pending: 0 });
    const list = await call(simulator, keyOf(simulator, id), `${PATH}/${id}/work`);
    expect((list.body.data as { id: string }[]).map((item) => item.id)).toEqual([work]);
    expect((await call(simulator, simulator.prod.environmentKey, `${PATH}/${id}/work`)).status).toBe(403);
    expect((await call(simulator, keyOf(simulator, id), `${PATH}/${simulator.prod.id}/work`)).status).toBe(403);
  });

  it('has the scenario that is on from the start, and the next one, too', async () => {
    const { simulator, create } = await scene({ scenario: 'steady', environments: 1 });
    const { id } = await create();
    expect(simulator.truth().environments[id]!.totals.created).toBe(0);
    simulator.advance(600);
    const { created, stopped } = simulator.truth().environments[id]!.totals;
    expect(stopped).toBeGreaterThan(0);
    simulator.setScenario('steady');
    simulator.advance(600);
    expect(simulator.truth().environments[id]!.totals.created).toBeGreaterThan(created);
  });

  it('is a cloud one where the body does not say, and then there is no work in it', async () => {
    const { simulator, ask } = await scene({ scenario: 'no-workers', environments: 1 });
    const { body } = await ask('POST', '', { name: 'cloud' });
    const { id, config } = environmentSchema.parse(body);
    expect(config.type).toBe('cloud');
    expect(simulator.environments.map((environment) => environment.id)).not.toContain(id);
    simulator.advance(3600);
    const stats = statsSchema.parse((await ask('GET', `/${id}/work/stats`)).body);
    expect(stats).toMatchObject({ depth: 0, pending: 0, workers_polling: null });
  });

  it.each([
    [undefined, 'name', undefined],
    [{}, 'name', undefined],
    [{ name: '' }, 'name', undefined],
    [{ name: 'x', config: { type: 'other' } }, 'config.type', undefined],
    [{ name: 'x', config: { type: 'cloud', networking: { type: 'limited' } } }, 'config.networking.type', undefined],
    [{ name: 'x', scope: 'account' }, 'scope', undefined],
    [{ name: 'x', metadata: { a: 1 } }, 'metadata.a', 'invalid_metadata'],
  ])('refuses %o and names what is wrong', async (body, where, code) => {
    const { ask, listed } = await scene();
    const before = await listed();
    const answer = await ask('POST', '', body);
    expect(answer.status).toBe(400);
    const { error } = errorSchema.parse(answer.body);
    expect(error.message).toMatch(new RegExp(`^${where}: .`));
    expect(error.details?.error_code).toBe(code);
    expect(await listed()).toEqual(before);
  });
});

it('/_sim/environments tells all of them with their keys', async () => {
  const { simulator, ask, create } = await scene();
  const { id } = await create({ name: 'eu' });
  await ask('POST', `/${simulator.prod.id}/archive`);
  const { body } = await call(simulator, '', '/_sim/environments');
  const rows = body.environments as { id: string; archived_at: string | null; environment_key: string }[];
  expect(rows).toHaveLength(7);
  const { environment_key, ...shown } = rows.find((row) => row.id === id)!;
  expect(environmentSchema.parse(shown).name).toBe('eu');
  expect(environment_key).toBe(keyOf(simulator, id));
  expect(rows.find((row) => row.id === simulator.prod.id)!.archived_at).not.toBeNull();
});

describe('POST /v1/environments/{id}/archive', () => {
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

describe('DELETE /v1/environments/{id}', () => {
  it('is refused in the words of the real service while work waits, handed out or not', async () => {
    const { simulator, ask, listed } = await scene();
    const { id, environmentKey } = simulator.prod;
    const work = simulator.enqueue(id);
    const refused = async () => {
      const { status, body } = await ask('DELETE', `/${id}`);
      expect(status).toBe(409);
      expect(errorSchema.parse(body).error).toEqual({
        type: 'invalid_request_error',
        message:
          'Cannot delete self-hosted environment with work in the queue. Either archive the environment first to allow the queue to drain, or use force=true to delete immediately.',
      });
    };
    await refused();
    await call(simulator, environmentKey, `${PATH}/${id}/work/poll`);
    await refused();
    await ask('POST', `/${id}/archive`);
    await refused();
    expect(await listed('&include_archived=true')).toContain(id);
    await call(simulator, environmentKey, `${PATH}/${id}/work/${work}/stop`, { method: 'POST', body: { force: true } });
    expect((await ask('DELETE', `/${id}`)).status).toBe(200);
  });

  it('ends what happens in it, and everything else goes on, even without any environment', async () => {
    const { simulator, ask, listed } = await scene({ scenario: 'steady' });
    for (const id of await listed('&include_archived=true')) {
      expect((await ask('DELETE', `/${id}?force=true`)).status).toBe(200);
    }
    simulator.advance(3600);
    expect(simulator.truth().environments).toEqual({});
    expect(await listed('&include_archived=true')).toEqual([]);
    simulator.setScenario('burst');
    const created = await ask('POST', '', { name: 'again', config: { type: 'self_hosted' } });
    simulator.advance(60);
    expect(simulator.truth().environments[created.body.id as string]!.totals.created).toBeGreaterThan(0);
  });
});
