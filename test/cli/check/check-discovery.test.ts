import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { LiveRow } from '../../../src/cli/check/live-row.ts';
import { environmentsApi } from '../../app/environments-api.ts';
import { startServer } from '../../client/test-server.ts';
import { AMPLE_REQUESTS, configurationOf, simulatedApi } from '../../support/simulated-api.ts';
import { TestFolder } from '../files.ts';
import { runCli } from '../run-cli.ts';

async function checkLive(configuration: unknown) {
  using folder = new TestFolder();
  const path = folder.write('config.yaml', configuration);
  const json = await runCli(['check', '--live', '--json', '--config', path]);
  const { ok, live } = JSON.parse(json.stdout) as { ok: boolean; live: LiveRow[] };
  expect(ok).toBe(json.code === 0);
  return { code: json.code, rows: live, text: (await runCli(['check', '--live', '--config', path])).stdout };
}

const API_KEY = `sk-ant-api03-${'a'.repeat(40)}`;

function discovering(url: string, api: Record<string, unknown> = {}, discovery: Record<string, unknown> = {}) {
  return {
    api: { base_url: url, api_key: API_KEY, requests_per_minute: AMPLE_REQUESTS, ...api },
    discovery: { enabled: true, ...discovery },
  };
}

describe('check --live of a discovery that finds nothing to watch', () => {
  it.each<[what: string, environments: Parameters<typeof environmentsApi>[0], discovery: Record<string, unknown>]>([
    ['none at all', [], {}],
    ['only cloud ones', [{ id: 'env_a', type: 'cloud' }], {}],
    ['only archived ones', [{ id: 'env_a', archived: true }], {}],
    ['only excluded ones', [{ id: 'env_a' }], { exclude: ['env_*'] }],
    ['only ones that are not included', [{ id: 'env_a' }], { include: ['prod*'] }],
  ])('%s: says so and fails', async (_, environments, discovery) => {
    await using api = await environmentsApi(environments);
    const { code, rows, text } = await checkLive(discovering(api.url, {}, discovery));
    expect(code).toBe(1);
    expect(rows).toMatchObject([
      { operation: 'environments', verdict: 'not_found', remedy: expect.stringContaining('discovery.include') },
    ]);
    expect(text).toContain('none to watch');
  });

  it('names max_environments where that alone leaves nothing to watch', async () => {
    await using api = await environmentsApi([{ id: 'env_a' }]);
    await using first = await environmentsApi([{ id: 'env_b', createdAt: '2024-01-01T00:00:00Z' }]);
    const { code, rows, text } = await checkLive({
      connections: {
        first: { base_url: first.url, api_key: API_KEY },
        second: { base_url: api.url, api_key: API_KEY },
      },
      discovery: { enabled: true, max_environments: 1 },
    });
    expect(code).toBe(1);
    expect(rows.filter(({ environment_id: id }) => id === null)).toMatchObject([
      { connection: 'first', verdict: 'ok', remedy: null },
      {
        connection: 'second',
        verdict: 'not_found',
        remedy: expect.stringContaining('Raise discovery.max_environments'),
      },
    ]);
    expect(text).toContain('1 is over the limit and not watched');
    expect(text).not.toContain('discovery.include');
  });

  it('is no failure where another connection watches what it finds', async () => {
    await using api = await environmentsApi([{ id: 'env_a' }]);
    const connection = { base_url: api.url, api_key: API_KEY };
    const { code, rows } = await checkLive({
      connections: { first: connection, second: connection },
      discovery: { enabled: true },
    });
    expect(code).toBe(0);
    expect(rows.filter(({ environment_id: id }) => id === null)).toMatchObject([
      { connection: 'first', verdict: 'ok', detail: '1 environment, archived and cloud ones included' },
      { connection: 'second', verdict: 'ok', detail: expect.stringMatching(/; all are watched through another/) },
    ]);
  });

  it('is no failure where a configured environment is watched', async () => {
    await using api = await environmentsApi([]);
    const { code } = await checkLive({ ...discovering(api.url), environments: [{ id: 'env_a', name: 'a' }] });
    expect(code).toBe(0);
  });
});

