import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { App } from '../../src/app/app.ts';
import { seededRandom } from '../../src/base/clock.ts';
import { loadConfig } from '../../src/config/load.ts';
import { InMemoryFiles, InMemoryRequests, StillTime } from '../../src/rehearse/rehearsed-exporter.ts';
import { scenarioSchema } from '../../src/simulator/scenario-schema.ts';
import { partOf, scriptOf } from '../../src/simulator/scenarios.ts';
import { Simulation } from '../../src/simulator/simulation.ts';
import { LivePrometheus } from '../support/prometheus.ts';
import { withTarget } from '../support/series.ts';
import { silentLogger } from '../support/silent.ts';

const START = Date.UTC(2026, 0, 5, 12);
const SCRAPE_SECONDS = 30;
const MINUTES = 118;

/** Moments of the world below, minutes: when all is well, when a fleet is away, and when an API is. */
export const ACTS = { healthy: 35, away: 65, 'api down': 108 } as const;
export type Act = keyof typeof ACTS;
/** In seconds; `before` is a moment without any exporter. */
export const at = (act: Act | 'before') => START / 1000 + (act === 'before' ? -86_400 : ACTS[act] * 60);

interface Environment {
  readonly id: string;
  readonly name: string;
  readonly connection?: string;
  /** In the configuration of the exporters. */
  readonly settings?: object;
  /** In the simulated world. */
  readonly world: object;
}

const ENVIRONMENTS: readonly Environment[] = [
  {
    ...{ id: 'env_prod', name: 'prod' },
    settings: {
      labels: { owner: 'support', tier: 'gold' },
      thresholds: { queue_age: { warning: '5m', critical: '10m' }, queue_depth: { warning: 200 }, min_workers: 2 },
    },
    world: { arrivals: 6, workers: 8, wake: { share: 0.3, after: ['1m', '3m'] }, stop_share: 0.2 },
  },
  { id: 'env_staging', name: 'staging', settings: { labels: { owner: 'platform' } }, world: { workers: 4 } },
  { id: 'env_batch', name: 'batch', connection: 'eu', world: { workers: 6, run: ['40m', '50m'], arrivals: 0.1 } },
];

const TROUBLES = [
  { kind: 'workers_leave', environments: 'env_prod', from: 40, to: 75 },
  { kind: 'workers_hang', environments: 'env_staging', from: 60, to: 62 },
  { kind: 'api_error', status: 503, connections: 'default', from: 95, to: MINUTES },
];

/** What the rules record while work waits too long. */
const RECORDED = ['6h', '3d']
  .map((window) => `anthropic_work_wait:burn${window}{environment_id="env_prod",environment_name="prod"} 3\n`)
  .join('');

/** What a Prometheus has scraped of two real exporters, which watch simulated queues for two hours, in seconds. */
export async function playedWorld(): Promise<LivePrometheus> {
  const time = new StillTime(START);
  const environments = ENVIRONMENTS.map(({ settings: _, world, ...named }) => ({ ...named, ...world }));
  const script = scriptOf(scenarioSchema.parse({ environments, troubles: TROUBLES }), { name: 'boards', seed: 7 });
  const simulations = script.connections.map(
    (connection, number) =>
      new Simulation({
        ...{ clock: time.clock(), seed: 7 + number, script: partOf(script, connection) },
      }),
  );
  const apps = await Promise.all([1, 2].map(exporter));
  const lines: string[] = [];
  for (let seconds = SCRAPE_SECONDS; seconds <= MINUTES * 60; seconds += SCRAPE_SECONDS) {
    await time.advanceTo(seconds * 1000);
    for (const [index, app] of apps.entries()) {
      const target = { job: 'anthropic-work-exporter', instance: `exporter-${index}:9877` };
      const text = Buffer.concat(await app.exposition.render('prometheus')).toString();
      const stored = withTarget(`up 1\n${seconds > 50 * 60 ? RECORDED : ''}${text}`, target);
      lines.push(...stored.map((line) => `${line} ${START / 1000 + seconds}`));
    }
  }
  const folder = mkdtempSync(join(tmpdir(), 'boards-'));
  const history = join(folder, 'history.om');
  writeFileSync(history, `${lines.join('\n')}\n# EOF\n`);
  // Stored samples end without a mark: a short look back makes series end as they do behind a real scrape.
  const prometheus = await LivePrometheus.start({ history, lookback: '60s' });
  rmSync(folder, { recursive: true });
  return prometheus;

  async function exporter(number: number): Promise<App> {
    const files = new InMemoryFiles();
    files.texts.set('/config', JSON.stringify(configuration(simulations, script.connections)));
    const load = () => loadConfig({ path: '/config', env: {}, files: files.reader });
    const loaded = await load();
    if (!loaded.ok) throw new Error(JSON.stringify(loaded.problems));
    const senders = new Map(script.connections.map((name, index) => [`${name}.test`, simulations[index]!]));
    const app = await App.prepare(loaded.config, {
      ...{ clock: time.clock(), random: seededRandom(number), logger: silentLogger, env: {}, load },
      ...{ build: { version: '1.0.0', revision: 'test', nodeVersion: 'v26' }, files: files.reader },
      stateDisk: files.stateDisk,
      senders: ({ origin }) => new InMemoryRequests(senders.get(origin.hostname)!),
    });
    await app.start();
    app.watchConditions();
    return app;
  }
}

function configuration(simulations: readonly Simulation[], names: readonly string[]) {
  const keyOf = (name: string) => simulations[names.indexOf(name)]!;
  return {
    connections: Object.fromEntries(
      names.map((name) => [name, { base_url: `http://${name}.test`, api_key: keyOf(name).access.apiKey }]),
    ),
    environments: ENVIRONMENTS.map(({ id, name, connection = 'default', settings = {} }) => ({
      ...{ id, name, connection, environment_key: keyOf(connection).access.environmentKey(id) },
      ...settings,
    })),
    state_file: '/state.json',
  };
}
