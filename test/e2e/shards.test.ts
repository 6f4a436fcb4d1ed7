import { expect, it } from 'vitest';
import { shardOf } from '../../src/domain/shard.ts';
import { DEFAULT_RULE_OPTIONS } from '../../src/rules/rule.ts';
import { environmentsApi } from '../app/environments-api.ts';
import { TestFolder } from '../cli/files.ts';
import { startCommand, type TestProcess } from '../support/processes.ts';
import { LivePrometheus } from '../support/prometheus.ts';
import { quickRules } from '../support/rule-texts.ts';
import { waitUntil } from '../support/wait-until.ts';

const MINUTE_MS = 3000;
const PATIENCE_MS = 240_000;
const { job } = DEFAULT_RULE_OPTIONS;
const IDS = Array.from({ length: 200 }, (_, index) => `env_${index}`);

it('Prometheus sees every environment once with three shards and with four, and is told of one that is missing', {
  timeout: 4 * PATIENCE_MS,
}, async () => {
  await using resources = new AsyncDisposableStack();
  const api = resources.use(await environmentsApi(IDS.map((id) => ({ id }))));
  const folder = resources.use(new TestFolder());
  const config = folder.write('exporter.yaml', {
    api: { base_url: api.url, api_key: 'k', requests_per_minute: 6000 },
    discovery: { enabled: true },
    // A tenth of them are configured, the others discovered.
    environments: IDS.slice(0, 20).map((id) => ({ id })),
  });
  // What Prometheus scrapes: it reads the file again when it changes.
  const targets = folder.write('targets.json', []);
  const scrapeConfigs = [{ job_name: job, file_sd_configs: [{ files: [targets], refresh_interval: '1s' }] }];
  const rules = { 'rules.yaml': quickRules(DEFAULT_RULE_OPTIONS, MINUTE_MS) };
  const prometheus = resources.use(await LivePrometheus.start({ scrapeConfigs, rules }));

  const running = new Map<number, TestProcess>();
  /** By the index of the shard: taken at its first start, and again at each one after. */
  const addresses: string[] = [];
  const start = async (index: number, count: number) => {
    const address = ['--listen', addresses[index] ?? '127.0.0.1:0', '--shard', `${index}/${count}`];
    const shard = resources.use(startCommand(['serve', '--config', config, ...address]));
    running.set(index, shard);
    addresses[index] = new URL((await shard.saw(/"url":"([^"]+)"/))[1]!).host;
    folder.write('targets.json', [{ targets: Object.values(addresses) }]);
  };
  const stop = async (index: number) => {
    running.get(index)!.kill('SIGTERM');
    await running.get(index)!.exit;
  };
  const eventually = (what: string, condition: () => Promise<boolean>) =>
    waitUntil(condition, { what, timeoutMs: PATIENCE_MS, everyMs: 100 });

  /** Instance by environment, once each environment is watched by somebody; fails where two watch the same. */
  const watchers = async (): Promise<ReadonlyMap<string, string>> => {
    const info = `anthropic_work_environment_info{job="${job}"}`;
    await eventually('every environment once', async () => {
      const counts = await prometheus.byLabel('environment_id', `count by (environment_id) (${info})`);
      return Object.keys(counts).length === IDS.length && Object.values(counts).every((count) => count === 1);
    });
    const series = await prometheus.query(info);
    return new Map(series.map(({ labels }) => [labels.environment_id!, labels.instance!]));
  };
  const missing = () => prometheus.query('ALERTS{alertname="AnthropicWorkExporterShardMissing", alertstate="firing"}');

  await Promise.all([0, 1, 2].map((index) => start(index, 3)));
  const before = await watchers();
  for (const id of IDS) expect(before.get(id)).toBe(addresses[shardOf(id, 3)]);
  expect(await missing()).toEqual([]);

  await stop(1);
  await eventually('the page', async () => (await missing()).length > 0);
  expect(await missing()).toMatchObject([{ labels: { job, severity: 'critical' } }]);

  // A rollout: the new shard first, then the others, each started anew.
  await start(3, 4);
  for (const index of [2, 1, 0]) {
    await stop(index);
    await start(index, 4);
  }
  const after = await watchers();
  for (const id of IDS) expect(after.get(id)).toBe(addresses[shardOf(id, 4)]);
  const moved = IDS.filter((id) => before.get(id) !== after.get(id));
  expect(moved.length).toBeLessThanOrEqual(IDS.length * 0.3);
  for (const id of moved) expect(after.get(id)).toBe(addresses[3]);
  await eventually('the end of the page', async () => (await missing()).length === 0);
});
