import { describe, expect, it } from 'vitest';
import { errorSchema, workSchema } from '../support/schemas.ts';
import { call, type TestSimulator, testSimulator } from '../support/simulators.ts';

const workPath = ({ prod }: TestSimulator, path = '') => `/v1/environments/${prod.id}/work${path}`;

/** What a refusal says. */
const messageOf = (body: unknown) => errorSchema.parse(body).error.message;

describe('an update of metadata', () => {
  async function updated(simulator: TestSimulator, id: string, metadata: unknown) {
    const answer = await call(simulator, simulator.apiKey, workPath(simulator, `/${id}`), {
      method: 'POST',
      body: { metadata },
    });
    return { ...answer, metadata: answer.body.metadata };
  }

  it('sets keys, removes those that are null, leaves the others, and shows in every later answer', async () => {
    const simulator = await testSimulator();
    const { environmentKey, id: environment } = simulator.prod;
    const id = simulator.enqueue(environment, { metadata: { team: 'docs', tier: '1' } });
    const metadata = { team: 'docs', owner: 'ann', note: '' };
    const answer = await updated(simulator, id, { tier: null, owner: 'ann', note: '', unknown: null });
    expect(workSchema.parse(answer.body).metadata).toEqual(metadata);
    const get = (key: string, path: string) => call(simulator, key, workPath(simulator, path));
    expect((await get(simulator.apiKey, `/${id}`)).body).toMatchObject({ metadata });
    expect((await get(environmentKey, '')).body).toMatchObject({ data: [{ metadata }] });
    expect((await get(environmentKey, '/poll')).body).toMatchObject({ metadata });
    expect(simulator.truth().environments[environment]!.requests.update).toEqual({ 200: 1 });
  });

  it('changes a stopped item, too, and never the metadata of its session', async () => {
    const simulator = await testSimulator();
    const id = simulator.enqueue(simulator.prod.id, { metadata: { team: 'docs' } });
    await call(simulator, simulator.apiKey, workPath(simulator, `/${id}/stop`), { method: 'POST', body: {} });
    expect((await updated(simulator, id, { team: 'web' })).body).toMatchObject({
      state: 'stopped',
      metadata: { team: 'web' },
    });
    expect((await call(simulator, simulator.apiKey, `/v1/sessions/${id}`)).body.metadata).toEqual({ team: 'docs' });
  });

  it('without metadata leaves the item as it is', async () => {
    const simulator = await testSimulator();
    const id = simulator.enqueue(simulator.prod.id, { metadata: { team: 'docs' } });
    const answer = await updated(simulator, id, undefined);
    expect(answer).toMatchObject({ status: 200, metadata: { team: 'docs' } });
  });

  it.each([
    ['too many keys', Object.fromEntries(Array.from({ length: 17 }, (_, key) => [`k${key}`, ''])), /16 keys/],
    ['a key that is too long', { ['k'.repeat(65)]: '' }, /64 characters/],
    ['a value that is too long', { team: 'x'.repeat(513) }, /metadata\.team: .*512 characters/],
  ])('is refused for %s, by its error code, and changes nothing', async (_what, metadata, says) => {
    const simulator = await testSimulator();
    const id = simulator.enqueue(simulator.prod.id);
    const { status, body } = await updated(simulator, id, metadata);
    expect({ status, code: errorSchema.parse(body).error.details }).toEqual({
      status: 400,
      code: { error_code: 'invalid_metadata' },
    });
    expect(messageOf(body)).toMatch(says);
    expect((await call(simulator, simulator.apiKey, workPath(simulator, `/${id}`))).body.metadata).toEqual({});
  });

  it('counts the keys that remain: one may go as another comes', async () => {
    const simulator = await testSimulator();
    const full = Object.fromEntries(Array.from({ length: 16 }, (_, key) => [`k${key}`, 'x'.repeat(512)]));
    const id = simulator.enqueue(simulator.prod.id, { metadata: full });
    expect((await updated(simulator, id, { k0: null, ['n'.repeat(64)]: '' })).status).toBe(200);
    expect((await updated(simulator, id, { another: '' })).status).toBe(400);
  });
});

