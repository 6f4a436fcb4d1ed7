import type { Clock } from '../base/clock.ts';
import { errorText } from '../base/errors.ts';
import type { Logger } from '../base/logger.ts';
import type { RemoteEnvironment } from '../client/work-api.ts';
import type { Config } from '../config/config.ts';
import { formatProblem } from '../config/file/problem.ts';
import type { LoadResult } from '../config/load/load-config.ts';
import type { ReloadResult } from '../server/http/server-deps.ts';
import { ChangeQueue } from './change-queue.ts';
import type { Drill } from './drill.ts';
import type { FileWatcher } from './files/watch-files.ts';
import { watchedFiles } from './fleet/discovered-keys.ts';
import { publishConfig } from './publish-config.ts';
import { answerOfReload, connectionProblem, reportReload, restartProblems } from './report-reload.ts';
import type { Stages } from './stages.ts';

export interface ConfigurationDeps {
  readonly stages: Stages;
  readonly drill: Pick<Drill, 'addTo'>;
  readonly watcher: Pick<FileWatcher, 'contents' | 'accept' | 'follow'>;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Reads the configuration again, for a reload. */
  load(): Promise<LoadResult>;
}

/**
 * The configuration that the stages follow. Reloads, discoveries and drills change it one after the other, never at the
 * same time.
 */
export class ConfigurationInForce {
  readonly #deps: ConfigurationDeps;
  readonly #changes = new ChangeQueue();
  /** The configuration as loaded; the one in force may include a drill. */
  #config: Config;
  readonly #startedWith: Config;
  /** A reload that waits for its turn. */
  #nextReload: Promise<ReloadResult> | null = null;
  #afterReload: () => void = () => {};
  /** The files of the configuration that was rejected last: a change to one may make it valid. Null if none is rejected. */
  #rejectedFiles: readonly string[] | null = null;

  constructor(config: Config, deps: ConfigurationDeps) {
    this.#config = config;
    this.#startedWith = config;
    this.#deps = deps;
  }

  get loaded(): Config {
    return this.#config;
  }

  /** Whether the last reload failed, so that the configuration in force is not the one last written. */
  get isRejected(): boolean {
    return this.#rejectedFiles !== null;
  }

  /** Calls `listener` whenever a new configuration has taken effect. */
  afterReload(listener: () => void): void {
    this.#afterReload = listener;
  }

  /** The files whose content decides what runs. */
  get files(): readonly string[] {
    return [...new Set([...watchedFiles(this.#config, this.#deps.stages.fleet.fleet), ...(this.#rejectedFiles ?? [])])];
  }

  /** Puts the first configuration into force. @throws ExporterError for an unusable proxy or certificate */
  async prepare(): Promise<void> {
    const { connections, discovery, fleet } = this.#deps.stages;
    connections.prepare(this.#config.connections)();
    discovery.prepare(this.#config);
    await fleet.watch(this.#config);
    this.#publish({ loaded: true, before: null });
  }

  /**
   * Reads the configuration again. A bad one changes nothing but the reload gauges, and the result says what is wrong.
   */
  reload(): Promise<ReloadResult> {
    // A reload that has not begun will read what this one would read.
    this.#nextReload ??= this.#changes.runUnlessStopping<ReloadResult>(
      async () => {
        this.#nextReload = null;
        try {
          return await this.#reload();
        } catch (error) {
          // After the start nothing ends the process, not even a bug in a reload.
          return this.#rejected([errorText(error)]);
        }
      },
      { ok: false, problems: ['the process is stopping'] },
    );
    return this.#nextReload;
  }

  /** Discovery found these environments on a connection. */
  discovered(connection: string, environments: readonly RemoteEnvironment[]): Promise<void> {
    const { stages, watcher, logger } = this.#deps;
    return this.#changes.runUnlessStopping(async () => {
      try {
        await stages.fleet.discovered(this.#inForce, connection, environments);
        await watcher.follow();
        this.#publish({ loaded: false, before: null });
      } catch (error) {
        const fields = { event: 'discovery.failing', connection, detail: errorText(error) };
        logger.error(fields, 'discovered environments cannot be watched');
      }
    }, undefined);
  }

  /** A drill began or ended: its environment is watched like any other, and leaves nothing behind. */
  drillChanged(): Promise<void> {
    return this.#changes.run(async () => {
      const { connections, fleet } = this.#deps.stages;
      const before = { ...this.#config, connections: connections.all().map(({ config }) => config) };
      await fleet.watch(this.#inForce, connections.prepare(this.#inForce.connections));
      this.#publish({ loaded: false, before });
    });
  }

  /** From now on nothing begins except the end of a drill. */
  stopping(): void {
    this.#changes.stop();
  }

  /** Resolves when nothing changes the stages any more: otherwise a reload under way would restart what was stopped. */
  settled(): Promise<void> {
    return this.#changes.settled();
  }

  get #inForce(): Config {
    return this.#deps.drill.addTo(this.#config);
  }

  async #reload(): Promise<ReloadResult> {
    const { stages, watcher, logger, load } = this.#deps;
    const seen = await this.#changes.unlessStopped(watcher.contents());
    const result = await this.#changes.unlessStopped(load());
    const next = result.ok ? this.#connected(result.config) : { problems: result.problems.map(formatProblem) };
    if ('problems' in next) {
      this.#rejectedFiles = (result.ok ? result.config.files : result.files) ?? [];
      await watcher.accept(seen);
      return this.#rejected(next.problems);
    }
    const [before, beforeInForce] = [this.#config, this.#inForce];
    // All at once, so that no request uses the old address with the new key.
    const difference = await stages.fleet.watch(this.#deps.drill.addTo(next.config), () => {
      next.use();
      this.#config = next.config;
      this.#rejectedFiles = null;
      stages.discovery.prepare(next.config);
    });
    this.#publish({ loaded: true, before: beforeInForce });
    stages.discovery.start();
    this.#afterReload();
    reportReload(logger, { before, after: next.config, difference, notices: result.ok ? result.notices : [] });
    await watcher.accept(seen);
    return answerOfReload({ started: this.#startedWith, after: next.config, difference });
  }

  /** How to take the connections of a configuration into use, or why it cannot take effect. */
  #connected(config: Config): { config: Config; use: () => void } | { problems: readonly string[] } {
    const problems = restartProblems(this.#config, config);
    if (problems.length > 0) return { problems };
    try {
      return { config, use: this.#deps.stages.connections.prepare(this.#deps.drill.addTo(config).connections) };
    } catch (error) {
      return { problems: [connectionProblem(error)] };
    }
  }

  #rejected(problems: readonly string[]): ReloadResult {
    const { stages, logger } = this.#deps;
    this.#rejectedFiles ??= [];
    stages.self.configReloaded({ ok: false });
    const fields = { event: 'config.rejected', problems };
    logger.error(fields, 'the new configuration is rejected; the old one stays in force');
    return { ok: false, problems };
  }

  /** Publishes what is in force now, and whether it was just loaded. */
  #publish({ loaded, before }: { readonly loaded: boolean; readonly before: Config | null }): void {
    const { clock, stages } = this.#deps;
    const { self, skews, connections, credentials, fleet } = stages;
    if (loaded) self.configReloaded({ ok: true, hash: this.#config.hash, at: clock.now() });
    skews.keep(connections.all().map(({ config }) => config));
    publishConfig(self, { before, config: this.#inForce, fleet: fleet.fleet, connections, credentials });
  }
}
