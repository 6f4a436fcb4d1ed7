import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { TestProcess } from './processes.ts';
import { FRUGAL_GO } from './tools.ts';
import { waitUntil } from './wait-until.ts';

/** One series of an instant query. */
export interface PromSeries {
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

export interface PrometheusOptions {
  /** Addresses to scrape every second, `http://HOST:PORT`, by the name of their job. */
  readonly jobs?: Readonly<Record<string, string>>;
  /** Scrape configurations as they are written in its file, beside those jobs. */
  readonly scrapeConfigs?: readonly object[];
  /** The text of its file, in the place of all that the other options say. */
  readonly configuration?: string;
  /** Default: Debian's. */
  readonly program?: string;
  /** Rule files by name. */
  readonly rules?: Readonly<Record<string, string>>;
  /** The address of an Alertmanager. */
  readonly alertmanager?: string;
  /** Of scrapes and rules: default 1 s. */
  readonly interval?: string;
  /** What it has seen before it starts: a file in OpenMetrics text with timestamps. */
  readonly history?: string;
  /** How long a series is shown after its last sample: default 5m. */
  readonly lookback?: string;
}

/** What Prometheus says of one alert of its rules. */
export interface PromAlert {
  readonly labels: Readonly<Record<string, string>>;
  readonly state: 'pending' | 'firing';
  /** Set while `keep_firing_for` keeps the alert. */
  readonly keepFiringSince?: string;
}

interface Answer<T> {
  readonly status: string;
  readonly error?: string;
  readonly data: T;
}

/** A program of Prometheus' that serves, gone with its folder when disposed of. */
export interface Program extends AsyncDisposable {
  readonly url: string;
}

/**
 * Starts Prometheus or Alertmanager on a port that it takes itself, and waits until it says that it is ready. A port
 * that was looked for before may be taken again until a slow machine has started the program.
 */
export async function startProgram(
  command: string,
  args: readonly string[],
  folder: string,
  env: Readonly<Record<string, string>> = {},
): Promise<Program> {
  const own = ['--web.listen-address=127.0.0.1:0', '--log.format=json'];
  const started = new TestProcess(command, [...args, ...own], { env: { ...FRUGAL_GO, ...env } });
  // It logs the address that it was asked for and then the one that it got.
  const [, port] = await started.saw(/"address":"127\.0\.0\.1:([1-9]\d*)"/);
  const url = `http://127.0.0.1:${port}`;
  const isReady = async () => (await fetch(`${url}/-/ready`).catch(() => null))?.ok === true;
  await waitUntil(isReady, { what: `${command} to be ready`, everyMs: 50 });
  const end = async () => {
    await started[Symbol.asyncDispose]();
    rmSync(folder, { recursive: true, force: true });
  };
  return { url, [Symbol.asyncDispose]: end };
}

/** Debian's Prometheus on a free port, scraping for real. */
export class LivePrometheus implements AsyncDisposable {
  readonly url: string;
  readonly #program: Program;

  private constructor(program: Program) {
    this.#program = program;
    this.url = program.url;
  }

  static async start(options: PrometheusOptions): Promise<LivePrometheus> {
    const { jobs = {}, scrapeConfigs = [], program = 'prometheus', rules = {}, interval = '1s' } = options;
    const folder = mkdtempSync(join(tmpdir(), 'prometheus-'));
    const config = join(folder, 'prometheus.yml');
    for (const [name, text] of Object.entries(rules)) writeFileSync(join(folder, name), text);
    const targets = (url: string) => ({ static_configs: [{ targets: [new URL(url).host] }] });
    const own = {
      global: { scrape_interval: interval, scrape_timeout: interval, evaluation_interval: interval },
      rule_files: Object.keys(rules),
      alerting: { alertmanagers: options.alertmanager === undefined ? [] : [targets(options.alertmanager)] },
      scrape_configs: [
        ...Object.entries(jobs).map(([job, url]) => ({ job_name: job, ...targets(url) })),
        ...scrapeConfigs,
      ],
    };
    // JSON is YAML.
    writeFileSync(config, options.configuration ?? JSON.stringify(own));
    const data = join(folder, 'data');
    if (options.history !== undefined) backfill(options.history, data);
    const lookback = options.lookback ?? '5m';
    const args = [`--config.file=${config}`, `--storage.tsdb.path=${data}`, `--query.lookback-delta=${lookback}`];
    // Garbage of so small a heap would be collected all the time.
    return new LivePrometheus(await startProgram(program, args, folder, { GOGC: '1000' }));
  }

