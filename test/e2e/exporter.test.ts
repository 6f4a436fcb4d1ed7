import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { EnvironmentTruth, Truth } from '../../src/simulator/start-simulator.ts';
import { TestFolder } from '../cli/files.ts';
import { startCommand } from '../support/processes.ts';
import { LivePrometheus } from '../support/prometheus.ts';
import { waitForExpected, waitUntil } from '../support/wait-until.ts';

/** Seconds. Short, so that hung workers show soon. */
const STALE_HEARTBEAT = 20;

/** Series that say what a read of the API said. They go when it is too old; everything else stays. */
const OBSERVED = [
  'queue_depth',
  'queue_pending',
  'queue_oldest_timestamp_seconds',
  'queue_oldest_age_seconds',
  'queue_age_unknown',
  'workers_polling',
  'items',
  'stale_heartbeat_items',
  'item_deliveries_max',
  'redelivered_items',
  'oldest_heartbeat_timestamp_seconds',
  'oldest_item_timestamp_seconds',
  'list_truncated',
  'list_pages',
  'list_items',
  'list_last_full_read_timestamp_seconds',
  'stats_list_mismatch_items',
].map((name) => `anthropic_work_${name}`);

const resources = new AsyncDisposableStack();
afterAll(() => resources.disposeAsync());

let simulator: { url: string; stop(): Promise<void> };
let prometheus: LivePrometheus;

beforeAll(async () => {
  const folder = resources.use(new TestFolder());
  const simulated = resources.use(
    startCommand(['simulate', '--listen', '127.0.0.1:0', '--scenario', 'stale-heartbeats', '--json']),
  );
  const [line] = await simulated.saw(/^\{.*\}$/m, 'stdout');
  const fleet = JSON.parse(line) as {
    simulator: string;
    api_key: string;
    environments: { id: string; name: string; environment_key: string }[];
  };
  const stop = async () => {
    simulated.kill('SIGTERM');
    await simulated.exit;
  };
  simulator = { url: fleet.simulator, stop };

  const config = folder.write('config.yaml', {
    api: { base_url: fleet.simulator, api_key: fleet.api_key },
    environments: fleet.environments,
    poll: { stats_interval: '5s', list_interval: '10s', stale_after: '15s' },
    thresholds: { stale_heartbeat: `${STALE_HEARTBEAT}s` },
  });
  const exporter = resources.use(startCommand(['serve', '--config', config, '--listen', '127.0.0.1:0']));
  const exporterUrl = (await exporter.saw(/"url":"([^"]+)"/))[1]!;
  prometheus = resources.use(await LivePrometheus.start({ jobs: { exporter: exporterUrl } }));
  await waitUntil(async () => (await prometheus.query('anthropic_work_up == 1')).length === 6, { everyMs: 100 });
});

async function truth(): Promise<Truth> {
  return (await (await fetch(`${simulator.url}/_sim/truth?stale_heartbeat=${STALE_HEARTBEAT}`)).json()) as Truth;
}

async function control(path: string, body: unknown): Promise<void> {
  const init = { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) };
  expect((await fetch(`${simulator.url}/_sim/${path}`, init)).status).toBe(200);
}

/** A number for each environment of the truth, in the shape of `byLabel`; unknown ones are left out. */
function expected(now: Truth, pick: (environment: EnvironmentTruth) => number | null): Record<string, number> {
  return Object.fromEntries(
    Object.entries(now.environments).flatMap(([id, environment]) => {
      const value = pick(environment);
      return value === null ? [] : [[id, value]];
    }),
  );
}

const count = (requests: EnvironmentTruth['requests'], endpoint: string) =>
  Object.values(requests[endpoint] ?? {}).reduce((sum, number) => sum + number, 0);

