import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { FRUGAL_GO } from './frugal-go.ts';
import { TestProcess } from './processes.ts';
import { toolPath } from './tool-path.ts';

interface Rule {
  readonly name: string;
  readonly type: string;
  readonly health: string;
  readonly lastError: string;
  readonly lastEvaluation: string;
}

/** VictoriaMetrics scrapes, and vmalert evaluates rules over it: both for real, on free ports, with one scrape a second. */
export class LiveVictoriaMetrics implements AsyncDisposable {
  readonly #resources: AsyncDisposableStack;
  /** The address of the database. */
  readonly url: string;
  readonly #vmalert: string;

  private constructor(resources: AsyncDisposableStack, database: string, vmalert: string) {
    this.#resources = resources;
    this.url = database;
    this.#vmalert = vmalert;
  }

  /** `scrapeConfigs` as Prometheus takes them; `rules` is the text of a rule file; alerts go to `notifier`. */
  static async start(options: {
    readonly scrapeConfigs: readonly object[];
    readonly rules: string;
    readonly notifier: string;
  }): Promise<LiveVictoriaMetrics> {
    await using resources = new AsyncDisposableStack();
    const folder = mkdtempSync(join(tmpdir(), 'victoria-metrics-'));
    resources.defer(() => rmSync(folder, { recursive: true, force: true }));
    const file = (name: string, text: string) => {
      writeFileSync(join(folder, name), text);
      return join(folder, name);
    };
    const start = async (name: 'victoria-metrics' | 'vmalert', args: readonly string[]) => {
      const flags = ['-httpListenAddr=127.0.0.1:0', '-loggerFormat=json', ...args];
      const process = resources.use(new TestProcess(toolPath(name), flags, { env: FRUGAL_GO }));
      return (await process.saw(/started server at (http:\/\/127\.0\.0\.1:[1-9]\d*)\//))[1]!;
    };
    const scrape = { global: { scrape_interval: '1s' }, scrape_configs: options.scrapeConfigs };
    const database = await start('victoria-metrics', [
      `-storageDataPath=${join(folder, 'data')}`,
      // JSON is YAML.
      `-promscrape.config=${file('scrape.yml', JSON.stringify(scrape))}`,
      // What was just written is there at the next look.
      '-search.latencyOffset=0s',
    ]);
    const vmalert = await start('vmalert', [
      `-rule=${file('rules.yaml', options.rules)}`,
      `-datasource.url=${database}`,
      `-remoteWrite.url=${database}`,
      `-remoteRead.url=${database}`,
      `-notifier.url=${options.notifier}`,
      // By default it asks for what was half a minute ago, for the sake of data that come late.
      '-rule.evalDelay=0s',
      '-remoteWrite.flushInterval=200ms',
    ]);
    return new LiveVictoriaMetrics(resources.move(), database, vmalert);
  }

  /** The names of all metrics that are stored. */
  async names(): Promise<readonly string[]> {
    return await this.#get(this.url, 'label/__name__/values');
  }

  /** How many series an expression gives. */
  async count(expression: string): Promise<number> {
    const parameters = new URLSearchParams({ query: expression });
    return (await this.#get<{ readonly result: readonly unknown[] }>(this.url, `query?${parameters}`)).result.length;
  }

  /** Every rule, and how its last evaluation went. */
  async rules(): Promise<readonly Rule[]> {
    const { groups } = await this.#get<{ readonly groups: readonly { readonly rules: readonly Rule[] }[] }>(
      this.#vmalert,
      'rules',
    );
    return groups.flatMap(({ rules }) => rules);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#resources.disposeAsync();
  }

  async #get<T>(address: string, path: string): Promise<T> {
    const answer = await fetch(`${address}/api/v1/${path}`);
    const { status, error, data } = (await answer.json()) as { status: string; error?: string; data: T };
    if (status !== 'success') throw new Error(`${path}: ${error}`);
    return data;
  }
}
