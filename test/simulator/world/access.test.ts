import { describe, expect, it } from 'vitest';
import { errorSchema } from '../support/schemas.ts';
import { call, testSimulator } from '../support/simulators.ts';
import { type Key, scene } from './keyed-scene.ts';

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
    ['anthropic', 'garbage', 'stats', 401, 'Invalid bearer token'],
    ['anthropic', 'none', 'environments', 401, 'x-api-key header is required'],
    ['anthropic', 'other', 'poll', 403, 'Token not authorized for this environment'],
    ['anthropic', 'environment', 'retrieve', 403, 'OAuth token does not meet scope requirement any_of('],
    ['anthropic', 'environment', 'environments', 401, 'Authentication failed'],
    ['anthropic', 'api', 'poll', 401, 'This endpoint requires an environment key'],
    ['opensdlc', 'garbage', 'stats', 401, 'invalid environment key'],
    ['opensdlc', 'none', 'stats', 401, 'header is required'],
    ['opensdlc', 'other', 'poll', 401, 'environment key is not valid for this environment'],
  ] as const)('%s: %s key on %s', async (preset, key, endpoint, expected, message) => {
    const { ask } = await scene(preset);
    const { status, body, headers } = await ask(endpoint, key);
    expect(status).toBe(expected);
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
