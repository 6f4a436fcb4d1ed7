import { randomUUID } from 'node:crypto';
import type { Clock } from '../base/clock.ts';
import { errorText } from '../base/errors.ts';
import { boundedFiles } from '../base/files/bounded-files.ts';
import type { FileReader } from '../base/files/file-reader.ts';
import { nodeFiles } from '../base/files/node-files.ts';
import type { Logger } from '../base/logger.ts';
import type { Random } from '../base/random.ts';
import type { RemoteEnvironment } from '../client/work-api.ts';
import type { Config } from '../config/config.ts';
import type { LoadResult } from '../config/load-config.ts';
import { formatProblem, type Problem } from '../config/problem.ts';
import type { Fleet } from '../discovery/fleet.ts';
import type { Exposition } from '../metrics/exposition.ts';
import type { ReloadResult } from '../server/http/server-deps.ts';
import { createServer, type Server } from '../server/server.ts';
import type { StateStore } from '../state/environment-state.ts';
import { nodeStateFiles } from '../statefile/port.ts';
import { openStateFile, type StateFile } from '../statefile/state-file.ts';
import { listeningFields } from './announce.ts';
import type { Connections } from './connections.ts';
import type { DiscoverySet } from './discovery-set.ts';
import { Drill } from './drill.ts';
import { publishConfig } from './publish-config.ts';
import { reportReload } from './report-reload.ts';
import { createStages, type Stages } from './stages.ts';
import { FileWatcher } from './watch-files.ts';
import { watchedFiles } from './watched-files.ts';

export interface AppDeps {
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly build: { readonly version: string; readonly revision: string; readonly nodeVersion: string };
  readonly files?: FileReader;
  /** Reads the configuration anew, for a reload. */
  load(): Promise<LoadResult>;
}

/** `I/N`: this version runs unsharded. */
export const SHARD = '0/1';

/** The composition root: creates the stages in the order of the flow, and puts them together again at a reload. */
export class App {
  readonly #deps: AppDeps;
  readonly #stages: Stages;
  readonly #watcher: FileWatcher;
  readonly #startedAt: number;
  readonly #drill: Drill;
  /** As loaded; what is in force has the drill in it. */
  #config: Config;
  #server: Server | null = null;
  #stateFile: StateFile | null = null;
  /** Reloads and discoveries change the fleet one after the other. */
  #turn: Promise<unknown> = Promise.resolve();
  /** A reload that waits for its turn. */
  #nextReload: Promise<ReloadResult> | null = null;
  #stopping = false;
  readonly #stop = Promise.withResolvers<never>();
  /** Files of a rejected configuration: it may become right when one of them does. */
  #wanted: readonly string[] = [];

