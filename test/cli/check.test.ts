import { createServer } from 'node:net';
import { describe, expect, it } from 'vitest';
import { shardOf } from '../../src/domain/shard.ts';
import { environmentKeyFor } from '../../src/simulator/access.ts';
import { environmentsApi } from '../app/environments-api.ts';
import { listen } from '../client/test-server.ts';
import { AMPLE_REQUESTS, configurationOf, keysOf, PROD, STAGING, simulatedApi } from '../support/simulated-api.ts';
import { TestFolder } from './files.ts';
import { checkLive, otherOf, prodOf } from './live-check.ts';
import { runCli } from './run-cli.ts';

const KEY = `sk-ant-api03-${'a'.repeat(40)}`;
const ENVIRONMENT_KEY = `sk-ant-oat01-${'b'.repeat(40)}`;

async function check(configuration: unknown, args: readonly string[] = [], env: Readonly<Record<string, string>> = {}) {
  using folder = new TestFolder();
  const config = folder.write('config.yaml', configuration);
  const text = await runCli(['check', '--config', config, ...args], env);
  const json = await runCli(['check', '--config', config, '--json', ...args], env);
  expect(json.code).toBe(text.code);
  return { ...text, config, result: JSON.parse(json.stdout) };
}

it('says what a good configuration costs, and asks nothing', async () => {
  await using api = await environmentsApi([]);
  const { code, stdout, stderr } = await check({
    api: { base_url: api.url, api_key: KEY },
    environments: [{ id: 'env_a' }],
  });
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  expect(stdout).toContain('Connection default needs about 4 requests a minute; its budget is 240.');
  expect(api.requests).toEqual([]);
});

it('tells every problem with its place and what to do, as text and as JSON, and no key', async () => {
  const { code, stdout, config, result } = await check(
    `api: {api_keey: x, api_key: ${KEY}}\nenvironments:\n  - {id: env_a}\n  - {id: env_a}\npoll: {stats_interval: soon}\n`,
  );
  expect(code).toBe(2);
  expect(stdout).not.toContain(KEY);
  expect(result).toMatchObject({ schema: 1, ok: false, exit_code: 2, notices: [], shard: null, live: [], cost: [] });
  const problems: string[] = result.problems.map((problem: string) => problem.replace(/^.*config\.yaml/, config));
  expect(stdout.trimEnd().split('\n')).toHaveLength(problems.length);
  for (const place of [':1:7: api.api_keey: ', ':5:24: poll.stats_interval: '])
    expect(stdout).toContain(`${config}${place}`);
  for (const line of stdout.trimEnd().split('\n')) expect(line).toMatch(/; \S/);
});

describe('--shard', () => {
  const IDS = Array.from({ length: 90 }, (_, index) => `env_${index}`);
  const own = (shard: number) => IDS.filter((id) => shardOf(id, 3) === shard);
  const fleet = { api: { api_key: KEY }, environments: IDS.map((id) => ({ id })) };

  it.each([
    ['2/3', 2],
    // The test's host is exporter-1.
    ['auto/3', 1],
  ])('%s: which environments that shard watches and what it costs', async (written, index) => {
    const { stdout, result } = await check(fleet, ['--shard', written]);
    const watched = own(index);
    expect(result).toMatchObject({ shard: `${index}/3`, watched, configured_elsewhere: 90 - watched.length });
    expect(result.cost).toMatchObject([{ requests_per_minute: 4 * watched.length, budget: 80 }]);
    expect(stdout).toContain(`Shard ${index}/3 watches ${watched.length} environments: ${watched[0]}, `);
    expect(stdout).toContain(`, ${watched.length - 20} more.`);
  });

  it('knows the discovered environments of its shard', async () => {
    await using api = await environmentsApi(IDS.slice(0, 20).map((id) => ({ id })));
    const connection = { base_url: api.url, api_key: KEY, requests_per_minute: AMPLE_REQUESTS };
    const { result } = await check({ api: connection, discovery: { enabled: true } }, ['--live', '--shard', '1/3']);
    const watched = own(1).filter((id) => IDS.indexOf(id) < 20);
    expect(result).toMatchObject({ ok: true, watched: watched.toSorted() });
  });

  it('that does not exist', async () => {
    const { code, stdout } = await check(fleet, ['--shard', '3/3']);
    expect({ code, stdout }).toEqual({ code: 2, stdout: expect.stringContaining('--shard: must be I/N') });
  });
});

