import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { App } from '../../src/app/app.ts';
import { systemClock } from '../../src/base/clock.ts';
import { seededRandom } from '../../src/base/random.ts';
import { loadText } from '../../src/cli/configuration.ts';
import { shardOf } from '../../src/domain/shard.ts';
import { DEFAULT_RULE_OPTIONS } from '../../src/rules/rule.ts';
import { environmentsApi } from '../app/environments-api.ts';
import { LivePrometheus } from '../support/prometheus.ts';
import { quickRules } from '../support/quick-rules.ts';
import { silentLogger } from '../support/silent-logger.ts';
import { waitUntil } from '../support/wait-until.ts';

const MINUTE_MS = 3000;
const PATIENCE_MS = 240_000;
const { job } = DEFAULT_RULE_OPTIONS;
const IDS = Array.from({ length: 200 }, (_, index) => `env_${index}`);
/** A tenth of them are configured, the others discovered. */
const CONFIGURED = IDS.slice(0, 20);

const resources = new AsyncDisposableStack();
const running = new Map<number, App>();
let api: Awaited<ReturnType<typeof environmentsApi>>;
let prometheus: LivePrometheus;
/** By the index of the shard: taken at its first start, and again at each one after. */
const addresses: string[] = [];
/** What Prometheus scrapes: it reads the file again when it changes. */
let targets: string;

beforeAll(async () => {
  api = resources.use(await environmentsApi(IDS.map((id) => ({ id }))));
  const folder = mkdtempSync(join(tmpdir(), 'shards-'));
  resources.defer(() => rmSync(folder, { recursive: true }));
  targets = join(folder, 'targets.json');
  writeFileSync(targets, '[]');
  const rules = quickRules(DEFAULT_RULE_OPTIONS, MINUTE_MS);
  const scrapeConfigs = [{ job_name: job, file_sd_configs: [{ files: [targets], refresh_interval: '1s' }] }];
  prometheus = resources.use(await LivePrometheus.start({ scrapeConfigs, rules: { 'rules.yaml': rules } }));
});
afterAll(async () => {
  await Promise.all([...running.keys()].map(stop));
  await resources.disposeAsync();
});

/** Shard `index`, as one process of its own would run it. */
async function start(index: number, count: number): Promise<void> {
  const configuration = {
    api: { base_url: api.url, api_key: 'k', requests_per_minute: 6000 },
    discovery: { enabled: true },
    environments: CONFIGURED.map((id) => ({ id })),
  };
  const flags = { listen: addresses[index] ?? '127.0.0.1:0', shard: `${index}/${count}` };
  const load = loadText('test', JSON.stringify(configuration), flags);
  const loaded = await load();
  if (!loaded.ok) throw new Error(JSON.stringify(loaded.problems));
  const app = new App(loaded.config, {
    clock: systemClock,
    random: seededRandom(index),
    logger: silentLogger,
    env: {},
    build: { version: '0.0.0', revision: 'test', nodeVersion: process.version },
    load,
  });
  running.set(index, app);
  addresses[index] = new URL((await app.serve([])).url).host;
  writeFileSync(targets, JSON.stringify([{ targets: Object.values(addresses) }]));
}

async function stop(index: number): Promise<void> {
  await running.get(index)?.stop();
  running.delete(index);
}

const eventually = (what: string, condition: () => Promise<boolean>) =>
  waitUntil(condition, { what, timeoutMs: PATIENCE_MS });

/** Instance by environment, once each environment is watched by somebody; fails where two watch the same. */
async function watchers(): Promise<ReadonlyMap<string, string>> {
  const info = `anthropic_work_environment_info{job="${job}"}`;
  await eventually('every environment once', async () => {
    const counts = await prometheus.byLabel('environment_id', `count by (environment_id) (${info})`);
    return Object.keys(counts).length === IDS.length && Object.values(counts).every((count) => count === 1);
  });
  const series = await prometheus.query(info);
  return new Map(series.map(({ labels }) => [labels.environment_id!, labels.instance!]));
}

const missing = () => prometheus.query('ALERTS{alertname="AnthropicWorkExporterShardMissing", alertstate="firing"}');

it('Prometheus sees every environment once with three shards and with four, and is told of one that is missing', {
  timeout: 4 * PATIENCE_MS,
}, async () => {
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
