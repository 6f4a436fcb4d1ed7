import { describe, expect, it } from 'vitest';
import { environmentKeyFor } from '../../../src/simulator/identity.ts';
import { environmentSchema, environmentsSchema, errorSchema } from '../support/schemas.ts';
import { call, type TestSimulator } from '../support/simulators.ts';
import { scene } from './keyed-scene.ts';

describe('environments that are not for work', () => {
  it('a cloud environment has statistics, but no list and no polling', async () => {
    const { simulator } = await scene();
    const client = await cloudAnswers(simulator, 'env_sim_cloud');
    expect(client.stats.body).toEqual({
      type: 'work_queue_stats',
      depth: 0,
      pending: 0,
      oldest_queued_at: null,
      workers_polling: null,
    });
    expect(client.list.status).toBe(404);
    expect(errorSchema.parse(client.list.body).error.message).toBe(
      'Environment `env_sim_cloud` not found, or does not support work listing. The work API is only available for self-hosted environments.',
    );
    expect(client.poll.status).toBe(400);
    expect(errorSchema.parse(client.poll.body).error.message).toBe(
      'Only BYOC and bridge environments support work polling. Environment env_sim_cloud is anthropic_cloud.',
    );
  });

  it('an archived cloud environment says so', async () => {
    const { simulator } = await scene();
    const { list } = await cloudAnswers(simulator, 'env_sim_cloud_archived');
    expect(errorSchema.parse(list.body).error).toMatchObject({
      message: 'Environment env_sim_cloud_archived is archived',
      details: { error_code: 'environment_archived' },
    });
  });

  it('an archived self-hosted one still lists its items', async () => {
    const { simulator } = await scene();
    const { list } = await cloudAnswers(simulator, 'env_sim_archived');
    expect(list.body.data).toHaveLength(3);
  });

  it('an unknown one is a 404 to the API key', async () => {
    const { simulator } = await scene();
    const answer = await call(simulator, simulator.apiKey, '/v1/environments/env_unknown/work/stats');
    expect(answer.status).toBe(404);
    expect(errorSchema.parse(answer.body).error.details).toEqual({ error_code: 'environment_not_found' });
  });

  it('environments have the shape of the reference', async () => {
    const { simulator, ask } = await scene();
    environmentSchema.parse((await ask('environment', 'api')).body);
    const all = await call(simulator, simulator.apiKey, '/v1/environments?include_archived=true');
    expect(environmentsSchema.parse(all.body).data).toHaveLength(6);
    expect((await call(simulator, simulator.apiKey, '/v1/environments?page=nonsense')).status).toBe(400);
  });
});

/** What the environment's own key gets: the simulator tells only those of environments that are watched. */
async function cloudAnswers(simulator: TestSimulator, id: string) {
  const key = environmentKeyFor(1, id);
  const work = `/v1/environments/${id}/work`;
  return {
    stats: await call(simulator, key, `${work}/stats`),
    list: await call(simulator, key, work),
    poll: await call(simulator, key, `${work}/poll`),
  };
}
