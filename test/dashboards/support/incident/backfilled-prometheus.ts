import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { EpochMs } from '../../../../src/base/clock.ts';
import { TestProcess } from '../../../support/processes.ts';
import { waitUntil } from '../../../support/wait-until.ts';
import { type HistoryOptions, writeHistory } from './history.ts';

export interface Series {
  readonly metric: Readonly<Record<string, string>>;
  readonly value: number;
}

interface Answer {
  readonly status: string;
  readonly error?: string;
  readonly data?: {
    readonly resultType: string;
    readonly result: readonly {
      metric: Record<string, string>;
      value?: [number, string];
      values?: [number, string][];
    }[];
  };
}

/** A real Prometheus over the scripted history, on loopback. It starts when it is asked. */
export class BackfilledPrometheus {
  readonly #folder: string;
  readonly #program: string;
  readonly #flags: readonly string[];
  readonly #resources = new AsyncDisposableStack();
  #url: Promise<string> | null = null;

  private constructor(folder: string, program: string, lookbackSeconds: number) {
    this.#folder = folder;
    this.#resources.defer(() => rmSync(folder, { recursive: true, force: true }));
    this.#program = program;
    this.#flags = [
      '--storage.tsdb.retention.time=100y',
      // Backfilled series cannot be marked stale; a short look back makes them end as they do behind a real scrape.
      `--query.lookback-delta=${lookbackSeconds}s`,
    ];
  }

  /** `program` is the oldest Prometheus unless it names another. */
  static async start(options: HistoryOptions = {}, program = 'prometheus'): Promise<BackfilledPrometheus> {
    const folder = mkdtempSync(join(tmpdir(), 'dashboards-prometheus-'));
    await writeHistory(join(folder, HISTORY), options);
    return new BackfilledPrometheus(folder, program, options.lookbackSeconds ?? 60);
  }

  /** The series of an instant query; throws what Prometheus says when it refuses. */
  async query(expr: string, at: EpochMs): Promise<readonly Series[]> {
    const { resultType, result } = await this.#ask('query', { query: expr, time: `${at / 1000}` });
    if (resultType !== 'vector') throw new Error(`${resultType} instead of a vector: ${expr}`);
    return result.map(({ metric, value }) => ({ metric, value: number(value![1]) }));
  }

  /** How many series a range query returns. */
  async countOverRange(expr: string, range: { from: EpochMs; to: EpochMs; stepSeconds: number }): Promise<number> {
    const [start, end, step] = [`${range.from / 1000}`, `${range.to / 1000}`, `${range.stepSeconds}`] as const;
    const { result } = await this.#ask('query_range', { query: expr, start, end, step });
    return result.length;
  }

  /** Its address, for others who ask it. */
  url(): Promise<string> {
    this.#url ??= this.#run();
    return this.#url;
  }

  async stop(): Promise<void> {
    await this.#resources.disposeAsync();
  }

  async #ask(path: string, parameters: Record<string, string>) {
    const address = `${await this.url()}/api/v1/${path}`;
    const answer = await fetch(address, { method: 'POST', body: new URLSearchParams(parameters) });
    const { status, error, data } = (await answer.json()) as Answer;
    if (status !== 'success' || data === undefined) throw new Error(`${error}: ${parameters.query}`);
    return data;
  }

  /** Its address, once it has the history. */
  async #run(): Promise<string> {
    const at = (name: string) => join(this.#folder, name);
    const [blocks, config] = [at('tsdb'), at('prometheus.yml')];
    const backfill = ['tsdb', 'create-blocks-from', 'openmetrics', '--quiet', at(HISTORY), blocks];
    await promisify(execFile)('promtool', backfill);
    writeFileSync(config, 'global: {scrape_interval: 30s}\n');
    const process = this.#resources.use(
      new TestProcess(this.#program, [
        `--config.file=${config}`,
        `--storage.tsdb.path=${blocks}`,
        ...this.#flags,
        '--web.listen-address=127.0.0.1:0',
        '--log.format=json',
      ]),
    );
    // It logs the address that it was asked for and then the one that it got.
    const [, port] = await process.saw(/"address":"127\.0\.0\.1:([1-9]\d*)"/);
    const url = `http://127.0.0.1:${port}`;
    await waitUntil(async () => (await fetch(`${url}/-/ready`).catch(() => null))?.ok === true, { everyMs: 50 });
    return url;
  }
}

const HISTORY = 'history.om';

const number = (text: string) => (text === '+Inf' ? Number.POSITIVE_INFINITY : Number(text));