  constructor(config: Config, deps: AppDeps) {
    const { clock, random } = deps;
    // Nobody may be waiting when it is stopped.
    this.#stop.promise.catch(() => {});
    const files = deps.files === undefined ? nodeFiles : boundedFiles(deps.files, clock);
    this.#deps = deps;
    this.#config = config;
    this.#startedAt = clock.now();
    this.#stages = createStages({
      ...deps,
      files,
      shard: SHARD,
      keyRefused: () => void this.#watcher.look(),
      found: (connection, environments) => this.#inTurn(() => this.#discovered(connection, environments)),
      stateFile: () => this.#stateFile,
    });
    this.#drill = new Drill({ clock, random, changed: () => this.#inTurn(() => this.#drillChanged()) });
    this.#watcher = new FileWatcher({
      clock,
      files,
      paths: () => [...new Set([...watchedFiles(this.#config, this.fleet), ...this.#wanted])],
      changed: () => this.reload().then(() => {}),
    });
  }

  get states(): StateStore {
    return this.#stages.states;
  }

  get exposition(): Exposition {
    return this.#stages.exposition;
  }

  get connections(): Connections {
    return this.#stages.connections;
  }

  /** What is watched now, discovered environments included. */
  get fleet(): Fleet {
    return this.#stages.fleet.fleet;
  }

  /** Makes everything ready, so that health can say what is awaited, and sends nothing yet. */
  async prepare(): Promise<void> {
    this.#stateFile = await this.#openStateFile();
    this.connections.apply(this.#config.connections);
    this.#stages.discovery.prepare(this.#config);
    await this.#stages.fleet.watch(this.#config);
    this.#stages.self.configReloaded({ ok: true, hash: this.#config.hash, at: this.#deps.clock.now() });
    this.#publish();
  }

  /** Starts to read. */
  async start(): Promise<void> {
    this.#stages.poller.start();
    this.#stages.discovery.start();
    await this.#watcher.start();
  }

  /** Takes the configured address and starts. `notices` go into the first log line. @throws ListenError */
  async serve(notices: readonly Problem[]): Promise<{ readonly url: string }> {
    const { logger, build } = this.#deps;
    await this.prepare();
    this.#server = this.#createServer();
    // The address first: a process that cannot be scraped has no business asking the API.
    const { url } = await this.#server.listen();
    const { connections } = this;
    const fields = { url, version: build.version, config: this.#config, notices, fleet: this.fleet, connections };
    // Before the first read, whose failure would be told first.
    logger.info(listeningFields(fields), 'exporter is listening');
    await this.start();
    return { url };
  }

  /** Reads the configuration anew. A bad one changes nothing but the reload gauges, and says what is wrong. */
  reload(): Promise<ReloadResult> {
    // One that has not begun reads what this one would read.
    this.#nextReload ??= this.#inTurn(async () => {
      this.#nextReload = null;
      if (this.#stopping) return { ok: false, problems: ['the process is stopping'] };
      try {
        return await this.#reload();
      } catch (error) {
        // Nothing after the start ends the process, a mistake of its own included.
        return this.#rejected([errorText(error)]);
      }
    });
    return this.#nextReload;
  }

  get discovery(): Pick<DiscoverySet, 'pending' | 'ends'> {
    return this.#stages.discovery;
  }

  /** API clock − own clock of a connection, ms; 0 while unknown. */
  skewMs(connection: string): number {
    return this.#stages.skews.correctionMs(connection);
  }

  /** As the few answers of one look tell it, seconds; null while unknown. */
  likelySkewSeconds(connection: string): number | null {
    const skewMs = this.#stages.skews.likelyMs(connection);
    return skewMs === null ? null : skewMs / 1000;
  }

  /** Ends requests in flight, reads and sockets, within seconds. */
  async stop(): Promise<void> {
    if (this.#server !== null) this.#deps.logger.info({ event: 'exporter.stopping' }, 'exporter is stopping');
    this.#stopping = true;
    this.#stop.reject(new Error('the process is stopping'));
    this.#watcher.stop();
    await this.#drill.end();
    // A reload under way would start again what is stopped here.
    await this.#turn;
    await Promise.all([this.#server?.close(), this.#stages.discovery.stop(), this.#stages.poller.stop()]);
    await this.connections.close();
    await this.#stateFile?.close();
  }

  /** Opened once: a reload that names another file takes effect at the next start. */
  async #openStateFile(): Promise<StateFile | null> {
    const { clock, logger } = this.#deps;
    const { stateFile: path } = this.#config;
    if (path === null) return null;
    const onOk = (ok: boolean) => this.#stages.self.stateFile(ok);
    return await openStateFile({ path, files: nodeStateFiles, clock, logger, instance: randomUUID(), onOk });
  }

  #createServer(): Server {
    const { clock, logger, build } = this.#deps;
    const config = () => this.#config.server;
    return createServer({
      // Rights and ids follow a reload; the address is taken once.
      config: {
        host: config().host,
        port: config().port,
        get hosts() {
          return config().hosts;
        },
        get lifecycle() {
          return config().lifecycle;
        },
        get itemIds() {
          return config().itemIds;
        },
      },
      states: this.states,
      clock,
      logger,
      startedAt: this.#startedAt,
      shard: SHARD,
      version: build.version,
      metrics: this.exposition,
      reload: () => this.reload(),
      drill: this.#drill,
      skewMs: (connection) => this.skewMs(connection),
      pendingDiscovery: () => this.#stages.discovery.pending(),
    });
  }

  async #discovered(connection: string, environments: readonly RemoteEnvironment[]): Promise<void> {
    if (this.#stopping) return;
    try {
      await this.#stages.fleet.discovered(this.#inForce, connection, environments);
      await this.#watcher.follow();
      this.#publish();
    } catch (error) {
      const fields = { event: 'discovery.failing', connection, detail: errorText(error) };
      this.#deps.logger.error(fields, 'discovered environments cannot be watched');
    }
  }

  async #reload(): Promise<ReloadResult> {
    const { logger, clock, load } = this.#deps;
    const seen = await this.#unlessStopped(this.#watcher.contents());
    const loaded = await this.#unlessStopped(load());
    if (!loaded.ok) {
      this.#wanted = loaded.files ?? [];
      await this.#watcher.accept(seen);
      return this.#rejected(loaded.problems.map(formatProblem));
    }
    try {
      this.connections.apply(this.#drill.addTo(loaded.config).connections);
    } catch (error) {
      return this.#rejected([errorText(error)]);
    }
    const before = this.#config;
    const beforeInForce = this.#inForce;
    this.#config = loaded.config;
    this.#wanted = [];
    this.#stages.discovery.prepare(loaded.config);
    const difference = await this.#stages.fleet.watch(this.#inForce);
    this.#stages.self.configReloaded({ ok: true, hash: loaded.config.hash, at: clock.now() });
    this.#publish(beforeInForce);
    this.#stages.discovery.start();
    reportReload(logger, { before, after: loaded.config, difference });
    await this.#watcher.accept(seen);
    const { newKeys: _newKeys, ...answer } = difference;
    return { ok: true, ...answer };
  }

  /** A file that does not answer must not hold up the stop. */
  #unlessStopped<T>(reading: Promise<T>): Promise<T> {
    return Promise.race([reading, this.#stop.promise]);
  }

  get #inForce(): Config {
    return this.#drill.addTo(this.#config);
  }

  /** A drill began or ended: its environment is watched like any other, and leaves nothing behind. */
  async #drillChanged(): Promise<void> {
    const before = { ...this.#config, connections: this.connections.all().map(({ config }) => config) };
    this.connections.apply(this.#inForce.connections);
    await this.#stages.fleet.watch(this.#inForce);
    this.#publish(before);
  }

  #rejected(problems: readonly string[]): ReloadResult {
    this.#stages.self.configReloaded({ ok: false });
    const { logger } = this.#deps;
    logger.error(
      { event: 'config.rejected', problems },
      'the new configuration is rejected; the old one stays in force',
    );
    return { ok: false, problems };
  }

  #publish(before: Config | null = null): void {
    this.#stages.skews.keep(this.connections.all().map(({ config }) => config));
    publishConfig(this.#stages.self, {
      before,
      config: this.#inForce,
      fleet: this.fleet,
      connections: this.connections,
    });
  }

  #inTurn<T>(step: () => Promise<T>): Promise<T> {
    const result = this.#turn.then(step);
    this.#turn = result.catch(() => {});
    return result;
  }
}