describe('notices', () => {
  const one = { api: { api_key: KEY }, environments: [{ id: 'env_a', environment_key: ENVIRONMENT_KEY }] };
  const many = (count: number) => ({
    ...one,
    environments: Array.from({ length: count }, (_, n) => ({ id: `env_${n}` })),
  });
  const NOTICES: readonly (readonly [string, object, string | RegExp | null])[] = [
    ['a fleet that fits', many(54), null],
    ['one that does not', many(55), /they need 220 requests a minute and 216 of 240 .* requests_per_minute to 245/],
    ['a look-alike host', { ...one, api: { base_url: 'https://\u0430pi.x.com', api_key: KEY } }, /xn--pi-7cd|xn--/],
  ];

  it.each(NOTICES)('%s', async (_, configuration, notice) => {
    const { code, stdout, result } = await check(configuration);
    expect(code).toBe(0);
    expect(stdout.match(/^Note: /gm)?.length ?? 0).toBe(result.notices.length);
    const others = result.notices.filter((text: string) => !text.includes(' cannot be read with'));
    expect(others).toEqual(notice === null ? [] : [expect.stringMatching(notice)]);
  });

  it.each(['HTTPS_PROXY', 'https_proxy'])(
    'a proxy that %s does not name is an error, without its password',
    async (name) => {
      for (const command of ['check', 'once']) {
        const env = { [name]: 'ftp://user:secret@proxy', ANTHROPIC_API_KEY: KEY, ANTHROPIC_ENVIRONMENT_ID: 'env_1' };
        const { code, stdout, stderr } = await runCli([command], env);
        expect(code).toBe(2);
        expect((stdout + stderr).trim()).toMatch(new RegExp(`^${name}: is not the URL of a proxy; `));
        expect(stdout + stderr).not.toContain('secret');
      }
    },
  );

  it('a proxy in a variable of other programs, where it would make a difference', async () => {
    const proxy = { ALL_PROXY: 'http://user:secret@proxy:3128' };
    const { result } = await check(one, [], proxy);
    expect(result.notices).toEqual([expect.stringMatching(/^ALL_PROXY: is not read; (?!.*secret)/)]);
    const named = { ...proxy, HTTPS_PROXY: 'proxy:3128', NO_PROXY: '.internal,10.0.0.0/8' };
    expect((await check(one, [], named)).result.notices).toEqual([]);
    const byAddress = { ...one, api: { ...one.api, base_url: 'https://10.1.2.3' } };
    expect((await check(byAddress, [], named)).result.notices).toEqual([
      expect.stringMatching(/^NO_PROXY: names networks, which are not read; /),
    ]);
  });

  it.each([true, false])('an API key among the variables of a worker, with a file: %s', async (hasFile) => {
    using folder = new TestFolder();
    const args = hasFile ? ['check', '--config', folder.write('config.yaml', one)] : ['check'];
    const worker = { ANTHROPIC_ENVIRONMENT_ID: 'env_a', ANTHROPIC_ENVIRONMENT_KEY: ENVIRONMENT_KEY };
    const warning = /^Note: ANTHROPIC_API_KEY: is set beside ANTHROPIC_ENVIRONMENT_KEY: .* tool calls/m;
    expect((await runCli(args, { ...worker, ANTHROPIC_API_KEY: KEY })).stdout).toMatch(warning);
    expect((await runCli(args, worker)).stdout).not.toMatch(warning);
  });
});