describe('a body', () => {
  it.each([
    ['', { metadata: { team: 1 } }, 'metadata.team: Input should be a valid string'],
    ['', { metadata: null }, 'metadata: Input should be a valid dictionary'],
    ['', { metadata: {}, owner: 'ann' }, 'owner: Extra inputs are not permitted'],
    ['', [], 'body: Input should be a valid dictionary'],
    ['', null, 'body: Input should be a valid dictionary'],
    ['/stop', { forced: true }, 'forced: Extra inputs are not permitted'],
    ['/stop', { force: 'yes' }, 'force: Input should be a valid boolean'],
  ])('of POST /work/{id}%s %o is refused: %s', async (path, body, message) => {
    const simulator = await testSimulator();
    // Before anybody looks whether there is such an item.
    for (const id of [simulator.enqueue(simulator.prod.id), 'sesn_unknown']) {
      const answer = await call(simulator, simulator.apiKey, workPath(simulator, `/${id}${path}`), {
        method: 'POST',
        body,
      });
      expect({ status: answer.status, message: messageOf(answer.body) }).toEqual({ status: 400, message });
    }
  });

  it.each([
    [{ events: [{ type: 'user.message' }], event: 1 }, 'event: Extra inputs are not permitted'],
    [{}, 'events: Field required'],
    [{ events: [{}] }, 'events.0.type: Field required'],
  ])('of events %o is refused: %s', async (body, message) => {
    const simulator = await testSimulator();
    const path = `/v1/sessions/${simulator.enqueue(simulator.prod.id)}/events`;
    const answer = await call(simulator, simulator.apiKey, path, { method: 'POST', body });
    expect({ status: answer.status, message: messageOf(answer.body) }).toEqual({ status: 400, message });
  });

  it('that is not JSON is refused where one is read, and ignored where none is documented', async () => {
    const simulator = await testSimulator();
    const id = simulator.enqueue(simulator.prod.id);
    const { apiKey, url, prod } = simulator;
    const versions = { 'anthropic-version': '2023-06-01', 'anthropic-beta': 'managed-agents-2026-04-01' };
    const post = (key: string, path: string) =>
      fetch(url + workPath(simulator, `/${id}${path}`), {
        method: 'POST',
        headers: { authorization: `Bearer ${key}`, ...versions, 'content-type': 'application/json' },
        body: '{"force":',
      });
    for (const path of ['', '/stop']) {
      const response = await post(apiKey, path);
      expect(response.status).toBe(400);
      expect(messageOf(await response.json())).toBe('The request body is not valid JSON');
    }
    expect((await post(prod.environmentKey, '/ack')).status).toBe(200);
    expect((await post(prod.environmentKey, '/heartbeat')).status).toBe(200);
  });

  it('may be missing or empty in a stop', async () => {
    const simulator = await testSimulator();
    for (const body of [undefined, {}]) {
      const path = workPath(simulator, `/${simulator.enqueue(simulator.prod.id)}/stop`);
      expect((await call(simulator, simulator.apiKey, path, { method: 'POST', body })).status).toBe(200);
    }
  });
});

describe('a query', () => {
  it.each([
    ['?limit=0', 'limit: Input should be greater than or equal to 1'],
    ['?limit=1001', 'limit: Input should be less than or equal to 1000'],
    ['?limit=many', 'limit: Input should be a valid integer'],
    ['/poll?block_ms=0', 'block_ms: Input should be greater than or equal to 1'],
    ['/poll?block_ms=1000', 'block_ms: Input should be less than or equal to 999'],
    ['/poll?reclaim_older_than_ms=0', 'reclaim_older_than_ms: Input should be greater than or equal to 1'],
  ])('%s is refused: %s', async (query, message) => {
    const simulator = await testSimulator();
    const answer = await call(simulator, simulator.prod.environmentKey, workPath(simulator, query));
    expect({ status: answer.status, message: messageOf(answer.body) }).toEqual({ status: 400, message });
  });

  it('may hold what nobody knows, as older clients send it', async () => {
    const simulator = await testSimulator();
    const id = simulator.enqueue(simulator.prod.id);
    const headers = { 'x-stainless-lang': 'js', 'x-stainless-helper': 'environments-worker' };
    const all = [
      ['GET', '?beta=true&state=active'],
      ['GET', '/stats?beta=true'],
      ['GET', '/poll?beta=true'],
      ['POST', `/${id}/ack?beta=true`],
      ['POST', `/${id}/heartbeat?beta=true`],
      ['POST', `/${id}/stop?beta=true`],
    ] as const;
    for (const [method, path] of all) {
      const answer = await call(simulator, simulator.prod.environmentKey, workPath(simulator, path), {
        method,
        headers,
      });
      expect({ path, status: answer.status }).toEqual({ path, status: 200 });
    }
  });
});

describe('a method or a path that there is not', () => {
  it.each([
    ['DELETE', '/v1/environments/env_sim_prod/work/sesn_1', 'GET, POST'],
    ['PUT', '/v1/environments/env_sim_prod/work/sesn_1/ack', 'POST'],
    ['GET', '/v1/environments/env_sim_prod/work/sesn_1/ack', 'POST'],
    ['POST', '/v1/environments/env_sim_prod/work', 'GET'],
    ['POST', '/v1/environments', 'GET'],
    ['PATCH', '/v1/sessions/sesn_1/events', 'GET, POST'],
  ])('%s %s: 405, with those that there are', async (method, path, allow) => {
    const simulator = await testSimulator();
    const answer = await call(simulator, simulator.apiKey, path, { method });
    expect({ status: answer.status, allow: answer.headers.get('allow') }).toEqual({ status: 405, allow });
    expect(errorSchema.parse(answer.body).error).toEqual({
      type: 'invalid_request_error',
      message: 'Method Not Allowed',
    });
  });

  it.each([
    ['POST', '/v1/environments/env_sim_prod/work/sesn_1/pause'],
    ['GET', '/v1/environments/env_sim_prod/works'],
    ['GET', '/v2/environments'],
  ])('%s %s: 404', async (method, path) => {
    const simulator = await testSimulator();
    const answer = await call(simulator, simulator.apiKey, path, { method });
    expect(answer.status).toBe(404);
    expect(errorSchema.parse(answer.body).error.type).toBe('not_found_error');
  });

  it('a POST to /work/poll is an update of an item of that name, which there is not', async () => {
    const simulator = await testSimulator();
    const answer = await call(simulator, simulator.apiKey, workPath(simulator, '/poll'), { method: 'POST', body: {} });
    expect({ status: answer.status, message: messageOf(answer.body) }).toEqual({
      status: 404,
      message: 'Work item poll not found',
    });
  });
});
