import { App } from '../app/app.ts';
import type { Logger } from '../base/logger.ts';
import { seededRandom } from '../base/random.ts';
import type { RequestSender } from '../client/transport.ts';
import { type LoadResult, loadConfig } from '../config/load.ts';
import type { DiagnosisReport } from '../diagnosis/report.ts';
import { FILES } from './exporter-configuration.ts';
import { InMemoryFiles } from './in-memory.ts';
import type { StillClock, StillTime } from './still-time.ts';

export interface RehearsedExporterOptions {
  readonly time: StillTime;
  readonly seed: number;
  /** The texts of its configuration and of its keys, by path. */
  readonly files: ReadonlyMap<string, string>;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** What sends the requests of a connection, by host. */
  readonly sender: (host: string) => RequestSender;
}

/** One replica: the real exporter in this process, with its restarts. */
export class RehearsedExporter {
  readonly #options: RehearsedExporterOptions;
  readonly #files = new InMemoryFiles();
  #clock: StillClock | null = null;
  #app: App | null = null;
  #starts = 0;

  constructor(options: RehearsedExporterOptions) {
    this.#options = options;
    for (const [path, text] of options.files) this.#files.texts.set(path, text);
  }

  get isRunning(): boolean {
    return this.#app !== null;
  }

  /** What it says on /metrics; null: nothing. */
  get report(): DiagnosisReport | null {
    return this.#app?.conditions ?? null;
  }

  /** How far its wall clock is from the time of the rehearsal, milliseconds. */
  get offsetMs(): number {
    return this.#clock?.offsetMs ?? 0;
  }

  set offsetMs(ahead: number) {
    if (this.#clock !== null) this.#clock.offsetMs = ahead;
  }

  async start(offsetMs: number): Promise<void> {
    const { time, seed, sender } = this.#options;
    const loaded = await this.load();
    if (!loaded.ok) throw new Error('the configuration was checked before');
    const clock = time.clock();
    clock.offsetMs = offsetMs;
    const app = new App(loaded.config, {
      clock,
      random: seededRandom(seed * 1009 + this.#starts++),
      logger: SILENT,
      env: {},
      build: { version: '0.0.0', revision: 'rehearsal', nodeVersion: process.version },
      files: this.#files.reader,
      stateDisk: this.#files.stateDisk,
      senders: ({ origin }) => sender(origin.hostname),
      load: () => this.load(),
    });
    this.#clock = clock;
    await app.prepare();
    await app.start();
    app.watchConditions();
    this.#app = app;
  }

  /** @param how whether it has time to write its state file */
  stop(how: { readonly killed: boolean }): void {
    const [app, clock] = [this.#app, this.#clock];
    this.#app = null;
    if (how.killed) clock?.stop();
    else void app?.stop();
  }

  loseState(): void {
    this.#files.texts.delete(FILES.state);
  }

  load(): Promise<LoadResult> {
    return loadConfig({ path: FILES.config, env: this.#options.env, files: this.#files.reader });
  }
}

const nothing = () => {};
const SILENT: Logger = { debug: nothing, info: nothing, warn: nothing, error: nothing };
