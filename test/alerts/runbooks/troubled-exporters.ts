import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { App } from '../../../src/app/app.ts';
import { seededRandom } from '../../../src/base/random.ts';
import { createLogger } from '../../../src/cli/logger.ts';
import { loadConfig } from '../../../src/config/load.ts';
import { formatProblem } from '../../../src/config/problem.ts';
import { DEFAULT_RULE_OPTIONS } from '../../../src/rules/rule.ts';
import { type Simulator, startSimulator } from '../../../src/simulator/start-simulator.ts';
import { silentLogger } from '../../support/silent-logger.ts';
import { StillClock } from '../../support/still-clock.ts';
import { withTarget } from '../../support/stored-samples.ts';
import {
  type Addresses,
  checkedConfiguration,
  idOf,
  replicaConfiguration,
  TROUBLED_FAULTS,
  TROUBLED_SCENARIO,
  troubledConfiguration,
} from './troubled-world.ts';

/** The slowest condition begins after a quarter of an hour. */
const MINUTES = 20;
const TROUBLE_AFTER = 2;

/** The exporters, and the targets that the history knows beside them. */
export const MAIN = 'exporter-0:9877';
export const REPLICA = 'exporter-1:9877';
export const GONE = 'exporter-2:9877';
const RESTARTING = 'exporter-3:9877';
/** The first of three shards, and the others are nowhere. */
const SHARD = 'exporter-4:9877';
const ALONE = 'up 1\nanthropic_work_exporter_shards 3\nanthropic_work_exporter_shard_info{shard="0/3"} 1\n';

/** Two exporters that have watched all troubles for a while: what they said, minute by minute, and they themselves. */
export class TroubledExporters implements AsyncDisposable {
  readonly folder: string;
  readonly history: string;
  /** What the first exporter logged, JSON lines. */
  log = '';
  /** Where the two exporters answer. */
  readonly urls: Record<typeof MAIN | typeof REPLICA, string> = { [MAIN]: '', [REPLICA]: '' };
  simulator!: Simulator;
  readonly nowhere = 'http://127.0.0.1:9';
  readonly #resources = new AsyncDisposableStack();
  readonly #still: StillClock;
  readonly #lines: string[] = [];

  private constructor(folder: string) {
    this.folder = folder;
    this.history = join(folder, 'history.om');
    this.#still = new StillClock(Date.now() - MINUTES * 60_000);
    this.#resources.defer(() => rmSync(folder, { recursive: true }));
  }

  static async start(): Promise<TroubledExporters> {
    const exporters = new TroubledExporters(mkdtempSync(join(tmpdir(), 'runbooks-')));
    await exporters.#start();
    return exporters;
  }

  /** When the last look at them was, in seconds. */
  get at(): number {
    return this.#still.clock.now() / 1000;
  }

  /** The path of a file in the folder of the exporters. */
  file(name: string): string {
    return join(this.folder, name);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#resources.disposeAsync();
  }

  async #start(): Promise<void> {
    const { simulator, addresses } = await this.#startApi();
    mkdirSync(join(this.folder, 'state'));
    writeFileSync(this.file('checked.yaml'), JSON.stringify(checkedConfiguration(addresses)));
    const main = await this.#startExporter(MAIN, troubledConfiguration(addresses), (line) => {
      this.log += line;
    });
    const replica = await this.#startExporter(REPLICA, replicaConfiguration(addresses), () => {});
    for (let minute = 0; ; minute++) {
      if (minute === TROUBLE_AFTER) {
        // The replica may be writing at this moment.
        rmSync(join(this.folder, 'state'), { recursive: true, maxRetries: 20 });
        writeFileSync(this.file(`${REPLICA}.yaml`), 'threshold: {}\n');
        await replica.reload();
        simulator.setFaults(TROUBLED_FAULTS);
        await this.#archive('archived');
      }
      await this.#record(minute, [
        [MAIN, main],
        [REPLICA, replica],
      ]);
      if (minute === MINUTES) break;
      await this.#still.clock.advance(60_000);
    }
    writeFileSync(this.history, `${this.#lines.join('\n')}\n# EOF\n`);
  }

  async #startApi(): Promise<{ readonly simulator: Simulator; readonly addresses: Addresses }> {
    const simulator = await startSimulator({
      logger: silentLogger,
      clock: this.#still.api,
      scenario: TROUBLED_SCENARIO,
    });
    this.#resources.defer(() => simulator.stop());
    this.simulator = simulator;
    return {
      simulator,
      addresses: {
        simulator,
        nowhere: this.nowhere,
        stateFile: join(this.folder, 'state/exporter.json'),
      },
    };
  }

  async #startExporter(
    name: keyof TroubledExporters['urls'],
    configuration: unknown,
    log: (line: string) => void,
  ): Promise<App> {
    const path = this.file(`${name}.yaml`);
    writeFileSync(path, JSON.stringify(configuration));
    const load = () => loadConfig({ path, env: {} });
    const loaded = await load();
    if (!loaded.ok) throw new Error(loaded.problems.map(formatProblem).join('\n'));
    const app = new App(loaded.config, {
      clock: this.#still.own,
      random: seededRandom(1),
      logger: createLogger({ level: 'info', format: 'json' }, { write: log }),
      env: {},
      build: { version: '1.2.3', revision: 'abc', nodeVersion: process.version },
      load,
    });
    const { url } = await app.serve([]);
    app.watchConditions();
    this.#resources.defer(() => this.#stop(app));
    this.urls[name] = url;
    await this.#still.quiet();
    return app;
  }

  /** Connections that somebody left open are closed after a while, so its clock has to go on. */
  async #stop(app: App): Promise<void> {
    const stopped = app.stop();
    await Promise.race([stopped, this.#still.clock.advance(60_000)]);
    await stopped;
  }

  async #archive(name: string): Promise<void> {
    const { url, apiKey } = this.simulator;
    const answer = await fetch(`${url}/v1/environments/${idOf(name)}/archive`, {
      method: 'POST',
      headers: {
        'x-api-key': apiKey,
        'anthropic-version': '2023-06-01',
        'anthropic-beta': 'managed-agents-2026-04-01',
      },
    });
    if (!answer.ok) throw new Error(await answer.text());
  }

  async #record(minute: number, exporters: readonly (readonly [string, App])[]): Promise<void> {
    const { job } = DEFAULT_RULE_OPTIONS;
    const lines: string[] = [];
    for (const [instance, app] of exporters) {
      const text = Buffer.concat(await app.exposition.render('prometheus')).toString();
      lines.push(...withTarget(`${text}up 1\nscrape_duration_seconds 0.01\n`, { job, instance }));
    }
    const down = 'up 0\nscrape_duration_seconds 10\n';
    lines.push(
      ...withTarget(down, { job, instance: GONE }),
      ...withTarget(restarted(minute), { job, instance: RESTARTING }),
      ...withTarget(ALONE, { job, instance: SHARD }),
    );
    // An Alertmanager that Prometheus does not find.
    const alone = 'prometheus_notifications_alertmanagers_discovered 0\nprometheus_notifications_errors_total 0\n';
    lines.push(...withTarget(alone, { job: 'prometheus', instance: 'prometheus:9090' }));
    const at = this.#still.clock.now() / 1000;
    this.#lines.push(...lines.map((line) => `${line} ${at}`));
  }
}

/** A process that is killed every three minutes. */
function restarted(minute: number): string {
  return `up 1\nprocess_start_time_seconds ${1_790_000_000 + 180 * Math.floor(minute / 3)}\nprocess_resident_memory_bytes 5e+08\n`;
}
