import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DEFAULT_RULE_OPTIONS } from '../../src/rules/rule.ts';
import { startProgram } from '../../test/support/prometheus.ts';
import { waitUntil } from '../../test/support/wait-until.ts';
import { fleetExposition } from './fleet-exposition.ts';

const STEP_SECONDS = 30;
/** As far back as a window of a scraped series reaches, and some more. */
const PAST_SECONDS = 35 * 60;
const PATIENCE = { timeoutMs: 600_000, everyMs: 1000 } as const;

/** A real Prometheus that evaluates rules over a fleet, with the scrapes of half an hour in its windows. */
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
    // Each scrape gets the next moment of the past, until they have reached the present.
    let at = Math.floor(Date.now() / 1000 - PAST_SECONDS);
    const server = createServer((_, response) => {
      const next = at + STEP_SECONDS;
      if (next * 1000 <= Date.now()) at = next;
      response.end(fleetExposition(environments, at));
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', () => resolve()));
    stack.defer(() => {
      server.closeAllConnections();
      server.close();
    });
    const targets = [`127.0.0.1:${(server.address() as AddressInfo).port}`];
    await writeFile(join(folder, 'rules.yaml'), rules);
    await writeFile(join(folder, 'prometheus.yml'), JSON.stringify(configuration(targets)));
    const args = [
      `--config.file=${join(folder, 'prometheus.yml')}`,
      `--storage.tsdb.path=${join(folder, 'data')}`,
      '--web.enable-lifecycle',
    ];
    const { url } = stack.use(await startProgram('prometheus', args, folder));
    await waitUntil(() => (at + 2 * STEP_SECONDS) * 1000 > Date.now(), { what: 'the past', ...PATIENCE });
    return new PrometheusWithPast(url, folder, stack);
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
    await waitUntil(async () => (await this.valueOf(expr)) === value, { what: expr, ...PATIENCE });
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

function configuration(targets: readonly string[]): unknown {
  const scrape = { scrape_interval: '2s', scrape_timeout: '2s', static_configs: [{ targets }] };
  return { rule_files: ['rules.yaml'], scrape_configs: [{ job_name: DEFAULT_RULE_OPTIONS.job, ...scrape }] };
}
