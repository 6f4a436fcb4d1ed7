import { expect, it } from 'vitest';
import type { CheckResult } from '../../../src/cli/check/check-result.ts';
import { shardOf } from '../../../src/domain/shard.ts';
import { environmentsApi } from '../../app/environments-api.ts';
import { AMPLE_REQUESTS } from '../../support/simulated-api.ts';
import { TestFolder } from '../files.ts';
import { runCli } from '../run-cli.ts';

const IDS = Array.from({ length: 30 }, (_, index) => `env_${index}`);
const own = (shard: number) => IDS.filter((id) => shardOf(id, 3) === shard);
const configured = { api: { api_key: 'k' }, environments: IDS.map((id) => ({ id })) };

async function check(configuration: unknown, ...args: string[]) {
  using folder = new TestFolder();
  const config = ['--config', folder.write('config.yaml', configuration)];
  const json = await runCli(['check', '--json', ...config, ...args]);
  const text = await runCli(['check', ...config, ...args]);
  return { result: JSON.parse(json.stdout) as CheckResult, text: text.stdout, code: text.code };
}

it.each([
  ['2/3', 2],
  // The test's host is exporter-1.
  ['auto/3', 1],
])('check --shard %s says which environments that shard watches and what it costs', async (written, index) => {
  const { result, text } = await check(configured, '--shard', written);
  const mine = own(index);
  expect(result).toMatchObject({ shard: `${index}/3`, watched: mine, configured_elsewhere: 30 - mine.length });
  expect(result.cost).toEqual([
    { connection: 'default', requests_per_minute: 4 * mine.length, per_discovered_environment: null, budget: 80 },
  ]);
  expect(text).toContain(
    `Shard ${index}/3 watches ${mine.length} environments: ${mine.join(', ')}. Other shards watch ${30 - mine.length} of the configured ones.`,
  );
});

it('check names twenty environments and counts the rest', async () => {
  const many = { ...configured, environments: Array.from({ length: 90 }, (_, index) => ({ id: `env_${index}` })) };
  const { result, text } = await check(many, '--shard', '0/3');
  expect(text).toContain(`, ${result.watched.length - 20} more.`);
});

it('check of the whole fleet says nothing of shards', async () => {
  const { result, text } = await check(configured);
  expect(result).toMatchObject({ shard: '0/1', watched: IDS, configured_elsewhere: 0 });
  expect(text).not.toContain('hard');
});

it('check --live knows the discovered environments of its shard', async () => {
  await using api = await environmentsApi(IDS.map((id) => ({ id })));
  const connection = { base_url: api.url, api_key: 'k', requests_per_minute: AMPLE_REQUESTS };
  const discovering = { api: connection, discovery: { enabled: true } };
  const { result, code } = await check(discovering, '--live', '--shard', '1/3');
  expect(code).toBe(0);
  expect(result).toMatchObject({ shard: '1/3', watched: own(1).toSorted() });
  expect(new Set(result.live.flatMap((row) => row.environment_id ?? []))).toEqual(new Set(own(1)));
});

it('check rejects a shard that does not exist, and names the flag', async () => {
  const { code, text } = await check(configured, '--shard', '3/3');
  expect(code).toBe(2);
  expect(text).toContain('--shard: must be I/N');
});
