import { setImmediate as nextTurn } from 'node:timers/promises';
import { isDeepStrictEqual } from 'node:util';
import type { Clock } from '../base/clock.ts';
import { errorText } from '../base/errors.ts';
import type { FileReader } from '../base/files.ts';
import type { Logger } from '../base/logger.ts';
import { SerialQueue } from '../base/serial-queue.ts';
import { type Contents, differs, type FileWatcher } from '../base/watched-files.ts';
import type { Config, EnvironmentConfig } from '../config/config.ts';
import type { LoadResult } from '../config/load.ts';
import { formatProblem, type Problem } from '../config/problem.ts';
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
  /** Whether a read has failed for a reason that somebody may have mended: a reload tries it again at once. */
  mayRetry(): boolean;
}

const STOPPING: ReloadResult = { ok: false, problems: ['the process is stopping'] };
/** After so many comparisons everything else has its turn. */
const SLICE = 250;

/**
 * The configuration that the stages follow. Reloads and discoveries change it one after the other, each as a whole; one
 * that is rejected changes nothing but what is said of it.
 */
export class Configuration {
  readonly #deps: ConfigurationDeps;
  readonly #startedWith: Config;
  #config: Config;
  readonly #changes = new SerialQueue();
  readonly #stop = Promise.withResolvers<never>();
  #isStopping = false;
  /** A reload that waits for its turn: it will read what another one would read. */
  #next: Promise<ReloadResult> | null = null;
  /** The files of the configuration that was rejected last: a change to one may make it valid. Null if none is rejected. */
  #rejectedFiles: readonly string[] | null = null;
  /** What the files held just before the last load, while its configuration is in force; null before the first reload. */
  #inForce: { readonly contents: Contents; readonly notices: readonly Problem[] } | null = null;
  readonly #keyDirectory: KeyDirectory;
  readonly #fruitless: FruitlessLog;
  #afterReload: () => void = () => {};

