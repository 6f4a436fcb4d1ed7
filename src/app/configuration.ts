import type { Clock, EpochMs } from '../base/clock.ts';
import { errorText } from '../base/errors.ts';
import type { FileReader } from '../base/files.ts';
import type { Logger } from '../base/logger.ts';
import { SerialQueue } from '../base/serial-queue.ts';
import type { Contents, FileWatcher } from '../base/watched-files.ts';
import type { Config } from '../config/config.ts';
import type { LoadResult } from '../config/load.ts';
import { formatProblem } from '../config/problem.ts';
import { seconds } from '../metrics/metric.ts';
import { FLEET_PARTS } from '../metrics/process-metrics.ts';
import type { SelfMetrics } from '../metrics/self-metrics.ts';
import type { ReloadResult } from '../server/server-deps.ts';
import type { Connections } from './connections/connections.ts';
import type { CredentialVerdicts } from './connections/credential-verdicts.ts';
import type { Discoveries } from './discoveries.ts';
import type { WatchedFleet } from './fleet.ts';
import { KeyDirectory, logUnusableKeys, watchedFiles } from './keys.ts';
import { answerOfReload, connectionProblem, FruitlessLog, reportReload, restartProblems } from './reports.ts';

/** The stages that follow a configuration. */
export interface ConfiguredStages {
  readonly self: SelfMetrics;
  readonly connections: Connections;
  readonly credentials: CredentialVerdicts;
  readonly fleet: WatchedFleet;
  readonly discovery: Discoveries;
}

export interface ConfigurationDeps {
  readonly stages: ConfiguredStages;
  readonly watcher: Pick<FileWatcher, 'contents' | 'accept' | 'refreshPaths'>;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly files: FileReader;
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
  #config: Config;
  readonly #changes = new SerialQueue();
  #isStopping = false;
  /** A reload that waits for its turn: it will read what another one would read. */
  #next: Promise<ReloadResult> | null = null;
  /** The files of the configuration that was rejected last: a change to one may make it valid. Null if none is rejected. */
  #rejectedFiles: readonly string[] | null = null;
  readonly #keyDirectory: KeyDirectory;
  readonly #fruitless: FruitlessLog;
  #afterReload: () => void = () => {};

  constructor(config: Config, deps: ConfigurationDeps) {
    this.#startedWith = config;
    this.#config = config;
    this.#deps = deps;
    this.#keyDirectory = new KeyDirectory(deps.files, deps.logger);
    this.#fruitless = new FruitlessLog(deps.logger);
  }

  get loaded(): Config {
    return this.#config;
  }

  /** Whether the last reload failed, so that the configuration in force is not the one last written. */
  get isRejected(): boolean {
    return this.#rejectedFiles !== null;
  }

