import { describe, expect, it } from 'vitest';
import { environmentDeletedSchema, errorSchema } from '../support/schemas.ts';
import { call } from '../support/simulators.ts';
import { PATH, scene } from './environments-scene.ts';

describe('DELETE /v1/environments/{id}', () => {
  it('confirms, and then there is no such environment', async () => {
    const { simulator, ask, listed } = await scene();
    const { id, environmentKey } = simulator.prod;
    const answer = await ask('DELETE', `/${id}`);
    expect(environmentDeletedSchema.parse(answer.body)).toEqual({ id, type: 'environment_deleted' });
    expect(await listed('&include_archived=true')).not.toContain(id);
    for (const [key, method, path] of [
      [simulator.apiKey, 'GET', ''],
      [simulator.apiKey, 'DELETE', ''],
      [simulator.apiKey, 'POST', '/archive'],
      [simulator.apiKey, 'GET', '/work/stats'],
      [environmentKey, 'GET', '/work'],
      [environmentKey, 'GET', '/work/poll'],
    ] as const) {
      const refused = await call(simulator, key, `${PATH}/${id}${path}`, { method });
      expect([path, refused.status]).toEqual([path, 404]);
      expect(errorSchema.parse(refused.body).error.details).toEqual({ error_code: 'environment_not_found' });
    }
  });

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

  it('is not refused when it is forced', async () => {
    const { simulator, ask } = await scene();
    const work = simulator.enqueue(simulator.prod.id);
    expect((await ask('DELETE', `/${simulator.prod.id}?force=true`)).status).toBe(200);
    expect((await call(simulator, simulator.apiKey, `/v1/sessions/${work}`)).status).toBe(404);
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
