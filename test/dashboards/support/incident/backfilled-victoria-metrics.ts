import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { EpochMs } from '../../../../src/base/clock.ts';
import { CachedAnswers } from '../../../support/cached-answers.ts';
import { TestProcess } from '../../../support/processes.ts';
import { toolPath } from '../../../support/tool-path.ts';
import { writeHistory } from './history.ts';

const LINES_A_REQUEST = 20_000;

const HISTORY = 'history.om';
const PROGRAM = 'victoria-metrics';
const FLAGS = [
  '-retentionPeriod=100y',
  // As for Prometheus: backfilled series cannot be marked stale.
  '-search.maxStalenessInterval=60s',
];

/**
 * A real VictoriaMetrics over the scripted history, on loopback, with its own limits. It starts when it is asked what the
 * cache does not know.
 */
export class BackfilledVictoriaMetrics implements AsyncDisposable {
  readonly #resources = new AsyncDisposableStack();
  readonly #folder: string;
  readonly #answers: CachedAnswers;
  #url: Promise<string> | null = null;

  private constructor(folder: string) {
    this.#folder = folder;
    this.#resources.defer(() => rmSync(folder, { recursive: true, force: true }));
    this.#answers = new CachedAnswers({ program: toolPath(PROGRAM), args: FLAGS, folder });
  }

  static async start(): Promise<BackfilledVictoriaMetrics> {
    const folder = mkdtempSync(join(tmpdir(), 'dashboards-victoria-metrics-'));
    await writeHistory(join(folder, HISTORY));
    return new BackfilledVictoriaMetrics(folder);
  }

  /** The labels of each series of an instant query; throws what VictoriaMetrics says when it refuses. */
  async query(expr: string, at: EpochMs): Promise<readonly Readonly<Record<string, string>>[]> {
    const time = `${at / 1000}`;
    return await this.#answers.to([expr, time], async () => {
      this.#url ??= this.#run();
      const body = new URLSearchParams({ query: expr, time });
      const answer = await answered(await fetch(`${await this.#url}/api/v1/query`, { method: 'POST', body }));
      const { data } = JSON.parse(answer) as { data: { result: readonly { metric: Record<string, string> }[] } };
      return data.result.map(({ metric }) => metric);
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#answers.keep();
    await this.#resources.disposeAsync();
  }

  /** Its address, once it has the history. */
  async #run(): Promise<string> {
    const process = this.#resources.use(
      new TestProcess(toolPath(PROGRAM), [
        '-httpListenAddr=127.0.0.1:0',
        '-loggerFormat=json',
        `-storageDataPath=${join(this.#folder, 'data')}`,
        ...FLAGS,
      ]),
    );
    const url = (await process.saw(/started server at (http:\/\/127\.0\.0\.1:[1-9]\d*)\//))[1]!;
    const history = readFileSync(join(this.#folder, HISTORY), 'utf8');
    const lines = history.split('\n').filter(isSample).map(inMilliseconds);
    for (let from = 0; from < lines.length; from += LINES_A_REQUEST) {
      const body = `${lines.slice(from, from + LINES_A_REQUEST).join('\n')}\n`;
      await answered(await fetch(`${url}/api/v1/import/prometheus`, { method: 'POST', body }));
    }
    // What was written is found from here on.
    await answered(await fetch(`${url}/internal/force_flush`));
    return url;
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