describe('--live', () => {
  it('says who was read with which key, and what came back, with one GET each', async () => {
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
    expect(table.stdout).toMatch(/^prod +stats +api key \(api_key in file .*\) +ok +200 depth \d+/m);
    expect(table.stdout).not.toMatch(/To do|clock/);
    // `checkLive` checks twice.
    expect(api.truth().environments[PROD]!.requests).toEqual({ stats: { 200: 2 }, list: { 200: 2 } });
  });

  it.each([
    ['a revoked key', { kind: 'revoked' }, 4, 'refused', 401, /revoked|API keys/],
    ['a key without the right', { kind: 'status', status: 403 }, 4, 'refused', 403, /belong/],
    ['a limit', { kind: 'status', status: 429, retryAfterSeconds: 0 }, 1, 'rate_limited', 429, /requests_per_minute/],
    ['an API in trouble', { kind: 'status', status: 500, shouldRetry: false }, 1, 'unreachable', 500, /status page/],
    ['garbage', { kind: 'garbage' }, 1, 'bad_response', 200, /base_url/],
  ] as const)('tells %s', async (_, fault, code, verdict, status, remedy) => {
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

  it('tells which of two keys is refused while the other is good', async () => {
    await using api = await simulatedApi();
    const { code, rows } = await checkLive(configurationOf(api, { api: { base_url: api.url, api_key: KEY } }));
    expect(code).toBe(0);
    const stats = rows.filter(({ operation }) => operation === 'stats');
    for (const row of stats) expect(row).toMatchObject({ verdict: 'ok', credential: 'environment_key' });
    expect(stats.some(({ remedy }) => remedy?.startsWith('The API refuses the API key from api_key in file '))).toBe(
      true,
    );
  });

  it('tells what is not there, not self-hosted or may not be', async () => {
    await using api = await simulatedApi();
    const { api: connection } = configurationOf(api);
    const cloud = { id: 'env_sim_cloud' };
    const verdictsOf = async (configuration: unknown) => {
      const { code, rows } = await checkLive(configuration);
      return { code, verdicts: rows.map(({ verdict }) => verdict), remedy: rows.at(-1)!.remedy };
    };
    expect((await verdictsOf(otherOf(api, { id: 'env_nowhere' }))).verdicts[0]).toBe('not_found');
    expect(await verdictsOf(otherOf(api, { ...cloud, environment_key: environmentKeyFor(1, cloud.id) }))).toMatchObject(
      {
        code: 1,
        verdicts: ['not_self_hosted', 'not_self_hosted'],
      },
    );
    const discovery = { enabled: true, include: ['-'] };
    expect(await verdictsOf({ api: connection, environments: [cloud], discovery })).toMatchObject({
      code: 1,
      verdicts: ['ok', 'not_self_hosted', 'not_self_hosted'],
      remedy: expect.stringContaining('take this one out'),
    });
    const { code, rows } = await checkLive(otherOf(api, cloud));
    expect(code).toBe(0);
    expect(rows[0]).toMatchObject({ verdict: 'ok', remedy: expect.stringContaining('discovery.enabled') });
  });

  it('tells an API that never answers, and a port on which nobody listens', async () => {
    await using api = await simulatedApi();
    api.setFaults([{ kind: 'hang' }]);
    const hanging = await checkLive(prodOf(api, {}, { timeout: '1s' }));
    const server = createServer();
    const port = await listen(server);
    await new Promise((resolve) => server.close(resolve));
    const closed = { api: { base_url: `http://127.0.0.1:${port}`, api_key: KEY }, environments: [{ id: 'env_a' }] };
    for (const { code, rows } of [hanging, await checkLive(closed)]) {
      expect(code).toBe(1);
      expect(rows[0]).toMatchObject({ verdict: 'unreachable', http_status: null, remedy: expect.any(String) });
    }
  });

  it('says where a missing key belongs, which is no failure while another read works', async () => {
    await using api = await simulatedApi();
    const { code, rows } = await checkLive(otherOf(api, { id: PROD, name: 'prod' }));
    expect(code).toBe(0);
    const remedy = /key of prod in Console → Environments → Environment keys, then set environment_key_file/;
    expect(rows[1]).toMatchObject({
      verdict: 'not_attempted',
      credential: null,
      remedy: expect.stringMatching(remedy),
    });
    const env = { ANTHROPIC_BASE_URL: api.url, ANTHROPIC_API_KEY: api.apiKey, ANTHROPIC_ENVIRONMENT_ID: PROD };
    expect((await runCli(['check', '--live'], env)).stdout).toContain(
      'Environment keys, then set ANTHROPIC_ENVIRONMENT_KEY',
    );
  });

  it('tells a clock that is minutes off', async () => {
    await using api = await simulatedApi();
    api.setFaults([{ kind: 'date_skew', seconds: 180 }]);
    expect((await checkLive(prodOf(api))).table.stdout).toMatch(/The API's clock is 1(79|80|81)\.\d s ahead\./);
  });
});

describe('--live with discovery', () => {
  const discovering = (url: string, api: object = {}, discovery: object = {}) => ({
    api: { base_url: url, api_key: KEY, requests_per_minute: AMPLE_REQUESTS, ...api },
    discovery: { enabled: true, ...discovery },
  });

  it('tells what it found, reads it, and counts its cost', async () => {
    await using api = await environmentsApi([
      { id: 'env_a' },
      { id: 'env_b' },
      { id: 'env_c', archived: true },
      { id: 'a b' },
    ]);
    using keys = new TestFolder();
    keys.write('env_a', ENVIRONMENT_KEY);
    const configuration = discovering(api.url, {}, { environment_keys_dir: keys.path });
    const { code, rows, cost, table } = await checkLive(configuration);
    expect(code).toBe(0);
    expect(rows[0]).toMatchObject({ environment_id: null, operation: 'environments', verdict: 'ok' });
    expect(rows[0]!.detail).toMatch(/^3 found, 1 archived and not watched, 1 left out/);
    expect(table.stdout).toMatch(/^\(default\) +environments /m);
    // Two stats, one list, and discovery itself.
    expect(cost).toMatchObject([{ requests_per_minute: 4 + 4 + 2 + 0.2, per_discovered_environment: null }]);
    const before = await check(configuration);
    expect(before.result.cost).toMatchObject([{ requests_per_minute: 0.2, per_discovered_environment: 6 }]);
    expect(before.stdout).toContain('and up to 6 more for each environment that discovery finds');
  });

  it.each<[what: string, environments: Parameters<typeof environmentsApi>[0], discovery: object, remedy: string]>([
    ['none at all', [], {}, 'discovery.include'],
    ['only cloud ones', [{ id: 'env_a', type: 'cloud' }], {}, 'discovery.include'],
    ['only archived ones', [{ id: 'env_a', archived: true }], {}, 'discovery.include'],
    ['only excluded ones', [{ id: 'env_a' }], { exclude: ['env_*'] }, 'discovery.include'],
  ])('%s: says so and fails', async (_, environments, discovery, remedy) => {
    await using api = await environmentsApi(environments);
    const { code, rows } = await checkLive(discovering(api.url, {}, discovery));
    expect(code).toBe(1);
    expect(rows).toMatchObject([{ verdict: 'not_found', remedy: expect.stringContaining(remedy) }]);
  });

  it('names max_environments where that alone leaves nothing to watch, and fails not where another watches it', async () => {
    await using api = await environmentsApi([{ id: 'env_a' }]);
    await using first = await environmentsApi([{ id: 'env_b', createdAt: '2024-01-01T00:00:00Z' }]);
    const connection = ({ url }: { readonly url: string }) => ({ base_url: url, api_key: KEY });
    const limited = await checkLive({
      connections: { first: connection(first), second: connection(api) },
      discovery: { enabled: true, max_environments: 1 },
    });
    expect(limited.code).toBe(1);
    expect(limited.rows.find((row) => row.connection === 'second')).toMatchObject({
      verdict: 'not_found',
      remedy: expect.stringContaining('Raise discovery.max_environments'),
    });
    const shared = await checkLive({
      connections: { first: connection(api), second: connection(api) },
      discovery: { enabled: true },
    });
    expect(shared.code).toBe(0);
  });

  it('says where the keys belong where nothing can be read without them', async () => {
    await using api = await simulatedApi({ preset: 'opensdlc' });
    const connection = { provider: 'opensdlc', api_key: api.apiKey };
    const { code, rows } = await checkLive(discovering(api.url, connection));
    expect(code).toBe(1);
    for (const { verdict, remedy, environment_id: id } of rows.slice(1)) {
      expect(verdict).toBe('not_attempted');
      expect(remedy).toContain(`a file named ${id} in discovery.environment_keys_dir`);
    }
    using keys = new TestFolder();
    for (const { id, environmentKey } of api.environments) keys.write(id, environmentKey);
    expect((await checkLive(discovering(api.url, connection, { environment_keys_dir: keys.path }))).code).toBe(0);
  });

  it('an environment that was archived a minute ago and has no key is no failure', async () => {
    const archivedAt = new Date(Date.now() - 60_000).toISOString();
    await using api = await environmentsApi([{ id: 'env_a' }, { id: 'env_old', archivedAt }]);
    const { code, rows } = await checkLive(discovering(api.url));
    expect(code).toBe(0);
    expect(rows.filter(({ environment_id: id }) => id === 'env_old')).toMatchObject([
      { operation: 'stats', verdict: 'ok', detail: expect.stringMatching(/^archived; depth 0/) },
      { operation: 'list', verdict: 'archived', remedy: null },
    ]);
  });
});