  constructor(config: Config, deps: ConfigurationDeps) {
    this.#startedWith = config;
    this.#config = config;
    this.#deps = deps;
    this.#keyDirectory = new KeyDirectory(deps.files, deps.logger);
    this.#fruitless = new FruitlessLog(deps.logger);
    // Otherwise the rejection would be unhandled if nobody waits when the process stops.
    this.#stop.promise.catch(() => {});
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
    await fleet.watch(this.#config, new Map());
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
        await fleet.watch(this.#config, found);
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

  /** From now on nothing begins. */
  stop(): void {
    this.#isStopping = true;
    this.#stop.reject(new Error('the process is stopping'));
  }

  /** Resolves when nothing changes the stages any more: otherwise a reload under way would restart what was stopped. */
  allEnded(): Promise<void> {
    return this.#changes.allEnded();
  }

  /** Runs a change after those before it, unless the process stops before its turn comes. */
  #inTurn<T>(stopped: T, change: () => Promise<T>): Promise<T> {
    return this.#changes.run(() => (this.#isStopping ? Promise.resolve(stopped) : change()));
  }

  /** A file that does not answer must not delay the stop. Rejects when the process stops. */
  #unlessStopped<T>(reading: Promise<T>): Promise<T> {
    return Promise.race([reading, this.#stop.promise]);
  }

  async #reload(): Promise<ReloadResult> {
    const { stages, watcher, load } = this.#deps;
    const before = this.#config;
    const seen = await this.#unlessStopped(watcher.contents());
    const isConfirmed = this.#inForce !== null && !differs(seen, this.#inForce.contents) && !this.#deps.mayRetry();
    if (isConfirmed) return await this.#confirmed(seen);
    const result = await this.#unlessStopped(load());
    this.#inForce = null;
    const problems = result.ok ? restartProblems(before, result.config) : result.problems.map(formatProblem);
    const files = (result.ok ? result.config.files : result.files) ?? [];
    if (!result.ok || problems.length > 0) return await this.#rejected(problems, { files, seen });
    let takeConnectionsIntoUse: () => void;
    try {
      takeConnectionsIntoUse = stages.connections.prepare(result.config.connections);
    } catch (error) {
      return await this.#rejected([connectionProblem(error)], { files, seen });
    }
    const after = await this.#unlessStopped(withKnownEnvironments(result.config, before));
    // All at once, so that no request uses the old address with the new key.
    const difference = await stages.fleet.watch(after, stages.discovery.found(after), () => {
      takeConnectionsIntoUse();
      this.#rejectedFiles = null;
      this.#config = after;
      stages.discovery.use(after);
    });
    this.#loadedNow();
    this.#publish(before);
    stages.discovery.start();
    this.#afterReload();
    const { notices } = result;
    reportReload(this.#deps.logger, { before, after, difference, notices });
    logUnusableKeys(this.#deps.logger, before, after);
    this.#inForce = { contents: seen, notices };
    await watcher.accept(seen);
    return answerOfReload({ started: this.#startedWith, after, difference });
  }

  /** Every file is as it was loaded, so there is nothing to do. To load a large fleet takes seconds. */
  async #confirmed(seen: Contents): Promise<ReloadResult> {
    const { stages, watcher, logger } = this.#deps;
    const config = this.#config;
    const unchanged = stages.fleet.fleet.members.length;
    const difference = { added: [], removed: [], changed: [], unchanged, newKeys: [], lostKeys: [] };
    this.#loadedNow();
    reportReload(logger, { before: config, after: config, difference, notices: this.#inForce?.notices ?? [] });
    await watcher.accept(seen);
    return answerOfReload({ started: this.#startedWith, after: config, difference });
  }

  async #rejected(
    problems: readonly string[],
    { files, seen }: { readonly files: readonly string[]; readonly seen: Contents },
  ): Promise<ReloadResult> {
    const answer = this.#reject(problems, files);
    await this.#unlessStopped(this.#deps.watcher.accept(seen));
    return answer;
  }

  #reject(problems: readonly string[], files: readonly string[]): ReloadResult {
    this.#rejectedFiles = files;
    this.#deps.stages.self.configReloaded({ ok: false });
    const fields = { event: 'config.rejected', problems };
    this.#deps.logger.error(fields, 'the new configuration is rejected; the old one stays in force');
    return { ok: false, problems };
  }

  #loadedNow(): void {
    const { clock, stages } = this.#deps;
    stages.self.configReloaded({ ok: true, hash: this.#config.hash, at: clock.now() });
  }

  /** Updates the exporter's own metrics, and what is known of clocks and keys. @param before whose connections may be gone */
  #publish(before: Config): void {
    const { self, connections, credentials, fleet } = this.#deps.stages;
    const config = this.#config;
    const { members, dropped, archivedOf } = fleet.fleet;
    const archived = archivedOf.values().reduce((sum, count) => sum + count, 0);
    self.environments({ watched: members.length, dropped, archived });
    const baseUrls = new Map(config.connections.map(({ name, baseUrl }) => [name, baseUrl]));
    for (const { name, baseUrl } of before.connections) {
      // Another API may take a key that this one refused.
      if (baseUrls.get(name) !== baseUrl) credentials.connectionRemoved(name);
      if (!baseUrls.has(name)) self.connectionRemoved(name);
    }
    for (const { name, apiKey, apiKeyExpires } of config.connections) {
      if (apiKey === null) credentials.keyRemoved(name, null);
      self.budgetLimit(name, connections.get(name)?.budget.perMinute ?? 0);
      self.credentialExpires(name, 'api_key', apiKeyExpires);
    }
    for (const { environment, environmentKey, environmentKeyExpires } of members) {
      if (environmentKey === null) credentials.keyRemoved(environment.connection, environment.id);
      self.credentialExpires(environment.connection, environment.id, environmentKeyExpires);
    }
  }
}

/**
 * A new configuration in which environments that are as before are the same objects: the stages take what is the same
 * object for unchanged, and need not compare ten thousand of them at once.
 */
async function withKnownEnvironments(next: Config, known: Config): Promise<Config> {
  const before = new Map(known.environments.map(({ environment }) => [environment.id, environment]));
  const environments: EnvironmentConfig[] = [];
  for (const member of next.environments) {
    const same = before.get(member.environment.id);
    environments.push(isDeepStrictEqual(same, member.environment) ? { ...member, environment: same! } : member);
    if (environments.length % SLICE === 0) await nextTurn();
  }
  return { ...next, environments };
}
