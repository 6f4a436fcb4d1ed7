import { execFile } from 'node:child_process';
import { createWriteStream } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { promisify } from 'node:util';
import { DEFAULT_RULE_OPTIONS } from '../../src/rules/parts/options.ts';
import { startProgram } from '../../test/alerts/alertmanager-process.ts';
import { waitUntil } from '../../test/support/wait-until.ts';
import { distantPast, exposition, fleetAtWork, recentPast } from './fleet-history.ts';

/** A real Prometheus that evaluates rules over a fleet, with windows that are full from the start. */
export class PrometheusWithPast implements AsyncDisposable {
  readonly #url: string;
  readonly #folder: string;
  readonly #stack: AsyncDisposableStack;

  private constructor(url: string, folder: string, stack: AsyncDisposableStack) {
    this.#url = url;
    this.#folder = folder;
    this.#stack = stack;
  }

  static async start(environments: number, rules: string): Promise<PrometheusWithPast> {
    const stack = new AsyncDisposableStack();
    const folder = await mkdtemp(join(tmpdir(), 'rule-evaluation-'));
    stack.defer(() => rm(folder, { recursive: true, force: true }));
    const now = Math.floor(Date.now() / 30_000) * 30;
    const data = join(folder, 'data');
    await writeBlocks(distantPast(environments, now), join(folder, 'past'), data);
    const all = fleetAtWork(environments);
    const past = recentPast(all, environments, now);
    let isPresent = false;
    const server = createServer((request, response) => {
      if (request.url === '/past') {
        // In parts: all of it would be 200 MB in one answer.
        const part = past.next();
        isPresent = part.done === true;
        response.end(part.value ?? '');
      } else {
        // A sample that is older than what is there already would be dropped.
        response.statusCode = isPresent ? 200 : 503;
        response.end(isPresent ? exposition(all, Date.now() / 1000, false) : '');
      }
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', () => resolve()));
    stack.defer(() => void server.close());
    const targets = [`127.0.0.1:${(server.address() as AddressInfo).port}`];
    await writeFile(join(folder, 'rules.yaml'), rules);
    await writeFile(join(folder, 'prometheus.yml'), JSON.stringify(configuration(targets)));
    const args = [
      `--config.file=${join(folder, 'prometheus.yml')}`,
      `--storage.tsdb.path=${data}`,
      '--web.enable-lifecycle',
    ];
    const { url } = stack.use(await startProgram('prometheus', args, folder));
    const prometheus = new PrometheusWithPast(url, folder, stack);
    await waitUntil(() => isPresent, { what: 'the past', timeoutMs: 600_000 });
    return prometheus;
  }

  async ask<T>(path: string): Promise<T> {
    return ((await (await fetch(`${this.#url}/api/v1/${path}`)).json()) as { data: T }).data;
  }

  /** The value of an expression that returns one; 0 where it returns none. */
  async valueOf(expr: string): Promise<number> {
    const { result } = await this.ask<{ result: { value: [number, string] }[] }>(
      `query?query=${encodeURIComponent(expr)}`,
    );
    return Number(result[0]?.value[1] ?? 0);
  }

  async until(expr: string, value: number): Promise<void> {
    await waitUntil(async () => (await this.valueOf(expr)) === value, {
      what: expr,
      timeoutMs: 600_000,
      everyMs: 1000,
    });
  }

  /** Neither scrapes nor evaluates any more, so that what it does from now on is what it is asked. */
  async rest(): Promise<void> {
    await writeFile(join(this.#folder, 'prometheus.yml'), '{}');
    const { status } = await fetch(`${this.#url}/-/reload`, { method: 'POST' });
    if (status !== 200) throw new Error(`Prometheus does not read its configuration again: ${status}`);
  }

  /** CPU time that the process has taken so far. */
  async cpuMs(): Promise<number> {
    const text = await (await fetch(`${this.#url}/metrics`)).text();
    return 1000 * Number(/^process_cpu_seconds_total (\S+)$/m.exec(text)![1]);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#stack.disposeAsync();
  }
}

async function writeBlocks(lines: Iterable<string>, file: string, data: string): Promise<void> {
  await pipeline(Readable.from(lines), createWriteStream(file));
  // Blocks of the usual two hours would each take a pass over the whole file.
  await promisify(execFile)('promtool', [
    'tsdb',
    'create-blocks-from',
    '--max-block-duration=162h',
    'openmetrics',
    file,
    data,
  ]);
  await rm(file);
}

function configuration(targets: readonly string[]): unknown {
  const job = (name: string, path: string, every: string) => ({
    job_name: name,
    metrics_path: path,
    scrape_interval: every,
    scrape_timeout: every,
    honor_labels: true,
    static_configs: [{ targets, labels: { instance: 'a' } }],
  });
  return {
    rule_files: ['rules.yaml'],
    scrape_configs: [job('past', '/past', '5s'), job(DEFAULT_RULE_OPTIONS.job, '/metrics', '30s')],
  };
}
