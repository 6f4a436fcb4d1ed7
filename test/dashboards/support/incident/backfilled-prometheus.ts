import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { EpochMs } from '../../../../src/base/clock.ts';
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

/** A real Prometheus over the scripted history, on loopback. */
export class BackfilledPrometheus {
  readonly url: string;
  readonly #process: ChildProcess;
  readonly #folder: string;

  private constructor(url: string, process: ChildProcess, folder: string) {
    this.url = url;
    this.#process = process;
    this.#folder = folder;
  }

  /** `program` is the oldest Prometheus unless it names another. */
  static async start(options: HistoryOptions = {}, program = 'prometheus'): Promise<BackfilledPrometheus> {
    const folder = mkdtempSync(join(tmpdir(), 'dashboards-prometheus-'));
    const history = join(folder, 'history.om');
    await writeHistory(history, options);
    await promisify(execFile)('promtool', [
      'tsdb',
      'create-blocks-from',
      'openmetrics',
      '--quiet',
      history,
      join(folder, 'tsdb'),
    ]);
    rmSync(history);
    writeFileSync(join(folder, 'prometheus.yml'), 'global: {scrape_interval: 30s}\n');
    const child = spawn(program, [
      `--config.file=${join(folder, 'prometheus.yml')}`,
      `--storage.tsdb.path=${join(folder, 'tsdb')}`,
      '--storage.tsdb.retention.time=100y',
      // Backfilled series cannot be marked stale; a short look back makes them end as they do behind a real scrape.
      `--query.lookback-delta=${options.lookbackSeconds ?? 60}s`,
      '--web.listen-address=127.0.0.1:0',
      '--log.format=json',
    ]);
    const url = await listening(child);
    return new BackfilledPrometheus(url, child, folder);
  }

  /** The series of an instant query; throws what Prometheus says when it refuses. */
  async query(expr: string, at: EpochMs): Promise<readonly Series[]> {
    const { resultType, result } = await this.#ask('query', { query: expr, time: `${at / 1000}` });
    if (resultType !== 'vector') throw new Error(`${resultType} instead of a vector: ${expr}`);
    return result.map(({ metric, value }) => ({ metric, value: number(value![1]) }));
  }

  /** How many series a range query returns. */
  async countOverRange(expr: string, range: { from: EpochMs; to: EpochMs; stepSeconds: number }): Promise<number> {
    const { result } = await this.#ask('query_range', {
      query: expr,
      start: `${range.from / 1000}`,
      end: `${range.to / 1000}`,
      step: `${range.stepSeconds}`,
    });
    return result.length;
  }

  async stop(): Promise<void> {
    const ended = new Promise((resolve) => this.#process.once('exit', resolve));
    this.#process.kill();
    await ended;
    rmSync(this.#folder, { recursive: true, force: true });
  }

  async #ask(path: string, parameters: Record<string, string>) {
    const answer = await fetch(`${this.url}/api/v1/${path}`, { method: 'POST', body: new URLSearchParams(parameters) });
    const { status, error, data } = (await answer.json()) as Answer;
    if (status !== 'success' || data === undefined) throw new Error(`${error}: ${parameters.query}`);
    return data;
  }
}

const number = (text: string) => (text === '+Inf' ? Number.POSITIVE_INFINITY : Number(text));

/** Prometheus logs the address it got for port 0. */
async function listening(child: ChildProcess): Promise<string> {
  let log = '';
  const address = await new Promise<string>((resolve, reject) => {
    child.once('exit', (code) => reject(new Error(`prometheus ended with ${code}: ${log}`)));
    child.stderr!.on('data', (chunk: Buffer) => {
      log += chunk;
      const found =
        /"address":"(127\.0\.0\.1:[1-9]\d*)"/.exec(log)?.[1] ?? /Listening on","address":"([^"]+)"/.exec(log)?.[1];
      if (found !== undefined) resolve(found);
    });
  });
  const url = `http://${address}`;
  await waitUntil(async () => (await fetch(`${url}/-/ready`).catch(() => null))?.ok === true, { everyMs: 50 });
  return url;
}
