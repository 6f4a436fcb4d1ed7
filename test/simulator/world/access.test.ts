import { describe, expect, it } from 'vitest';
import { environmentKeyFor } from '../../../src/simulator/access.ts';
import type { ProviderName } from '../../../src/wire/presets.ts';
import { environmentSchema, environmentsSchema, errorSchema } from '../support/schemas.ts';
import { call, testSimulator } from '../support/simulators.ts';

type Key = 'api' | 'environment' | 'other' | 'sessions' | 'none' | 'garbage';

/** A simulator with one active item, and its keys; the sessions token is the item's own. */
async function scene(preset: ProviderName = 'anthropic', switches = {}) {
  const simulator = await testSimulator({ preset, switches });
  const prefix = preset === 'qoder' ? '/api/v1/cloud' : '/v1';
  const work = `${prefix}/environments/${simulator.prod.id}/work`;
  const id = simulator.enqueue(simulator.prod.id);
  const worker = preset === 'anthropic' || preset === 'opensdlc' ? simulator.prod.environmentKey : simulator.apiKey;
  const polled = await call(simulator, worker, `${work}/poll`, { headers: WORKSPACE });
  const secret = polled.body.secret as string | null | undefined;
  const token = secret ? JSON.parse(Buffer.from(secret, 'base64url').toString()).sessions_token : 'none';
  await call(simulator, worker, `${work}/${id}/ack`, { method: 'POST', headers: WORKSPACE });
  const keys: Record<Key, string> = {
    api: simulator.apiKey,
    environment: simulator.prod.environmentKey,
    other: simulator.environments[1]!.environmentKey,
    sessions: token,
    garbage: 'sk-ant-garbage',
    none: '',
  };
  const paths: Record<string, readonly [method: string, path: string]> = {
    environments: ['GET', `${prefix}/environments`],
    environment: ['GET', `${prefix}/environments/${simulator.prod.id}`],
    list: ['GET', work],
    stats: ['GET', `${work}/stats`],
    retrieve: ['GET', `${work}/${id}`],
    update: ['POST', `${work}/${id}`],
    poll: ['GET', `${work}/poll`],
    ack: ['POST', `${work}/${id}/ack`],
    heartbeat: ['POST', `${work}/${id}/heartbeat`],
    stop: ['POST', `${work}/${id}/stop`],
    session: ['GET', `${prefix}/sessions/${id}`],
    session_events: ['GET', `${prefix}/sessions/${id}/events`],
  };
  const ask = async (endpoint: string, key: Key) => {
    const [method, path] = paths[endpoint]!;
    const headers = { ...WORKSPACE, ...(key === 'none' ? { authorization: '' } : {}) };
    return call(simulator, keys[key], path, { method, headers });
  };
  return { simulator, ask };
}

const WORKSPACE = { 'anthropic-workspace-id': 'wrkspc_test' };

/**
 * Statuses in the order of COLUMNS: docs/design/work-api.md#credentials. 409: let through, and then a second
 * acknowledgement.
 */
const COLUMNS: readonly Key[] = ['api', 'environment', 'other', 'sessions', 'garbage', 'none'];
const ANTHROPIC = {
  environments: [200, 401, 401, 403, 401, 401],
  environment: [200, 401, 401, 403, 401, 401],
  list: [401, 200, 403, 403, 401, 401],
  stats: [200, 200, 403, 403, 401, 401],
  retrieve: [200, 403, 403, 403, 401, 401],
  update: [200, 403, 403, 403, 401, 401],
  poll: [401, 200, 403, 403, 401, 401],
  ack: [401, 409, 403, 403, 401, 401],
  heartbeat: [401, 200, 403, 200, 401, 401],
  stop: [200, 200, 403, 200, 401, 401],
  session: [200, 200, 403, 200, 401, 401],
  session_events: [200, 200, 403, 200, 401, 401],
};

