import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { FRUGAL_GO } from './frugal-go.ts';
import { TestProcess } from './processes.ts';
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

/** Debian's Prometheus on a free port, scraping for real. */
export class LivePrometheus implements AsyncDisposable {
  readonly url: string;
  readonly #process: TestProcess;
  readonly #folder: string;

  private constructor(url: string, process: TestProcess, folder: string) {
    this.url = url;
    this.#process = process;
    this.#folder = folder;
  }

  static async start(options: PrometheusOptions): Promise<LivePrometheus> {
    const { jobs = {}, scrapeConfigs = [], program = 'prometheus', rules = {}, interval = '1s' } = options;
    const folder = mkdtempSync(join(tmpdir(), 'prometheus-'));
    const config = join(folder, 'prometheus.yml');
    const scrapes = Object.entries(jobs).map(([job, url]) => ({
      job_name: job,
      static_configs: [{ targets: [new URL(url).host] }],
    }));
    for (const [name, text] of Object.entries(rules)) writeFileSync(join(folder, name), text);
    const alertmanagers =
      options.alertmanager === undefined
        ? []
        : [{ static_configs: [{ targets: [new URL(options.alertmanager).host] }] }];
    // JSON is YAML.
    writeFileSync(
      config,
      JSON.stringify({
        global: { scrape_interval: interval, scrape_timeout: interval, evaluation_interval: interval },
        rule_files: Object.keys(rules),
        alerting: { alertmanagers },
        scrape_configs: [...scrapes, ...scrapeConfigs],
      }),
    );
    const data = join(folder, 'data');
    if (options.history !== undefined) backfill(options.history, data);
    const process = new TestProcess(
      program,
      [
        `--config.file=${config}`,
        `--storage.tsdb.path=${data}`,
        '--web.listen-address=127.0.0.1:0',
        `--query.lookback-delta=${options.lookback ?? '5m'}`,
        '--log.format=json',
      ],
      // Garbage of so small a heap would be collected all the time.
      { env: { ...FRUGAL_GO, GOGC: '1000' } },
    );
    // It logs the address that it was asked for and then the one that it got.
    const [, port] = await process.saw(/"address":"127\.0\.0\.1:([1-9]\d*)"/);
    const url = `http://127.0.0.1:${port}`;
    await waitUntil(async () => (await fetch(`${url}/-/ready`)).ok, { what: 'Prometheus to be ready' });
    return new LivePrometheus(url, process, folder);
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
    await this.#process[Symbol.asyncDispose]();
    rmSync(this.#folder, { recursive: true, force: true });
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