describe('check --live of environments without any key', () => {
  it('fails and says where the key belongs', async () => {
    await using api = await simulatedApi({ preset: 'opensdlc' });
    const { code, rows, text } = await checkLive(discovering(api.url, { provider: 'opensdlc', api_key: api.apiKey }));
    expect(code).toBe(1);
    const [discovery, ...others] = rows;
    expect(discovery).toMatchObject({ operation: 'environments', verdict: 'ok', http_status: 200 });
    expect(others).toHaveLength(2 * api.environments.length);
    for (const { verdict, remedy, environment_id: id } of others) {
      expect(verdict).toBe('not_attempted');
      expect(remedy).toContain(`a file named ${id} in discovery.environment_keys_dir`);
    }
    expect(text).toContain('no environment key is configured');
  });

  it('is well when the keys lie in the directory', async () => {
    await using api = await simulatedApi({ preset: 'opensdlc' });
    using folder = new TestFolder();
    const keys = join(folder.path, 'keys');
    mkdirSync(keys);
    for (const { id, environmentKey } of api.environments) writeFileSync(join(keys, id), environmentKey);
    const connection = { provider: 'opensdlc', api_key: api.apiKey };
    const { code, rows } = await checkLive(discovering(api.url, connection, { environment_keys_dir: keys }));
    expect(code).toBe(0);
    expect(new Set(rows.map(({ verdict }) => verdict))).toEqual(new Set(['ok']));
  });
});

it('check --live with a dead API key beside good environment keys is well, and says which key to replace', async () => {
  await using api = await simulatedApi();
  const { code, rows } = await checkLive(configurationOf(api, { api: { base_url: api.url, api_key: API_KEY } }));
  expect(code).toBe(0);
  const stats = rows.filter(({ operation }) => operation === 'stats');
  for (const row of stats) expect(row).toMatchObject({ verdict: 'ok', credential: 'environment_key' });
  // In the very place where it is, and not under the other option that could hold it.
  expect(stats.some(({ remedy }) => remedy?.startsWith('The API refuses the API key from api_key in file '))).toBe(
    true,
  );
});

/** An API that lists the environment env_a, and answers everything else with this status; or a firewall does, with a page. */
async function refusing(status: number, { page = false } = {}) {
  const listed = { id: 'env_a', name: 'a', type: 'environment', config: { type: 'self_hosted' }, archived_at: null };
  return startServer((request, response) => {
    const isList = request.url?.startsWith('/v1/environments?') === true;
    response.writeHead(isList ? 200 : status, { 'content-type': 'application/json' });
    const refusal = { type: 'error', error: { type: 'authentication_error', message: 'no' } };
    const refused = page ? '<html>no</html>' : JSON.stringify(refusal);
    response.end(isList ? JSON.stringify({ data: [listed], next_page: null }) : refused);
  });
}

describe('check --live of a key that lists environments and is refused for their stats', () => {
  it.each([
    [
      401,
      /^The API accepts the API key from api_key in file .* for the list of environments, but not for this read \(stats\)/,
    ],
    // Listing proves nothing about the rights that this one lacks.
    [403, /belongs to the workspace of env_a/],
  ])('with %d: the remedy says what is so', async (status, remedy) => {
    const api = await refusing(status);
    const { code, rows } = await checkLive(discovering(api.url));
    await api.close();
    expect(code).toBe(4);
    expect(rows.slice(0, 2)).toMatchObject([
      { operation: 'environments', verdict: 'ok' },
      { operation: 'stats', verdict: 'refused', http_status: status, remedy: expect.stringMatching(remedy) },
    ]);
  });

  it('with a page of HTML, what stands between is blamed', async () => {
    const api = await refusing(401, { page: true });
    const { rows } = await checkLive(discovering(api.url));
    await api.close();
    const remedy = expect.stringContaining('a firewall or a login between here and base_url refuses the request');
    expect(rows[1]).toMatchObject({ operation: 'stats', verdict: 'bad_response', http_status: 401, remedy });
  });

  it('with a key that is refused everywhere, the key is blamed', async () => {
    await using api = await simulatedApi();
    const { rows } = await checkLive(discovering(api.url));
    expect(rows).toMatchObject([{ verdict: 'refused', remedy: expect.stringContaining('is complete') }]);
  });
});
