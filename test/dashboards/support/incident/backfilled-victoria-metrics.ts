import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { EpochMs } from '../../../../src/base/clock.ts';
import { TestProcess } from '../../../support/processes.ts';
import { toolPath } from '../../../support/tool-path.ts';
import { writeHistory } from './history.ts';

const LINES_A_REQUEST = 20_000;

/** A real VictoriaMetrics over the scripted history, on loopback, with its own limits. */
export class BackfilledVictoriaMetrics implements AsyncDisposable {
  readonly #resources: AsyncDisposableStack;
  readonly #url: string;

  private constructor(resources: AsyncDisposableStack, url: string) {
    this.#resources = resources;
    this.#url = url;
  }

  static async start(): Promise<BackfilledVictoriaMetrics> {
    await using resources = new AsyncDisposableStack();
    const folder = mkdtempSync(join(tmpdir(), 'dashboards-victoria-metrics-'));
    resources.defer(() => rmSync(folder, { recursive: true, force: true }));
    const process = resources.use(
      new TestProcess(toolPath('victoria-metrics'), [
        '-httpListenAddr=127.0.0.1:0',
        '-loggerFormat=json',
        `-storageDataPath=${join(folder, 'data')}`,
        '-retentionPeriod=100y',
        // As for Prometheus: backfilled series cannot be marked stale.
        '-search.maxStalenessInterval=60s',
      ]),
    );
    const url = (await process.saw(/started server at (http:\/\/127\.0\.0\.1:[1-9]\d*)\//))[1]!;
    const history = join(folder, 'history.om');
    await writeHistory(history);
    const lines = readFileSync(history, 'utf8').split('\n').filter(isSample).map(inMilliseconds);
    for (let from = 0; from < lines.length; from += LINES_A_REQUEST) {
      const body = `${lines.slice(from, from + LINES_A_REQUEST).join('\n')}\n`;
      await answered(await fetch(`${url}/api/v1/import/prometheus`, { method: 'POST', body }));
    }
    // What was written is found from here on.
    await answered(await fetch(`${url}/internal/force_flush`));
    return new BackfilledVictoriaMetrics(resources.move(), url);
  }

  /** The labels of each series of an instant query; throws what VictoriaMetrics says when it refuses. */
  async query(expr: string, at: EpochMs): Promise<readonly Readonly<Record<string, string>>[]> {
    const body = new URLSearchParams({ query: expr, time: `${at / 1000}` });
    const answer = await answered(await fetch(`${this.#url}/api/v1/query`, { method: 'POST', body }));
    const { data } = JSON.parse(answer) as { data: { result: readonly { metric: Record<string, string> }[] } };
    return data.result.map(({ metric }) => metric);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#resources.disposeAsync();
  }
}

const isSample = (line: string) => line !== '' && !line.startsWith('#');

/** OpenMetrics has seconds, the older format milliseconds. */
function inMilliseconds(line: string): string {
  const end = line.lastIndexOf(' ');
  return `${line.slice(0, end)} ${Math.round(Number(line.slice(end + 1)) * 1000)}`;
}

async function answered(response: Response): Promise<string> {
  const text = await response.text();
  if (!response.ok) throw new Error(text);
  return text;
}
