import { createServer } from 'node:net';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import type { CheckResult } from '../../../src/cli/check/check-result.ts';
import { checkText } from '../../../src/cli/check/check-text.ts';
import type { LiveRow } from '../../../src/cli/check/live-row.ts';
import { environmentKeyFor } from '../../../src/simulator/queue/identity.ts';
import type { Fault } from '../../../src/simulator/scenarios/fault.ts';
import { environmentsApi } from '../../app/environments-api.ts';
import { listen } from '../../client/test-server.ts';
import {
  configurationOf,
  keysOf,
  PROD,
  STAGING,
  simulatedApi,
  type TestSimulator,
} from '../../support/simulated-api.ts';
import { TestFolder } from '../files.ts';
import { type CliResult, runCli } from '../run-cli.ts';

const text = z.string().min(1);
const row = z.strictObject({
  environment_id: text.nullable(),
  environment_name: text.nullable(),
  connection: text,
  operation: z.enum(['stats', 'list', 'environments']),
  credential: z.enum(['api_key', 'environment_key']).nullable(),
  credential_source: text.nullable(),
  verdict: z.enum([
    'ok',
    'refused',
    'not_found',
    'not_self_hosted',
    'rate_limited',
    'unreachable',
    'bad_response',
    'not_attempted',
  ]),
  http_status: z.int().nullable(),
  request_id: text.nullable(),
  duration_seconds: z.number().nonnegative().nullable(),
  detail: z.string(),
  remedy: text.nullable(),
});

/** docs/reference.md#check---live, `--json`. */
const result = z.strictObject({
  schema: z.literal(1),
  ok: z.boolean(),
  exit_code: z.union([z.literal(0), z.literal(1), z.literal(4)]),
  problems: z.array(z.string()),
  notices: z.array(z.string()),
  live: z.array(row),
  shard: z.literal('0/1'),
  watched: z.array(text),
  configured_elsewhere: z.literal(0),
  cost: z.array(
    z.strictObject({
      connection: text,
      requests_per_minute: z.number(),
      per_discovered_environment: z.number().nullable(),
      budget: z.number(),
    }),
  ),
  clock_skew_seconds: z.number().nullable(),
});

interface Checked {
  readonly code: number;
  readonly rows: readonly LiveRow[];
  readonly cost: CheckResult['cost'];
  readonly table: CliResult;
}

/** Checks a configuration twice: for a program and for a person. */
async function checkLive(configuration: unknown, secrets: readonly string[] = []): Promise<Checked> {
  using folder = new TestFolder();
  const config = folder.write('config.yaml', configuration);
  const json = await runCli(['check', '--live', '--json', '--config', config]);
  const table = await runCli(['check', '--live', '--config', config]);
  const found = result.parse(JSON.parse(json.stdout));
  const { ok, exit_code, live, cost } = found;
  expect([json.code, table.code, ok]).toEqual([exit_code, exit_code, exit_code === 0]);
  for (const secret of secrets) expect(json.stdout + table.stdout + json.stderr + table.stderr).not.toContain(secret);
  for (const { verdict, remedy } of live) if (verdict !== 'ok') expect(remedy).not.toBeNull();
  // Of the same reads: where two keys are refused, it is chance which of them a read tells of.
  const text = checkText(found, true);
  for (const { remedy } of live) if (remedy !== null) expect(text).toContain(`: ${remedy}`);
  return { code: json.code, rows: live, cost, table };
}

/** Prod alone, so that a table has two lines. */
function prodOf(
  api: TestSimulator,
  change: Readonly<Record<string, unknown>> = {},
  connection: Readonly<Record<string, unknown>> = {},
) {
  const { environments, ...rest } = configurationOf(api);
  return { ...rest, api: { ...rest.api, ...connection }, environments: [{ ...environments[0], ...change }] };
}

it('says who was read with which key, and what came back', async () => {
  await using api = await simulatedApi();
  const { code, rows, table } = await checkLive(configurationOf(api), keysOf(api));
  expect(code).toBe(0);
  expect(rows).toHaveLength(6);
  expect(rows[0]).toMatchObject({
    environment_id: PROD,
    environment_name: 'prod',
    operation: 'stats',
    credential: 'api_key',
    credential_source: expect.stringMatching(/^api_key in file /),
    verdict: 'ok',
    http_status: 200,
    detail: expect.stringMatching(/^depth \d+, pending \d+, workers polling \d+$/),
    remedy: null,
  });
  expect(rows[1]).toMatchObject({ operation: 'list', credential: 'environment_key', verdict: 'ok' });
  expect(table.stdout).toMatch(/^ENVIRONMENT +OPERATION +CREDENTIAL +VERDICT +DETAIL$/m);
  expect(table.stdout).toMatch(/^prod +stats +api key \(api_key in file .*\) +ok +200 depth \d+/m);
  expect(table.stdout).toMatch(/Connection default needs about \d+ requests a minute; its budget is 240/);
  expect(table.stdout).not.toContain('To do');
});

it('sends GETs only, and each read once', async () => {
  await using api = await simulatedApi();
  using folder = new TestFolder();
  await runCli(['check', '--live', '--config', folder.write('config.yaml', configurationOf(api))]);
  const { requests } = api.truth().environments[PROD]!;
  expect(requests).toEqual({ stats: { 200: 1 }, list: { 200: 1 } });
});

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

/** Another environment in the place of prod. */
function otherOf(api: TestSimulator, environment: Readonly<Record<string, unknown>>) {
  return { ...configurationOf(api), environments: [environment] };
}

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

