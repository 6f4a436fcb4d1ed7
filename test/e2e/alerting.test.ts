import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { App } from '../../src/app/app.ts';
import { systemClock } from '../../src/base/clock.ts';
import { silentLogger } from '../../src/base/logger.ts';
import { seededRandom } from '../../src/base/random.ts';
import type { Config } from '../../src/config/config.ts';
import { loadConfig } from '../../src/config/load-config.ts';
import { formatProblem } from '../../src/config/problem.ts';
import { renderRules } from '../../src/rules/generated-rules.ts';
import { DEFAULT_RULE_OPTIONS } from '../../src/rules/options.ts';
import { exampleWith, freePort, startAlertmanager, startProgram, waitFor } from '../alerts/alertmanager-process.ts';
import { simulatedApi, type TestSimulator } from '../app/fleet.ts';

/** One factor for everything that takes time: the rules, the routing and the polls. Five minutes are fifteen seconds. */
const SCALE = 1 / 20;
const scaledMs = (seconds: number) => seconds * 1000 * SCALE;
const scaledText = (seconds: number) => `${scaledMs(seconds)}ms`;
/** For each half of the test; the slowest alert outlives its cause by ten minutes, scaled, and waits for its group. */
const PATIENCE_MS = 75_000;

const DESERTED = { id: 'env_deserted', name: 'deserted' };
const SILENT = { id: 'env_silent', name: 'silent' };
const UNREACHABLE = ['env_one', 'env_two', 'env_three'].map((id) => ({ id, name: id }));

interface Notification {
  readonly receiver: string;
  readonly status: string;
  readonly group: Readonly<Record<string, string>>;
  readonly alerts: readonly string[];
}

const resources = new AsyncDisposableStack();
const received: Notification[] = [];
const simulators = new Map<string, TestSimulator>();
afterAll(() => resources.disposeAsync());

/** What arrived, without the Watchdog, which arrives all the time. */
const pages = () => received.filter(({ receiver }) => receiver !== 'dead-mans-switch');
const seen = (status: string) => pages().filter((one) => one.status === status);

async function startWebhook(): Promise<string> {
  const server = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk: Buffer) => {
      body += chunk;
    });
    request.on('end', () => {
      const { receiver, status, groupLabels, alerts } = JSON.parse(body) as {
        receiver: string;
        status: string;
        groupLabels: Record<string, string>;
        alerts: { status: string; labels: Record<string, string> }[];
      };
      received.push({
        receiver,
        status,
        group: groupLabels,
        alerts: alerts.map(({ labels }) => `${labels.alertname} ${labels.severity}`).toSorted(),
      });
      response.end();
    });
  });
  const port = await new Promise<number>((resolve) => {
    server.listen(0, '127.0.0.1', () => resolve((server.address() as { port: number }).port));
  });
  resources.defer(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${port}`;
}

/** The exporter with one connection per simulator, polling as much faster as the rules are. */
async function startExporter(): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), 'alerting-e2e-'));
  resources.defer(() => rmSync(folder, { recursive: true }));
  const path = join(folder, 'config.yaml');
  writeFileSync(path, JSON.stringify(configuration()));
  const loaded = await loadConfig({ path, env: {}, flags: { listen: '127.0.0.1:0' } });
  if (!loaded.ok) throw new Error(loaded.problems.map(formatProblem).join('\n'));
  const app = new App(hastened(loaded.config), {
    clock: systemClock,
    random: seededRandom(1),
    logger: silentLogger,
    env: {},
    build: { version: '0.0.0', revision: 'test', nodeVersion: process.version },
    load: async () => loaded,
  });
  const { url } = await app.serve([]);
  resources.defer(() => app.stop());
  return url;
}

function configuration() {
  const all = [...simulators];
  return {
    connections: Object.fromEntries(
      all.map(([name, { url, apiKey }]) => [name, { base_url: url, api_key: apiKey, requests_per_minute: 10_000 }]),
    ),
    environments: all.flatMap(([connection, simulator]) =>
      simulator.environments.map(({ id, name, environmentKey }) => ({
        id,
        name,
        connection,
        environment_key: environmentKey,
      })),
    ),
    // Not scaled: these are about what the simulated workers do in real time, who beat every half minute.
    thresholds: { queue_age: { warning: '90s', critical: 'never' }, stale_heartbeat: '45s' },
    slo: { queue_wait_target: 'never' },
  };
}

/** Intervals below what a configuration may ask for. */
function hastened(config: Config): Config {
  return {
    ...config,
    environments: config.environments.map(({ environment, ...credentials }) => ({
      ...credentials,
      environment: {
        ...environment,
        poll: {
          ...environment.poll,
          statsIntervalMs: scaledMs(15),
          listIntervalMs: scaledMs(30),
          maxStatsIntervalMs: scaledMs(60),
          maxListIntervalMs: scaledMs(300),
          staleAfterMs: scaledMs(90),
        },
      },
    })),
  };
}

async function startPrometheus(exporter: string, alertmanager: string): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'alerting-prometheus-'));
  const rules = renderRules('prometheus', { ...DEFAULT_RULE_OPTIONS, timeScale: SCALE });
  writeFileSync(join(folder, 'rules.yaml'), rules);
  const target = (url: string) => [{ targets: [new URL(url).host] }];
  writeFileSync(
    join(folder, 'prometheus.yml'),
    JSON.stringify({
      global: { scrape_interval: '1s', scrape_timeout: '1s' },
      rule_files: ['rules.yaml'],
      alerting: { alertmanagers: [{ static_configs: target(alertmanager) }] },
      scrape_configs: [{ job_name: DEFAULT_RULE_OPTIONS.job, static_configs: target(exporter) }],
    }),
  );
  const port = await freePort();
  resources.use(
    await startProgram(
      'prometheus',
      [
        `--config.file=${join(folder, 'prometheus.yml')}`,
        `--storage.tsdb.path=${join(folder, 'data')}`,
        `--web.listen-address=127.0.0.1:${port}`,
      ],
      { url: `http://127.0.0.1:${port}`, folder },
    ),
  );
}

