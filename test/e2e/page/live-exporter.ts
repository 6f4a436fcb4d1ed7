import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { App } from '../../../src/app/app.ts';
import type { Clock } from '../../../src/base/clock.ts';
import type { FileReader } from '../../../src/base/files.ts';
import { seededRandom } from '../../../src/base/random.ts';
import { loadConfig } from '../../../src/config/load.ts';
import { formatProblem } from '../../../src/config/problem.ts';
import { silentLogger } from '../../support/silent-logger.ts';

/** An exporter on a clock of its own, which can die, come back at the same address, and get another configuration. */
export class LiveExporter implements AsyncDisposable {
  url = '';
  /** Where it may keep its state. */
  readonly folder: string;
  readonly #clock: Clock;
  /** It takes a port itself at its first start, and the same one again whenever it comes back. */
  #listen = '127.0.0.1:0';
  readonly #configuration: string;
  #text: string;
  #app: App | null = null;
  /** How often it was started: a new process has no history to evaluate rules over. */
  lives = 0;
  /** Its configuration is in memory: whether a busy machine answers in time is not what is tried here. */
  readonly #files: FileReader = {
    readFile: (path) => (path === this.#path ? Buffer.from(this.#text) : readFileSync(path)),
    readdir: () => [],
  };

  private constructor(folder: string, clock: Clock, configuration: string) {
    this.folder = folder;
    this.#clock = clock;
    this.#configuration = configuration;
    this.#text = configuration;
  }

  static async start(configuration: (folder: string) => object, clock: Clock): Promise<LiveExporter> {
    const folder = mkdtempSync(join(tmpdir(), 'live-exporter-'));
    const exporter = new LiveExporter(folder, clock, JSON.stringify(configuration(folder)));
    await exporter.start();
    return exporter;
  }

  get #path(): string {
    return join(this.folder, 'config.yaml');
  }

  async start(): Promise<void> {
    const load = () =>
      loadConfig({
        path: this.#path,
        env: {},
        flags: { listen: this.#listen },
        files: this.#files,
      });
    const loaded = await load();
    if (!loaded.ok) throw new Error(loaded.problems.map(formatProblem).join('\n'));
    this.#app = new App(loaded.config, {
      clock: this.#clock,
      random: seededRandom(1),
      logger: silentLogger,
      env: {},
      build: { version: '0.0.0', revision: 'test', nodeVersion: process.version },
      files: this.#files,
      load,
    });
    const { url } = await this.#app.serve([]);
    this.url = url;
    this.#listen = new URL(url).host;
    this.#app.watchConditions();
    this.lives++;
  }

  async stop(): Promise<void> {
    await this.#app?.stop();
    this.#app = null;
  }

  /** With another text as its configuration, good or bad; with its own when left out. */
  async reload(text = this.#configuration): Promise<void> {
    this.#text = text;
    await this.#app?.reload();
  }

  /** With its own configuration, without some environments. */
  async forget(ids: readonly string[]): Promise<void> {
    const { environments, ...rest } = JSON.parse(this.#configuration) as { environments: { id: string }[] };
    await this.reload(JSON.stringify({ ...rest, environments: environments.filter(({ id }) => !ids.includes(id)) }));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
    rmSync(this.folder, { recursive: true, force: true });
  }
}