it('tells what was not tried, which is no failure', async () => {
  await using api = await simulatedApi();
  const { code, rows } = await checkLive(otherOf(api, { id: PROD, name: 'prod' }));
  expect(code).toBe(0);
  expect(rows).toMatchObject([
    { operation: 'stats', verdict: 'ok' },
    {
      operation: 'list',
      verdict: 'not_attempted',
      credential: null,
      remedy: expect.stringContaining('Console → Environments → prod → Environment keys → Create'),
    },
  ]);
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

it('tells what discovery found, and reads it', async () => {
  await using api = await simulatedApi();
  const configuration = { api: { base_url: api.url, api_key: api.apiKey }, discovery: { enabled: true } };
  const { code, rows, table } = await checkLive(configuration, keysOf(api));
  expect(code).toBe(0);
  expect(rows[0]).toMatchObject({
    environment_id: null,
    operation: 'environments',
    verdict: 'ok',
    credential: 'api_key',
  });
  expect(
    rows.filter(({ operation }) => operation === 'stats').map(({ environment_id }) => environment_id),
  ).toHaveLength(3);
  expect(table.stdout).toMatch(/^\(default\) +environments /m);
});

it('tells that discovery left something out, which is no failure', async () => {
  await using api = await environmentsApi([{ id: 'a b' }, { id: 'env_a' }]);
  const connection = { base_url: api.url, api_key: `sk-ant-api03-${'a'.repeat(40)}` };
  const { code, rows } = await checkLive({ api: connection, discovery: { enabled: true } });
  expect(code).toBe(0);
  expect(rows[0]).toMatchObject({
    operation: 'environments',
    detail: expect.stringMatching(/^1 environment, .*; 1 is left out because its id is unusable$/),
    remedy: expect.stringContaining('Check the ids'),
  });
});

it('cuts a name that is too long for a table, and no other', async () => {
  const long = `begin ${'😀'.repeat(200)} end`;
  await using api = await environmentsApi([
    { id: 'env_a', name: long },
    { id: 'env_b', name: 'b'.repeat(40) },
  ]);
  const connection = { base_url: api.url, api_key: `sk-ant-api03-${'a'.repeat(40)}` };
  const { rows, table } = await checkLive({ api: connection, discovery: { enabled: true } });
  const lines = table.stdout.split('\n');
  const cut = `begin ${'😀'.repeat(33)}…`;
  expect(lines.filter((line) => line.startsWith(`${cut} `)).length).toBe(2);
  expect(lines.filter((line) => line.startsWith(`${'b'.repeat(40)} `)).length).toBe(2);
  expect(table.stdout).toContain(`- ${cut} list`);
  expect(table.stdout.split('To do:')[0]).not.toContain(' end');
  const heading = lines.find((line) => line.startsWith('ENVIRONMENT'))!;
  expect(heading.indexOf('OPERATION')).toBeLessThan(80);
  // Programs get all that any name may have.
  expect(rows.map(({ environment_name }) => environment_name)).toContain(`begin ${'😀'.repeat(122)}`);
});

describe('the cost of a configuration that discovers', () => {
  const discovering = (url: string, keys: string) => ({
    api: { base_url: url, api_key: `sk-ant-api03-${'a'.repeat(40)}` },
    discovery: { enabled: true, interval: '5m', environment_keys_dir: keys },
    poll: { stats_interval: '10s', list_interval: '20s' },
  });
  const found = [{ id: 'env_a' }, { id: 'env_b' }, { id: 'env_c', archived: true }];

  it('counts what discovery found, and the keys that lie ready for it', async () => {
    await using api = await environmentsApi(found);
    using keys = new TestFolder();
    keys.write('env_a', `sk-ant-oat01-${'b'.repeat(40)}`);
    const { cost, table } = await checkLive(discovering(api.url, keys.path));
    // Two stats, one list, and discovery itself.
    expect(cost).toEqual([
      {
        connection: 'default',
        requests_per_minute: 6 + 6 + 3 + 0.2,
        per_discovered_environment: null,
        budget: 240,
      },
    ]);
    expect(table.stdout).toContain('Connection default needs about 15.2 requests a minute; its budget is 240.');
    expect(table.stdout).not.toContain('check --live counts');
  });

  it('says what each environment adds that discovery finds while nobody has asked the API', async () => {
    await using api = await environmentsApi(found);
    using folder = new TestFolder();
    const config = folder.write('config.yaml', discovering(api.url, folder.path));
    const { stdout } = await runCli(['check', '--config', config]);
    expect(stdout.trimEnd().split('\n').at(-1)).toBe(
      'Connection default needs about 0.2 requests a minute, and up to 9 more for each environment that discovery finds; its budget is 240.',
    );
    expect(api.requests).toEqual([]);
  });
});

it('tells a discovery that is refused', async () => {
  await using api = await simulatedApi();
  api.setFaults([{ kind: 'status', status: 401, endpoints: ['environments'] }]);
  const configuration = { api: { base_url: api.url, api_key: api.apiKey }, discovery: { enabled: true } };
  const { code, rows, table } = await checkLive(configuration, keysOf(api));
  expect(code).toBe(4);
  expect(rows).toMatchObject([{ operation: 'environments', verdict: 'refused', http_status: 401 }]);
  // What it would have found is not in the cost.
  expect(table.stdout).toContain('and up to 6 more for each environment that discovery finds; its budget is 240.');
});

it('tells a clock that is minutes off, although the two answers of one environment correct nothing yet', async () => {
  await using api = await simulatedApi();
  api.setFaults([{ kind: 'date_skew', seconds: 180 }]);
  const { table } = await checkLive(prodOf(api));
  expect(table.stdout).toMatch(/The API's clock is 1(79|80|81)\.\d s ahead\./);
});

it('is silent about two clocks that agree', async () => {
  await using api = await simulatedApi();
  const { table } = await checkLive(prodOf(api));
  expect(table.stdout).not.toContain('clock');
});