describe('the built exporter, scraped by Prometheus', () => {
  it('shows the workers that hang, in a world in motion', async () => {
    const hung = (now: Truth) => expected(now, ({ stale_heartbeat_items: { active, stopping } }) => active + stopping);
    const query = 'sum by (environment_id) (anthropic_work_stale_heartbeat_items{state=~"active|stopping"})';
    await waitForExpected(async () => {
      const shown = await prometheus.byLabel('environment_id', query);
      expect(shown).toEqual(hung(await truth()));
      expect(shown.env_sim_prod).toBeGreaterThan(0);
    });
  });

  it('shows what is true, once the world stands still', async () => {
    await control('clock', { speed: 0 });
    await control('items', { environment_id: 'env_sim_prod', count: 3 });
    await control('items', { environment_id: 'env_sim_batch', type: 'healthcheck' });
    const shown = (metric: string) => prometheus.byLabel('environment_id', `sum by (environment_id) (${metric})`);
    const now = await truth();
    const state = (name: 'queued' | 'starting' | 'active' | 'stopping') => ({
      metric: `anthropic_work_items{state="${name}"}`,
      is: expected(now, ({ items }) => items[name]),
    });
    const facts = [
      { metric: 'anthropic_work_queue_depth', is: expected(now, ({ depth }) => depth) },
      { metric: 'anthropic_work_queue_pending', is: expected(now, ({ pending }) => pending) },
      { metric: 'anthropic_work_workers_polling', is: expected(now, (environment) => environment.workers_polling) },
      {
        metric: 'anthropic_work_queue_oldest_timestamp_seconds',
        is: expected(now, ({ oldest_queued_at: at }) => (at === null ? null : Date.parse(at) / 1000)),
      },
      state('queued'),
      state('starting'),
      state('active'),
      state('stopping'),
    ];
    expect(facts[0]!.is).toMatchObject({ env_sim_prod: 3, env_sim_batch: 1, env_sim_staging: 0 });
    for (const { metric, is } of facts) {
      const close = Object.fromEntries(Object.entries(is).map(([id, value]) => [id, expect.closeTo(value, 2)]));
      await waitForExpected(async () => expect(await shown(metric), metric).toEqual(close));
    }
    expect(await prometheus.query('anthropic_work_items{state="queued", work_type="healthcheck"}')).toMatchObject([
      { labels: { environment_id: 'env_sim_batch', environment_name: 'batch' }, value: 1 },
    ]);
  });

  it('counts each request that the API got', async () => {
    for (const operation of ['stats', 'list']) {
      const query = `anthropic_work_api_requests_total{operation="${operation}"}`;
      await waitForExpected(async () => {
        const shown = await prometheus.byLabel('environment_id', query);
        expect(shown).toEqual(expected(await truth(), ({ requests }) => count(requests, operation)));
      });
    }
  });

  it('answers in OpenMetrics that Prometheus takes', async () => {
    expect(await prometheus.targets()).toMatchObject([{ health: 'up', lastError: '' }]);
    const metadata = await prometheus.metadata('anthropic_work_queue_oldest_age_seconds');
    expect(metadata).toMatchObject([{ type: 'gauge', unit: 'seconds' }]);
  });

  it('turns up to 0 when the API is gone, then lets what it had read go, and nothing else', async () => {
    const own = '{job="exporter", __name__=~"anthropic_work_.+"}';
    const identity = ({ labels }: { labels: Readonly<Record<string, string>> }) => JSON.stringify(labels);
    const before = await prometheus.query(own);
    await simulator.stop();
    // Held at first: an environment is down and its last numbers are still there.
    const held = 'anthropic_work_queue_depth and on (environment_id) (anthropic_work_up{operation="stats"} == 0)';
    await waitUntil(async () => (await prometheus.query(held)).length > 0, { everyMs: 100 });
    const down = async () => (await prometheus.query('anthropic_work_up == 0')).length;
    await waitUntil(async () => (await down()) === 6, { everyMs: 100 });

    // All of one moment: where a scrape was lost, everything is gone for another.
    let after = new Set<string>();
    await waitUntil(
      async () => {
        const now = await prometheus.query(own);
        const names = new Set(now.map(({ labels }) => labels.__name__));
        after = new Set(now.map(identity));
        return names.has('anthropic_work_up') && !OBSERVED.some((name) => names.has(name));
      },
      { everyMs: 500 },
    );
    const gone = before.filter((series) => !after.has(identity(series))).map(({ labels }) => labels.__name__);
    expect(gone.toSorted()).toEqual(
      before
        .map(({ labels }) => labels.__name__!)
        .filter((name) => OBSERVED.includes(name))
        .toSorted(),
    );
    await waitForExpected(async () => {
      expect(await prometheus.query('up{job="exporter"}')).toMatchObject([{ value: 1 }]);
      expect(await prometheus.query('anthropic_work_api_request_failures_total{reason="network"} > 0')).toHaveLength(6);
    });
  });
});