beforeAll(async () => {
  const simulate = async (name: string, scenario: string, environments: readonly { id: string; name: string }[]) =>
    simulators.set(name, resources.use(await simulatedApi({ scenario, environments })));
  await simulate('deserted', 'no-workers', [DESERTED]);
  await simulate('silent', 'stale-heartbeats', [SILENT]);
  await simulate('unreachable', 'api-down', UNREACHABLE);

  const webhook = await startWebhook();
  const routing = await exampleWith(({ route, receivers }) => {
    Object.assign(route, { group_wait: scaledText(30), group_interval: scaledText(300), repeat_interval: '1h' });
    for (const child of route.routes) {
      if ('group_wait' in child) {
        Object.assign(child, { group_interval: scaledText(60), repeat_interval: scaledText(60) });
      }
    }
    for (const { webhook_configs: hooks = [] } of receivers) for (const hook of hooks) hook.url = webhook;
  });
  const alertmanager = resources.use(await startAlertmanager(routing));
  await startPrometheus(await startExporter(), alertmanager.url);
});

const job = DEFAULT_RULE_OPTIONS.job;
const EXPECTED: readonly Omit<Notification, 'status'>[] = [
  { receiver: 'chat', group: { job, environment_id: SILENT.id }, alerts: ['AnthropicWorkStaleHeartbeats warning'] },
  { receiver: 'pager', group: { job, environment_id: DESERTED.id }, alerts: ['AnthropicWorkNoWorkers critical'] },
  { receiver: 'pager', group: { job }, alerts: ['AnthropicWorkApiUnreachable critical'] },
];

const keyOf = ({ receiver, status, group, alerts }: Notification) => JSON.stringify([receiver, status, group, alerts]);
const sorted = (notifications: readonly Notification[]) =>
  notifications.toSorted((a, b) => keyOf(a).localeCompare(keyOf(b)));

describe('simulator, exporter, Prometheus, Alertmanager, webhook', () => {
  it('deliver one notification per cause, and one when it is over', { timeout: 2 * PATIENCE_MS + 10_000 }, async () => {
    await waitFor('three notifications', async () => seen('firing').length >= EXPECTED.length, PATIENCE_MS);
    // Long enough for the pages that the outage mutes: they are due a minute, scaled, after it.
    await new Promise((resolve) => setTimeout(resolve, scaledMs(180)));
    const firing = EXPECTED.map((one) => ({ ...one, status: 'firing' }));
    expect(sorted(pages())).toEqual(sorted(firing));

    for (const simulator of simulators.values()) simulator.setScenario('steady');
    await waitFor('the ends of all', async () => seen('resolved').length >= EXPECTED.length, PATIENCE_MS);
    const resolved = EXPECTED.map((one) => ({ ...one, status: 'resolved' }));
    expect(sorted(pages())).toEqual(sorted([...firing, ...resolved]));

    // All the while the dead-man's switch was told that everything works.
    expect(received.filter(({ receiver }) => receiver === 'dead-mans-switch').length).toBeGreaterThan(3);
  });
});
