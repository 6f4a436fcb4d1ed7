import type { Clock } from '../../base/clock.ts';
import { errorText } from '../../base/errors.ts';
import type { RemoteEnvironment } from '../../client/work-api.ts';
import type { Config } from '../../config/config.ts';
import type { PartialConfig } from '../../config/partial-config.ts';
import type { ReloadResult } from '../../server/http/server-deps.ts';
import type { FileWatcher } from '../files/file-watcher.ts';
import { watchedFiles } from '../fleet/discovered-keys.ts';
import type { FleetDifference } from '../fleet/fleet-difference.ts';
import { ChangeQueue } from './change-queue.ts';
import { type ConfiguredStages, publishConfig } from './publish-config.ts';
import { type ReloadDeps, Reloads, type Replacement } from './reloads.ts';

export interface ConfigurationDeps extends Pick<ReloadDeps, 'logger' | 'load' | 'replacedKeys'> {
  readonly stages: ConfiguredStages;
  readonly watcher: Pick<FileWatcher, 'contents' | 'accept' | 'refreshPaths'>;
  readonly clock: Clock;
  /** Whether a read has failed for a reason that somebody may have mended: a reload tries it again at once. */
  mayRetry(): boolean;
}

/**
 * The configuration that the stages follow. Reloads and discoveries change it one after the other, never at the
 * same time.
 */
export class ConfigurationInForce {
  readonly #deps: ConfigurationDeps;
  readonly #changes = new ChangeQueue();
  #config: Config;
  readonly #reloads: Reloads;
  /** A look at what is drained that waits for its turn. */
  #drained: Promise<void> | null = null;
  #afterReload: () => void = () => {};

  constructor(config: Config, deps: ConfigurationDeps) {
    this.#config = config;
    this.#deps = deps;
    const { stages } = deps;
    this.#reloads = new Reloads({
      ...deps,
      startedWith: config,
      changes: this.#changes,
      loaded: () => this.#config,
      prepareConnections: (next) => stages.connections.prepare(next.connections),
      replace: (next, how) => this.#replace(next, how),
      configRejected: () => stages.self.configReloaded({ ok: false }),
      configConfirmed: () => this.#loadedNow(),
      settledCount: () => (deps.mayRetry() ? null : stages.fleet.fleet.members.length),
    });
  }

  get loaded(): Config {
    return this.#config;
  }

  /** Whether the last reload failed, so that the configuration in force is not the one last written. */
  get isRejected(): boolean {
    return this.#reloads.rejectedFiles !== null;
  }

  /** What is understood of the configuration that was rejected last; null: nothing, or none is rejected. */
  get rejectedConfig(): PartialConfig | null {
    return this.#reloads.rejectedConfig;
  }

  /** Calls `listener` whenever a new configuration has taken effect. */
  afterReload(listener: () => void): void {
    this.#afterReload = listener;
  }

  /** The files whose content decides what runs. */
  get files(): readonly string[] {
    const { fleet } = this.#deps.stages.fleet;
    return [...new Set([...watchedFiles(this.#config, fleet), ...(this.#reloads.rejectedFiles ?? [])])];
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
   * Reads the configuration again. A bad one changes only keys in files and the reload gauges; the result says what is wrong.
   */
  reload(): Promise<ReloadResult> {
    return this.#reloads.reload();
  }

  /** Discovery found these environments on a connection. */
  discovered(connection: string, environments: readonly RemoteEnvironment[]): Promise<void> {
    return this.#changes.runUnlessStopping(
      () =>
        this.#watchOthers({ connection }, async () => {
          await this.#deps.stages.fleet.discovered(this.#config, connection, environments);
          await this.#deps.watcher.refreshPaths();
        }),
      undefined,
    );
  }

  /** An archived environment has nothing left: it is watched no longer, nor are others that have drained by then. */
  environmentDrained(): Promise<void> {
    this.#drained ??= this.#changes.runUnlessStopping(async () => {
      this.#drained = null;
      await this.#watchOthers({}, async () => void (await this.#deps.stages.fleet.watch(this.#config)));
    }, undefined);
    return this.#drained;
  }

  async #watchOthers(fields: { readonly connection?: string }, watch: () => Promise<void>): Promise<void> {
    try {
      await watch();
      this.#publish({ loaded: false, before: null });
    } catch (error) {
      const failing = { event: 'discovery.failing', ...fields, detail: errorText(error) };
      this.#deps.logger.error(failing, 'discovered environments cannot be watched');
    }
  }

  /** From now on nothing begins. */
  stop(): void {
    this.#changes.stop();
  }

  /** Resolves when nothing changes the stages any more: otherwise a reload under way would restart what was stopped. */
  allEnded(): Promise<void> {
    return this.#changes.allEnded();
  }

  async #replace(next: Config, { loaded, activate }: Replacement): Promise<FleetDifference> {
    const { stages } = this.#deps;
    const before = this.#config;
    // All at once, so that no request uses the old address with the new key.
    const difference = await stages.fleet.watch(next, () => {
      activate();
      this.#config = next;
      stages.discovery.prepare(next);
    });
    this.#publish({ loaded, before });
    stages.discovery.start();
    if (loaded) this.#afterReload();
    return difference;
  }

  /** Publishes what is in force now, and whether it was just loaded. */
  #publish({ loaded, before }: { readonly loaded: boolean; readonly before: Config | null }): void {
    if (loaded) this.#loadedNow();
    publishConfig(this.#deps.stages, { before, config: this.#config });
  }

  #loadedNow(): void {
    const { clock, stages } = this.#deps;
    stages.self.configReloaded({ ok: true, hash: this.#config.hash, at: clock.now() });
  }
}