  /** The files whose content decides what runs, or may run. */
  get files(): readonly string[] {
    const { fleet } = this.#deps.stages.fleet;
    return [...new Set([...watchedFiles(this.#config, fleet), ...(this.#rejectedFiles ?? [])])];
  }

  /** Calls `listener` whenever a new configuration has taken effect. */
  afterReload(listener: () => void): void {
    this.#afterReload = listener;
  }

  /** Puts the first configuration into force. @throws ExporterError for an unusable proxy or certificate */
  async prepare(): Promise<void> {
    const { connections, discovery, fleet } = this.#deps.stages;
    connections.prepare(this.#config.connections)();
    discovery.use(this.#config);
    fleet.watch(this.#config, new Map());
    logUnusableKeys(this.#deps.logger, null, this.#config);
    this.#loadedNow();
    this.#publish(this.#config);
  }

  /** Reads the configuration again, because somebody asks for it or a file has changed. The result says what is wrong. */
  reload(): Promise<ReloadResult> {
    this.#next ??= this.#inTurn(STOPPING, async () => {
      this.#next = null;
      try {
        return await this.#reload();
      } catch (error) {
        // After the start nothing ends the process, not even a bug in a reload.
        return this.#isStopping ? STOPPING : this.#reject([errorText(error)], []);
      }
    });
    return this.#next;
  }

  /** A connection has listed its environments. */
  discovered(connection: string): Promise<void> {
    return this.#inTurn(undefined, async () => {
      const { stages, logger, watcher } = this.#deps;
      const { fleet, discovery } = stages;
      try {
        const found = discovery.found(this.#config);
        fleet.watch(this.#config, found);
        this.#publish(this.#config);
        this.#fruitless.note(connection, found.get(connection)?.length ?? 0, fleet.fleet);
        // Before all have listed theirs, nobody knows whether a key is for nobody.
        const isComplete = discovery.pending().every((name) => name === connection);
        const listed = isComplete ? [...found.values()].flat() : null;
        const hasNewKeys = await this.#keyDirectory.look(this.#config, fleet.fleet, listed);
        await watcher.refreshPaths();
        if (hasNewKeys && !this.isRejected) void this.reload();
      } catch (error) {
        const failing = { event: 'discovery.failing', connection, detail: errorText(error) };
        logger.error(failing, 'discovered environments cannot be watched');
      }
    });
  }

  /** From now on nothing changes the stages: what a reload under way reads has no effect. */
  stop(): void {
    this.#isStopping = true;
  }

  /** Runs a change after those before it, unless the process stops before its turn comes. */
  #inTurn<T>(stopped: T, change: () => Promise<T>): Promise<T> {
    return this.#changes.run(() => (this.#isStopping ? Promise.resolve(stopped) : change()));
  }

  async #reload(): Promise<ReloadResult> {
    const { stages, watcher, load } = this.#deps;
    const before = this.#config;
    const seen = await watcher.contents();
    const result = await load();
    // From here to the end of the change nothing waits, so a stop finds either none of it or all.
    if (this.#isStopping) return STOPPING;
    const problems = result.ok ? restartProblems(before, result.config) : result.problems.map(formatProblem);
    const files = (result.ok ? result.config.files : result.files) ?? [];
    if (!result.ok || problems.length > 0) return await this.#rejected(problems, { files, seen });
    let takeConnectionsIntoUse: () => void;
    try {
      takeConnectionsIntoUse = stages.connections.prepare(result.config.connections);
    } catch (error) {
      return await this.#rejected([connectionProblem(error)], { files, seen });
    }
    const after = result.config;
    // All at once, so that no request uses the old address with the new key.
    const difference = stages.fleet.watch(after, stages.discovery.found(after), () => {
      takeConnectionsIntoUse();
      this.#rejectedFiles = null;
      this.#config = after;
      stages.discovery.use(after);
    });
    this.#loadedNow();
    this.#publish(before);
    stages.discovery.start();
    this.#afterReload();
    reportReload(this.#deps.logger, { before, after, difference, notices: result.notices });
    logUnusableKeys(this.#deps.logger, before, after);
    await watcher.accept(seen);
    return answerOfReload({ started: this.#startedWith, after, difference });
  }

  async #rejected(
    problems: readonly string[],
    { files, seen }: { readonly files: readonly string[]; readonly seen: Contents },
  ): Promise<ReloadResult> {
    const answer = this.#reject(problems, files);
    await this.#deps.watcher.accept(seen);
    return answer;
  }

  #reject(problems: readonly string[], files: readonly string[]): ReloadResult {
    this.#rejectedFiles = files;
    this.#deps.stages.self.set('anthropic_work_exporter_config_last_reload_successful', {}, false);
    const fields = { event: 'config.rejected', problems };
    this.#deps.logger.error(fields, 'the new configuration is rejected; the old one stays in force');
    return { ok: false, problems };
  }

  #loadedNow(): void {
    const { clock, stages } = this.#deps;
    const { self } = stages;
    self.set('anthropic_work_exporter_config_last_reload_successful', {}, true);
    self.set('anthropic_work_exporter_config_last_reload_success_timestamp_seconds', {}, clock.now() / 1000);
    self.set('anthropic_work_exporter_config_hash', {}, this.#config.hash);
  }

  /** Updates the exporter's own metrics, and what is known of clocks and keys. @param before whose connections may be gone */
  #publish(before: Config): void {
    const { self, connections, credentials, fleet } = this.#deps.stages;
    const config = this.#config;
    const { members, dropped, archivedOf } = fleet.fleet;
    const archived = archivedOf.values().reduce((sum, count) => sum + count, 0);
    const parts = { watched: members.length, dropped, archived };
    for (const status of FLEET_PARTS) self.set('anthropic_work_exporter_environments', { status }, parts[status]);
    const baseUrls = new Map(config.connections.map(({ name, baseUrl }) => [name, baseUrl]));
    for (const { name, baseUrl } of before.connections) {
      // Another API may take a key that this one refused.
      if (baseUrls.get(name) !== baseUrl) credentials.connectionRemoved(name);
      if (!baseUrls.has(name)) self.remove(name);
    }
    for (const { name, apiKey, apiKeyExpires } of config.connections) {
      if (apiKey === null) credentials.keyRemoved(name, null);
      const perMinute = connections.get(name)?.budget.perMinute ?? 0;
      self.set('anthropic_work_api_budget_limit_requests_per_minute', { connection: name }, perMinute);
      self.add('anthropic_work_api_budget_requests_total', { connection: name }, 0);
      this.#keyExpires(name, 'api_key', apiKeyExpires);
    }
    for (const { environment, environmentKey, environmentKeyExpires } of members) {
      if (environmentKey === null) credentials.keyRemoved(environment.connection, environment.id);
      this.#keyExpires(environment.connection, environment.id, environmentKeyExpires);
    }
  }

  #keyExpires(connection: string, credential: string, at: EpochMs | null): void {
    const { self } = this.#deps.stages;
    self.set('anthropic_work_credential_expiry_timestamp_seconds', { connection, credential }, seconds(at));
  }
}
