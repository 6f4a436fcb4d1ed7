import { createServer } from 'node:net';
import { expect, it } from 'vitest';
import { environmentKeyFor } from '../../../src/simulator/queue/identity.ts';
import type { Fault } from '../../../src/simulator/scenarios/fault.ts';
import { listen } from '../../client/test-server.ts';
import { configurationOf, keysOf, STAGING, simulatedApi } from '../../support/simulated-api.ts';
import { checkLive, otherOf, prodOf } from './live-check.ts';

const WRONG_KEY = `sk-ant-oat01-${'0'.repeat(40)}`;

const FAULTS: readonly (readonly [string, Fault, number, string, number | null, RegExp])[] = [
  ['a revoked key', { kind: 'revoked' }, 4, 'refused', 401, /revoked|API keys/],
  ['a key without the right', { kind: 'status', status: 403 }, 4, 'refused', 403, /belong/],
  [
    'an API over its limit',
    { kind: 'status', status: 429, retryAfterSeconds: 0 },
    1,
    'rate_limited',
    429,
    /requests_per_minute/,
  ],
  ['an API in trouble', { kind: 'status', status: 500, shouldRetry: false }, 1, 'unreachable', 500, /status page/],
  ['garbage', { kind: 'garbage' }, 1, 'bad_response', 200, /base_url/],
];

it.each(FAULTS)('tells %s', async (_, fault, code, verdict, status, remedy) => {
  await using api = await simulatedApi();
  api.setFaults([{ ...fault, environments: [STAGING] }]);
  const checked = await checkLive(configurationOf(api), keysOf(api));
  expect(checked.code).toBe(code);
  for (const row of checked.rows) {
    if (row.environment_id !== STAGING) expect(row).toMatchObject({ verdict: 'ok' });
    else expect(row).toMatchObject({ verdict, http_status: status, remedy: expect.stringMatching(remedy) });
  }
  expect(checked.table.stdout).toContain('\nTo do:\n- staging ');
});

it('tells a wrong environment key and where it was configured', async () => {
  await using api = await simulatedApi();
  const { code, rows } = await checkLive(prodOf(api, { environment_key: WRONG_KEY }), [WRONG_KEY]);
  expect(code).toBe(4);
  expect(rows).toMatchObject([
    { operation: 'stats', verdict: 'ok' },
    {
      operation: 'list',
      verdict: 'refused',
      http_status: 401,
      credential: 'environment_key',
      remedy: expect.stringContaining('environment_key in file'),
    },
  ]);
});

it('tells an id that does not exist', async () => {
  await using api = await simulatedApi();
  const { code, rows } = await checkLive(otherOf(api, { id: 'env_nowhere' }));
  expect(code).toBe(1);
  expect(rows[0]).toMatchObject({
    verdict: 'not_found',
    http_status: 404,
    remedy: expect.stringContaining('env_nowhere'),
  });
});

it('tells an environment of the cloud, which has no queue of its own', async () => {
  await using api = await simulatedApi();
  const id = 'env_sim_cloud';
  const { code, rows } = await checkLive(otherOf(api, { id, environment_key: environmentKeyFor(1, id) }));
  const verdicts = rows.map(({ verdict }) => verdict);
  expect({ code, verdicts }).toEqual({ code: 1, verdicts: ['not_self_hosted', 'not_self_hosted'] });
});

it('tells an environment of the cloud that discovery knows, without a key for its list', async () => {
  await using api = await simulatedApi();
  const { api: connection } = configurationOf(api);
  const environments = [{ id: 'env_sim_cloud', name: 'clouds' }];
  const discovery = { enabled: true, include: ['-'] };
  const { code, rows } = await checkLive({ api: connection, environments, discovery });
  expect(code).toBe(1);
  expect(rows).toMatchObject([
    { operation: 'environments', verdict: 'ok' },
    { operation: 'stats', verdict: 'not_self_hosted', detail: expect.stringContaining('of type cloud') },
    { operation: 'list', verdict: 'not_self_hosted', remedy: expect.stringContaining('take this one out') },
  ]);
});

it('says that an environment may be one of the cloud when nobody can tell', async () => {
  await using api = await simulatedApi();
  const { code, rows } = await checkLive(otherOf(api, { id: 'env_sim_cloud' }));
  expect(code).toBe(0);
  expect(rows[0]).toMatchObject({ verdict: 'ok', remedy: expect.stringContaining('discovery.enabled') });
});

it('tells an API that never answers', async () => {
  await using api = await simulatedApi();
  api.setFaults([{ kind: 'hang' }]);
  const { code, rows } = await checkLive(prodOf(api, {}, { timeout: '1s' }));
  expect({ code, verdicts: rows.map(({ verdict }) => verdict) }).toEqual({
    code: 1,
    verdicts: ['unreachable', 'unreachable'],
  });
  expect(rows[0]!.detail).toMatch(/within|timed? ?out|1 ?s/);
});

it('tells a port that nobody listens on', async () => {
  const server = createServer();
  const port = await listen(server);
  await new Promise((resolve) => server.close(resolve));
  const configuration = { api: { base_url: `http://127.0.0.1:${port}`, api_key: `sk-ant-api03-${'a'.repeat(40)}` } };
  const { code, rows } = await checkLive({ ...configuration, environments: [{ id: 'env_a', name: 'a' }] });
  expect(code).toBe(1);
  expect(rows[0]).toMatchObject({ verdict: 'unreachable', http_status: null, remedy: expect.any(String) });
});
