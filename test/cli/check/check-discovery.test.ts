import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { LiveRow } from '../../../src/cli/check/check-live.ts';
import { environmentsApi } from '../../app/environments-api.ts';
import { configurationOf, simulatedApi } from '../../support/simulated-api.ts';
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
  return { api: { base_url: url, api_key: API_KEY, ...api }, discovery: { enabled: true, ...discovery } };
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
  expect(stats.some(({ remedy }) => remedy?.includes('api_key_file'))).toBe(true);
});
