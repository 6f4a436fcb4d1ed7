import { describe, expect, it } from 'vitest';
import { environmentSchema, environmentsSchema, errorSchema, statsSchema } from '../support/schemas.ts';
import { call, control } from '../support/simulators.ts';
import { keyOf, PATH, scene } from './environments-scene.ts';

describe('POST /v1/environments', () => {
  it('answers with the environment, which can then be read and is the first of the list', async () => {
    const { ask, create, listed } = await scene();
    const before = await listed();
    const first = await create({ name: 'eu', description: 'Europe', metadata: { team: 'search' } });
    expect(first).toMatchObject({
      name: 'eu',
      description: 'Europe',
      metadata: { team: 'search' },
      config: { type: 'self_hosted' },
      archived_at: null,
    });
    expect(first.updated_at).toBe(first.created_at);
    expect((await ask('GET', `/${first.id}`)).body).toEqual(first);
    const second = await create();
    expect(second).toMatchObject({ description: null, metadata: {} });
    expect(await listed()).toEqual([second.id, first.id, ...before]);
  });

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

  it('is stamped by the clock of the API, as its items are', async () => {
    const { simulator, create } = await scene();
    const real = Date.parse(simulator.truth().now);
    await control(simulator, 'clock', { skew: 3600 });
    const { id, created_at } = await create();
    expect(Date.parse(created_at) - real).toBe(3_600_000);
    simulator.enqueue(id);
    expect(Date.parse(simulator.truth().environments[id]!.oldest_queued_at!) - real).toBe(3_600_000);
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
