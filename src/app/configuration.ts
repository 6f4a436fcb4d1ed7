import type { Clock } from '../base/clock.ts';
import { SerialQueue } from '../base/clock.ts';
import { errorText, errorWithRemedy } from '../base/errors.ts';
import type { FileReader } from '../base/files.ts';
import type { Logger } from '../base/logger.ts';
import { FileWatcher } from '../base/watched-files.ts';
import type { Config } from '../config/config.ts';
import type { LoadedConfig, LoadResult } from '../config/load.ts';
import { formatProblem } from '../config/problem.ts';
import { seconds } from '../metrics/metric.ts';
import { FLEET_PARTS } from '../metrics/process-metrics.ts';
import type { SelfMetrics } from '../metrics/self-metrics.ts';
import type { ReloadResult } from '../server/server-deps.ts';
import { type FleetDifference, keyExpiries, type Watching } from './fleet.ts';
import {
  fruitlessWarning,
  nextStartWarning,
  optionsOfNextStart,
  reloadProblems,
  reportReload,
  unusedKeysWarning,
  type Warning,
} from './reports.ts';

export interface ConfigurationDeps extends Watching {
  readonly self: SelfMetrics;
  readonly files: FileReader;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Reads the configuration again. */
  load(): Promise<LoadResult>;
}

const STOPPING: ReloadResult = { ok: false, problems: ['the process is stopping'] };

/**
 * The configuration that the stages follow. Reloads and discoveries change it one after the other, each as a whole; one
 * that is rejected changes nothing but what is said of it.
 */
export class Configuration {
  readonly #deps: ConfigurationDeps;
  readonly #startedWith: Config;
  /** Once started, it reloads when a file has changed. */
  readonly watcher: FileWatcher;
  #config: Config;
  readonly #changes = new SerialQueue();
  #isStopping = false;
  /** A reload that waits for its turn: it will read what another one would read. */
  #next: Promise<ReloadResult> | null = null;
  /** The files of the configuration that was rejected last: a change to one may make it valid. Null if none is rejected. */
  #rejectedFiles: readonly string[] | null = null;
  /** What was said last of each subject of the log. */
  readonly #said = new Map<string, string>();
  #afterReload: () => void = () => {};