describe('which endpoint takes which credential', () => {
  it.each(Object.entries(ANTHROPIC))('anthropic: %s', async (endpoint, expected) => {
    const statuses: number[] = [];
    for (const key of COLUMNS) {
      const { ask } = await scene();
      const answer = await ask(endpoint, key);
      statuses.push(answer.status);
      if (answer.status !== 200) errorSchema.parse(answer.body);
    }
    expect(statuses).toEqual(expected);
  });

  it.each(['aws', 'google', 'qoder'] as const)(
    '%s: the API key is that of workers, and there is no other',
    async (preset) => {
      const { ask } = await scene(preset);
      for (const endpoint of ['list', 'stats', 'retrieve', 'update', 'poll', 'stop'])
        expect([endpoint, (await ask(endpoint, 'api')).status]).toEqual([endpoint, 200]);
      expect((await ask('list', 'environment')).status).toBe(401);
      expect((await ask('environments', 'api')).status).toBe(preset === 'qoder' ? 404 : 200);
    },
  );

  it('opensdlc: an environment key updates an item, and the API key does not', async () => {
    const { ask } = await scene('opensdlc');
    // The key is good; what is missing is the metadata.
    expect((await ask('update', 'environment')).body).toMatchObject({ error: { message: 'metadata is required' } });
    expect((await ask('update', 'api')).status).toBe(401);
  });

  it('a sessions token reaches its own item only', async () => {
    const { simulator } = await scene();
    const [mine, other] = [simulator.enqueue(simulator.prod.id), simulator.enqueue(simulator.prod.id)];
    const work = `/v1/environments/${simulator.prod.id}/work`;
    const { body } = await call(simulator, simulator.prod.environmentKey, `${work}/poll`);
    expect(body.id).toBe(mine);
    const token = JSON.parse(Buffer.from(body.secret as string, 'base64url').toString()).sessions_token;
    const heartbeat = (id: string) => call(simulator, token, `${work}/${id}/heartbeat`, { method: 'POST' });
    expect((await heartbeat(other)).status).toBe(403);
    expect((await heartbeat(mine)).status).toBe(200);
    expect((await call(simulator, token, `/v1/sessions/${other}`)).status).toBe(403);
  });
});

describe('headers', () => {
  const stats = '/v1/environments/env_sim_prod/work/stats';

  it.each(['anthropic-version', 'anthropic-beta'])('%s is required', async (name) => {
    const { url, apiKey } = await testSimulator();
    const all = {
      'anthropic-version': '2023-06-01',
      'anthropic-beta': 'managed-agents-2026-04-01',
      'x-api-key': apiKey,
    };
    const headers = Object.entries(all).filter(([header]) => header !== name);
    expect((await fetch(url + stats, { headers: Object.entries(all) })).status).toBe(200);
    const response = await fetch(url + stats, { headers });
    expect(response.status).toBe(400);
    expect(errorSchema.parse(await response.json()).error.message).toContain(name);
  });

  it('AWS wants the workspace, and names a second request id', async () => {
    const { simulator, ask } = await scene('aws');
    expect((await call(simulator, simulator.apiKey, stats)).status).toBe(400);
    expect((await ask('stats', 'api')).headers.get('x-amzn-requestid')).not.toBeNull();
  });
});

describe('environments that are not for work', () => {
  /** What the environment's own key gets: the simulator tells only those of environments that are watched. */
  async function answersOf(id: string) {
    const { simulator } = await scene();
    const ask = (path: string) => call(simulator, environmentKeyFor(1, id), `/v1/environments/${id}/work${path}`);
    return { stats: await ask('/stats'), list: await ask(''), poll: await ask('/poll') };
  }

  it('a cloud environment has statistics, but no list and no polling', async () => {
    const { stats, list, poll } = await answersOf('env_sim_cloud');
    const none = { depth: 0, pending: 0, oldest_queued_at: null, workers_polling: null };
    expect(stats.body).toEqual({ type: 'work_queue_stats', ...none });
    expect(list.status).toBe(404);
    expect(errorSchema.parse(list.body).error.message).toBe(
      'Environment `env_sim_cloud` not found, or does not support work listing. The work API is only available for self-hosted environments.',
    );
    expect(poll.status).toBe(400);
    expect(errorSchema.parse(poll.body).error.message).toBe(
      'Only BYOC and bridge environments support work polling. Environment env_sim_cloud is anthropic_cloud.',
    );
  });

  it('an archived cloud environment says so, and an archived self-hosted one still lists its items', async () => {
    const { list } = await answersOf('env_sim_cloud_archived');
    expect(errorSchema.parse(list.body).error).toMatchObject({
      message: 'Environment env_sim_cloud_archived is archived',
      details: { error_code: 'environment_archived' },
    });
    expect((await answersOf('env_sim_archived')).list.body.data).toHaveLength(3);
  });

  it('environments have the shape of the reference, and an unknown one is a 404 to the API key', async () => {
    const { simulator, ask } = await scene();
    environmentSchema.parse((await ask('environment', 'api')).body);
    const get = (path: string) => call(simulator, simulator.apiKey, `/v1/environments${path}`);
    expect(environmentsSchema.parse((await get('?include_archived=true')).body).data).toHaveLength(6);
    expect((await get('?page=nonsense')).status).toBe(400);
    const unknown = await get('/env_unknown/work/stats');
    expect(unknown.status).toBe(404);
    expect(errorSchema.parse(unknown.body).error.details).toEqual({ error_code: 'environment_not_found' });
  });
});
