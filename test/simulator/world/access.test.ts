import { describe, expect, it } from 'vitest';
import { environmentKeyFor } from '../../../src/simulator/queue/identity.ts';
import type { ProviderName } from '../../../src/wire/presets.ts';
import { environmentSchema, environmentsSchema, errorSchema, statsSchema } from '../support/schemas.ts';
import { call, type TestSimulator, testSimulator } from '../support/simulators.ts';

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
    create_environment: ['POST', `${prefix}/environments`],
    archive_environment: ['POST', `${prefix}/environments/${simulator.prod.id}/archive`],
    delete_environment: ['DELETE', `${prefix}/environments/${simulator.prod.id}`],
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
    const body = BODIES[endpoint];
    const headers = { ...WORKSPACE, ...(key === 'none' ? { authorization: '' } : {}) };
    return call(simulator, keys[key], path, { method, body, headers });
  };
  return { simulator, ask };
}

const BODIES: Readonly<Record<string, unknown>> = { update: { metadata: {} }, create_environment: { name: 'new' } };
const WORKSPACE = { 'anthropic-workspace-id': 'wrkspc_test' };

/**
 * Statuses in the order of COLUMNS: docs/design/work-api.md#credentials. 409: let through, and then a second
 * acknowledgement.
 */
const COLUMNS: readonly Key[] = ['api', 'environment', 'other', 'sessions', 'garbage', 'none'];
const ANTHROPIC = {
  environments: [200, 401, 401, 403, 401, 401],
  environment: [200, 401, 401, 403, 401, 401],
  create_environment: [200, 401, 401, 403, 401, 401],
  archive_environment: [200, 401, 401, 403, 401, 401],
  delete_environment: [200, 401, 401, 403, 401, 401],
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

/** What an API key alone may do where there are no environment keys. */
const EVERYTHING = {
  environments: 200,
  create_environment: 200,
  list: 200,
  stats: 200,
  retrieve: 200,
  update: 200,
  poll: 200,
  stop: 200,
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

  it.each([
    ['aws', EVERYTHING],
    ['google', EVERYTHING],
    ['qoder', { ...EVERYTHING, environments: 404, create_environment: 404 }],
    [
      'opensdlc',
      {
        environments: 401,
        create_environment: 401,
        list: 401,
        stats: 401,
        retrieve: 401,
        update: 401,
        poll: 401,
        stop: 401,
      },
    ],
  ] as const)('%s: what the API key opens as a bearer token', async (preset, expected) => {
    const { ask } = await scene(preset);
    for (const [endpoint, status] of Object.entries(expected)) {
      expect([endpoint, (await ask(endpoint, 'api')).status]).toEqual([endpoint, status]);
    }
  });

  it.each([
    ['aws', 401],
    ['google', 401],
    ['qoder', 401],
    ['opensdlc', 200],
  ] as const)('%s: an environment key on the list gets %i', async (preset, status) => {
    const { ask } = await scene(preset);
    expect((await ask('list', 'environment')).status).toBe(status);
  });

  it('a lenient list takes the API key too', async () => {
    const { ask } = await scene('anthropic', { listCredential: 'lenient' });
    expect((await ask('list', 'api')).status).toBe(200);
  });

  it('the refusal of the API key can be a 403', async () => {
    const { ask } = await scene('anthropic', { apiKeyRefusal: 403 });
    expect((await ask('list', 'api')).status).toBe(403);
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

describe('the words of refusals', () => {
  it.each([
    ['garbage', 'stats', 'Invalid bearer token'],
    ['none', 'environments', 'x-api-key header is required'],
    ['other', 'poll', 'Token not authorized for this environment'],
    ['environment', 'retrieve', 'OAuth token does not meet scope requirement any_of('],
    ['environment', 'environments', 'Authentication failed'],
  ] as const)('%s key on %s', async (key, endpoint, message) => {
    const { ask } = await scene();
    const { body, headers } = await ask(endpoint, key);
    expect(errorSchema.parse(body).error.message).toContain(message);
    expect(headers.get('request-id')).toBe(body.request_id);
  });

  it('a revoked key gets no request id at all', async () => {
    const { simulator, ask } = await scene();
    simulator.setFaults([{ kind: 'revoked' }]);
    const { status, body, headers } = await ask('list', 'environment');
    expect(status).toBe(401);
    expect(errorSchema.parse(body)).toMatchObject({
      error: { type: 'authentication_error', message: 'OAuth access token has been revoked.' },
      request_id: null,
    });
    expect(headers.has('request-id')).toBe(false);
  });
});

describe('headers', () => {
  const stats = (simulator: TestSimulator) => `/v1/environments/${simulator.prod.id}/work/stats`;

  it('the API key may come as x-api-key, except where the provider wants a bearer token', async () => {
    for (const [preset, status] of [
      ['anthropic', 200],
      ['aws', 200],
      ['google', 401],
    ] as const) {
      const simulator = await testSimulator({ preset });
      const response = await fetch(`${simulator.url}${stats(simulator)}`, {
        headers: {
          'x-api-key': simulator.apiKey,
          'anthropic-version': '2023-06-01',
          'anthropic-beta': 'other-beta,managed-agents-2026-04-01',
          ...WORKSPACE,
        },
      });
      expect([preset, response.status]).toEqual([preset, status]);
    }
  });

  it('a wrong x-api-key is refused', async () => {
    const simulator = await testSimulator();
    const response = await fetch(`${simulator.url}${stats(simulator)}`, { headers: { 'x-api-key': 'wrong' } });
    expect(response.status).toBe(401);
  });

  it.each(['anthropic-version', 'anthropic-beta'])('%s is required', async (name) => {
    const simulator = await testSimulator();
    const { version, beta } = { version: '2023-06-01', beta: 'managed-agents-2026-04-01' };
    const headers = {
      'anthropic-version': version,
      'anthropic-beta': beta,
      authorization: `Bearer ${simulator.apiKey}`,
    };
    const { [name as 'anthropic-beta']: _, ...rest } = headers;
    const response = await fetch(`${simulator.url}${stats(simulator)}`, { headers: rest });
    expect(response.status).toBe(400);
    expect(errorSchema.parse(await response.json()).error.message).toContain(name);
  });

  it('Qoder wants neither version nor beta', async () => {
    const simulator = await testSimulator({ preset: 'qoder' });
    const response = await fetch(`${simulator.url}/api/v1/cloud/environments/${simulator.prod.id}/work/stats`, {
      headers: { authorization: `Bearer ${simulator.apiKey}` },
    });
    expect(statsSchema.parse(await response.json())).toMatchObject({ depth: 0 });
  });

  it('AWS wants the workspace, and names a second request id', async () => {
    const simulator = await testSimulator({ preset: 'aws' });
    expect((await call(simulator, simulator.apiKey, stats(simulator))).status).toBe(400);
    const answer = await call(simulator, simulator.apiKey, stats(simulator), { headers: WORKSPACE });
    expect(answer.status).toBe(200);
    expect(answer.headers.get('x-amzn-requestid')).not.toBeNull();
  });

  it('Date is simulated time', async () => {
    const simulator = await testSimulator();
    simulator.advance(86_400);
    const { headers } = await call(simulator, simulator.apiKey, stats(simulator));
    const ahead = Date.parse(headers.get('date')!) - Date.parse(simulator.truth().now);
    expect(Math.abs(ahead)).toBeLessThan(5000);
  });
});

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

  it.each(['env_sim_cloud', 'env_sim_cloud_archived'])('%s has no work at all on Qoder', async (id) => {
    const simulator = await testSimulator({ preset: 'qoder' });
    const work = `/api/v1/cloud/environments/${id}/work`;
    for (const [method, path] of [
      ['GET', ''],
      ['GET', '/stats'],
      ['GET', '/poll'],
      ['GET', '/work_1'],
      ['POST', '/work_1'],
      ['POST', '/work_1/ack'],
      ['POST', '/work_1/heartbeat'],
      ['POST', '/work_1/stop'],
    ] as const) {
      const body = method === 'POST' && path === '/work_1' ? { metadata: {} } : undefined;
      const answer = await call(simulator, simulator.apiKey, `${work}${path}`, { method, body });
      expect([path, answer.status]).toEqual([path, 400]);
      expect(errorSchema.parse(answer.body).error.message).toContain(`${id} is not self_hosted`);
    }
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