  /** The series of an instant query, now or at a moment in seconds. @throws what Prometheus says when it rejects it */
  async query(expression: string, at?: number): Promise<readonly PromSeries[]> {
    const { result } = await this.#get<{
      readonly result: readonly { readonly metric: Record<string, string>; readonly value: [number, string] }[];
    }>(`query?${new URLSearchParams({ query: expression, ...(at === undefined ? {} : { time: String(at) }) })}`);
    return result.map(({ metric, value }) => ({ labels: metric, value: Number(value[1].replace('Inf', 'Infinity')) }));
  }

  /** The same as an object: label value → number. */
  async byLabel(label: string, expression: string): Promise<Record<string, number>> {
    const series = await this.query(expression);
    return Object.fromEntries(series.map(({ labels, value }) => [labels[label]!, value]));
  }

  /** What Prometheus says of its targets. */
  async targets(): Promise<readonly { readonly health: string; readonly lastError: string }[]> {
    const { activeTargets } = await this.#get<{
      readonly activeTargets: readonly { readonly health: string; readonly lastError: string }[];
    }>('targets');
    return activeTargets;
  }

  /** Waits until every target was scraped and every group of rules evaluated after a moment, in seconds. */
  async passed(at: number): Promise<void> {
    const isLater = (time: string) => Date.parse(time) > at * 1000;
    const isPassed = async () => {
      const { activeTargets } = await this.#get<{ readonly activeTargets: readonly { readonly lastScrape: string }[] }>(
        'targets',
      );
      const { groups } = await this.#get<{ readonly groups: readonly { readonly lastEvaluation: string }[] }>('rules');
      return (
        activeTargets.every(({ lastScrape }) => isLater(lastScrape)) &&
        groups.every(({ lastEvaluation }) => isLater(lastEvaluation))
      );
    };
    await waitUntil(isPassed, { what: 'Prometheus to have passed a moment', everyMs: 200 });
  }

  /** Every alert that is pending or firing. */
  async alerts(): Promise<readonly PromAlert[]> {
    const { alerts } = await this.#get<{ readonly alerts: readonly PromAlert[] }>('alerts');
    return alerts;
  }

  /** What a scrape said of a metric. Only OpenMetrics has units. */
  async metadata(metric: string): Promise<readonly { readonly type: string; readonly unit: string }[]> {
    return await this.#get(`targets/metadata?${new URLSearchParams({ metric })}`);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#program[Symbol.asyncDispose]();
  }

  async #get<T>(path: string): Promise<T> {
    const answer = await fetch(`${this.url}/api/v1/${path}`);
    const { status, error, data } = (await answer.json()) as Answer<T>;
    if (status !== 'success') throw new Error(`${path}: ${error}`);
    return data;
  }
}

function backfill(history: string, data: string): void {
  const args = ['tsdb', 'create-blocks-from', 'openmetrics', '--quiet', history, data];
  const { status, stdout, stderr } = spawnSync('promtool', args, { encoding: 'utf8' });
  if (status !== 0) throw new Error(`promtool: ${stdout}${stderr}`);
}

/** What `promtool check metrics` says of a text; empty when it has nothing to say. */
export function promtoolComplaints(text: string): string {
  const { stdout, stderr } = spawnSync('promtool', ['check', 'metrics'], { input: text, encoding: 'utf8' });
  return `${stdout}${stderr}`;
}
