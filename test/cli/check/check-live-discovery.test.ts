import { describe, expect, it } from 'vitest';
import { environmentsApi } from '../../app/environments-api.ts';
import { keysOf, simulatedApi } from '../../support/simulated-api.ts';
import { TestFolder } from '../files.ts';
import { runCli } from '../run-cli.ts';
import { checkLive } from './live-check.ts';

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

describe('an environment that was archived a minute ago and has no key', () => {
  const archivedAt = new Date(Date.now() - 60_000).toISOString();
  const found = [{ id: 'env_a' }, { id: 'env_old', archivedAt }];

  it('is told as archived, and is no failure', async () => {
    await using api = await environmentsApi(found);
    const connection = { base_url: api.url, api_key: `sk-ant-api03-${'a'.repeat(40)}` };
    const { code, rows, table } = await checkLive({ api: connection, discovery: { enabled: true } });
    expect(code).toBe(0);
    expect(rows.filter(({ environment_id: id }) => id === 'env_old')).toMatchObject([
      { operation: 'stats', verdict: 'ok', detail: expect.stringMatching(/^archived; depth 0/) },
      { operation: 'list', verdict: 'archived', remedy: null },
    ]);
    expect(table.stdout).not.toMatch(/Console → Environments → env_old/);
  });

  it('is counted as archived where nothing of it can be read', async () => {
    await using api = await environmentsApi(found);
    using keys = new TestFolder();
    keys.write('env_a', `env-${'b'.repeat(40)}`);
    const { code, rows } = await checkLive({
      api: { provider: 'opensdlc', base_url: api.url, api_key: 'a'.repeat(40) },
      discovery: { enabled: true, environment_keys_dir: keys.path },
    });
    expect(code).toBe(0);
    expect(rows[0]!.detail).toMatch(/; 1 is archived and not watched$/);
    expect(rows.some(({ environment_id: id }) => id === 'env_old')).toBe(false);
  });
});
