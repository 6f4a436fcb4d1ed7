import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { App } from '../../src/app/app.ts';
import { systemClock } from '../../src/base/clock.ts';
import { silentLogger } from '../../src/base/logger.ts';
import { seededRandom } from '../../src/base/random.ts';
import type { Config } from '../../src/config/config.ts';
import { loadConfig } from '../../src/config/load-config.ts';
import { formatProblem } from '../../src/config/problem.ts';
import type { PollSettings } from '../../src/domain/environment.ts';
import { renderRules } from '../../src/rules/generated-rules.ts';
import { DEFAULT_RULE_OPTIONS } from '../../src/rules/options.ts';
import { exampleWith, freePort, startAlertmanager, startProgram } from '../alerts/alertmanager-process.ts';

/** One factor for everything that takes time: the rules, the routing and the polls. Five minutes are fifteen seconds. */
export const SCALE = 1 / 20;
export const scaledMs = (seconds: number) => seconds * 1000 * SCALE;
const scaledText = (seconds: number) => `${scaledMs(seconds)}ms`;

export interface Notification {
  readonly receiver: string;
  readonly status: string;
  readonly group: Readonly<Record<string, string>>;
  readonly alerts: readonly string[];
}

/** The exporter with the real Prometheus and Alertmanager behind it, as shipped but for one factor of time. */
export class AlertingRig implements AsyncDisposable {
  readonly resources = new AsyncDisposableStack();
  readonly received: Notification[] = [];
  exporterUrl = '';

  /** What arrived, without the Watchdog, which arrives all the time. */
  pages(): Notification[] {
    return this.received.filter(({ receiver }) => receiver !== 'dead-mans-switch');
  }

  seen(status: string): Notification[] {
    return this.pages().filter((one) => one.status === status);
  }

  async start(configuration: unknown): Promise<void> {
    const webhook = await this.#startWebhook();
    const alertmanager = this.resources.use(await startAlertmanager(await hastenedRouting(webhook)));
    this.exporterUrl = await this.#startExporter(configuration);
    await this.#startPrometheus(alertmanager.url);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.resources.disposeAsync();
  }

  async #startWebhook(): Promise<string> {
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
        this.received.push({
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
    this.resources.defer(() => {
      server.closeAllConnections();
      server.close();
    });
    return `http://127.0.0.1:${port}`;
  }

  /** Polls as much faster as the rules are. */
  async #startExporter(configuration: unknown): Promise<string> {
    const folder = mkdtempSync(join(tmpdir(), 'alerting-e2e-'));
    this.resources.defer(() => rmSync(folder, { recursive: true }));
    const path = join(folder, 'config.yaml');
    writeFileSync(path, JSON.stringify(configuration));
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
    this.resources.defer(() => app.stop());
    return url;
  }

  async #startPrometheus(alertmanager: string): Promise<void> {
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
        scrape_configs: [{ job_name: DEFAULT_RULE_OPTIONS.job, static_configs: target(this.exporterUrl) }],
      }),
    );
    const port = await freePort();
    this.resources.use(
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
}

/** Intervals below what a configuration may ask for; those of a drill come from the defaults. */
function hastened(config: Config): Config {
  const { defaults } = config.discovery;
  return {
    ...config,
    discovery: { ...config.discovery, defaults: { ...defaults, poll: hastenedPoll(defaults.poll) } },
    environments: config.environments.map(({ environment, ...credentials }) => ({
      ...credentials,
      environment: { ...environment, poll: hastenedPoll(environment.poll) },
    })),
  };
}

function hastenedPoll(poll: PollSettings): PollSettings {
  return {
    ...poll,
    statsIntervalMs: scaledMs(15),
    listIntervalMs: scaledMs(30),
    maxStatsIntervalMs: scaledMs(60),
    maxListIntervalMs: scaledMs(300),
    staleAfterMs: scaledMs(90),
  };
}

/** The example as shipped, with its waits scaled and every receiver at one address. */
function hastenedRouting(webhook: string): Promise<string> {
  return exampleWith(({ route, receivers }) => {
    Object.assign(route, { group_wait: scaledText(30), group_interval: scaledText(300), repeat_interval: '1h' });
    for (const child of route.routes) {
      if ('group_wait' in child) {
        Object.assign(child, { group_interval: scaledText(60), repeat_interval: scaledText(60) });
      }
    }
    for (const { webhook_configs: hooks = [] } of receivers) for (const hook of hooks) hook.url = webhook;
  });
}