  constructor(config: Config, deps: ConfigurationDeps) {
    this.#startedWith = config;
    this.#config = config;
    this.#deps = deps;
    const { clock, files } = deps;
    this.watcher = new FileWatcher({
      ...{ clock, files },
      paths: () => this.#files(),
      changed: () => this.reload(),
    });
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

  /** Puts the first configuration into force. @throws ExporterError for an unusable proxy or certificate */
  prepare(): void {
    this.#takeIntoUse(this.#config);
  }

  /** Reads the configuration again, because somebody asks for it or a file has changed. The result says what is wrong. */
  reload(): Promise<ReloadResult> {
    this.#next ??= this.#inTurn(STOPPING, async () => {
      this.#next = null;
      try {
        return await this.#reload();
      } catch (error) {
        // After the start nothing ends the process, not even a bug in a reload.
        return this.#isStopping ? STOPPING : this.#reject([errorWithRemedy(error)]);
      }
    });
    return this.#next;
  }

  /** A connection has listed its environments. */
  discovered(connection: string): Promise<void> {
    return this.#inTurn(undefined, async () => {
      const { fleet, discovery, logger } = this.#deps;
      try {
        const found = discovery.found(this.#config);
        fleet.watch(this.#config, found);
        this.#publish(this.#config);
        const own = found.get(connection)?.length ?? 0;
        this.#warnOnce(`nothing of ${connection}`, fruitlessWarning(connection, own, fleet.fleet));
        // Before all have listed theirs, nobody knows whether a key is for nobody.
        if (discovery.pending().some((name) => name !== connection)) return;
        this.#warnOnce('unused keys', unusedKeysWarning(this.#config.discovery, [...found.values()].flat()));
      } catch (error) {
        const failing = { event: 'discovery.failing', connection, detail: errorText(error) };
        logger.error(failing, 'discovered environments cannot be watched');
      }
    });
  }

  /** From now on nothing changes the stages: what a reload under way reads has no effect. */
  stop(): void {
    this.#isStopping = true;
    this.watcher.stop();
  }

  /** The files whose content decides what runs, or may run, and the directory in which more of them may appear. */
  #files(): readonly string[] {
    const { files, discovery } = this.#config;
    const keys = discovery.environmentKeysDir;
    return [...files, ...(keys === null ? [] : [keys]), ...(this.#rejectedFiles ?? [])];
  }

  /** Runs a change after those before it, unless the process stops before its turn comes. */
  #inTurn<T>(stopped: T, change: () => Promise<T>): Promise<T> {
    return this.#changes.run(() => (this.#isStopping ? Promise.resolve(stopped) : change()));
  }

  async #reload(): Promise<ReloadResult> {
    const seen = await this.watcher.contents();
    const loaded = await this.#deps.load();
    if (this.#isStopping) return STOPPING;
    const result = loaded.ok ? this.#use(loaded) : this.#reject(loaded.problems.map(formatProblem), loaded.files);
    await this.watcher.accept(seen);
    return result;
  }

  #use(loaded: LoadedConfig): ReloadResult {
    const { config: after } = loaded;
    const { discovery, fleet, logger } = this.#deps;
    const before = this.#config;
    const problems = reloadProblems(before, after, fleet.fleet);
    if (problems.length > 0) return this.#reject(problems, after.files);
    let difference: FleetDifference;
    try {
      difference = this.#takeIntoUse(after);
    } catch (error) {
      return this.#reject([errorWithRemedy(error)], after.files);
    }
    discovery.start();
    this.#afterReload();
    reportReload(logger, before, loaded, difference);
    const atNextStart = optionsOfNextStart(this.#startedWith, after);
    this.#warnOnce('next start', nextStartWarning(atNextStart));
    return { ok: true, ...difference, atNextStart };
  }

  /** Nothing in it waits, so a stop finds either none of it or all, and no request uses the old address with the new key. */
  #takeIntoUse(config: Config): FleetDifference {
    const { connections, discovery, fleet, self, clock } = this.#deps;
    const before = this.#config;
    const takeConnectionsIntoUse = connections.prepare(config.connections);
    const difference = fleet.watch(config, discovery.found(config), () => {
      takeConnectionsIntoUse();
      this.#rejectedFiles = null;
      this.#config = config;
      discovery.use(config);
    });
    self.set('anthropic_work_exporter_config_last_reload_successful', {}, true);
    self.set('anthropic_work_exporter_config_last_reload_success_timestamp_seconds', {}, clock.now() / 1000);
    self.set('anthropic_work_exporter_config_hash', {}, config.hash);
    this.#publish(before);
    return difference;
  }

  #reject(problems: readonly string[], files: readonly string[] = []): ReloadResult {
    this.#rejectedFiles = files;
    this.#deps.self.set('anthropic_work_exporter_config_last_reload_successful', {}, false);
    const fields = { event: 'config.rejected', problems };
    this.#deps.logger.error(fields, 'the new configuration is rejected; the old one stays in force');
    return { ok: false, problems };
  }

  /** Logs what is wrong once, and again when it is something else or comes back. */
  #warnOnce(subject: string, warning: Warning | null): void {
    const text = JSON.stringify(warning);
    if (warning !== null && this.#said.get(subject) !== text) this.#deps.logger.warn(...warning);
    this.#said.set(subject, text);
  }

  /** Updates the exporter's own metrics, and what is known of clocks and keys. @param before whose connections may be gone */
  #publish(before: Config): void {
    const { self, connections, fleet } = this.#deps;
    const { members, dropped, archivedOf } = fleet.fleet;
    const archived = archivedOf.values().reduce((sum, count) => sum + count, 0);
    const parts = { watched: members.length, dropped, archived };
    for (const status of FLEET_PARTS) self.set('anthropic_work_exporter_environments', { status }, parts[status]);
    for (const { name } of before.connections) if (connections.get(name) === undefined) self.remove(name);
    for (const connection of this.#config.connections) {
      const { name } = connection;
      const perMinute = connections.get(name)?.budget.perMinute ?? 0;
      self.set('anthropic_work_api_budget_limit_requests_per_minute', { connection: name }, perMinute);
      self.add('anthropic_work_api_budget_requests_total', { connection: name }, 0);
      for (const { key: credential, at } of keyExpiries(connection, fleet.fleet))
        self.set('anthropic_work_credential_expiry_timestamp_seconds', { connection: name, credential }, seconds(at));
    }
  }
}
