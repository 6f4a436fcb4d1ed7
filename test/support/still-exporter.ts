import { App, type AppDeps } from '../../src/app/app.ts';
import { seededRandom } from '../../src/base/clock.ts';
import { loadText } from '../../src/cli/configuration.ts';
import { formatProblem } from '../../src/config/problem.ts';
import { silentLogger } from './silent.ts';
import type { StillClock } from './under-way.ts';

/**
 * An exporter without a server, in this process and without chance, whose time stands still while a request is under
 * way: hours of it take seconds.
 */
export class StillExporter {
  readonly #still: StillClock;
  #configuration = '';
  #app!: App;

  private constructor(still: StillClock) {
    this.#still = still;
  }

  /** Ready to read, and not reading yet. */
  static async prepared(
    still: StillClock,
    configuration: unknown,
    change: Partial<AppDeps> = {},
  ): Promise<StillExporter> {
    const exporter = new StillExporter(still);
    exporter.#configuration = JSON.stringify(configuration);
    const load = () => loadText('the test', exporter.#configuration, {})();
    const loaded = await load();
    if (!loaded.ok) throw new Error(loaded.problems.map(formatProblem).join('\n'));
    exporter.#app = await App.prepare(loaded.config, {
      clock: still.clock,
      random: seededRandom(1),
      logger: silentLogger,
      env: {},
      build: { version: '1.2.3', revision: 'abc', nodeVersion: 'v26.0.0' },
      load,
      ...change,
    });
    return exporter;
  }

  /** Starts to read; the first reads are over on return. */
  async start(): Promise<void> {
    await this.#app.start();
    await this.#still.quiet();
  }

  /** Begins to judge what is wrong. */
  judge(): void {
    this.#app.watchConditions();
  }

  async reload(configuration: unknown): Promise<void> {
    this.#configuration = JSON.stringify(configuration);
    const result = await this.#app.reload();
    if (!result.ok) throw new Error(result.problems.join('\n'));
    await this.#still.quiet();
  }

  render(format: 'prometheus' | 'openmetrics'): Promise<readonly Buffer[]> {
    return this.#app.exposition.render(format);
  }

  stop(): Promise<void> {
    return this.#app.stop();
  }
}
