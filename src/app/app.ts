import { randomUUID } from 'node:crypto';
import { BoundedFiles, nodeFiles } from '../base/files.ts';
import { FileWatcher } from '../base/watched-files.ts';
import type { Config } from '../config/config.ts';
import type { Problem } from '../config/problem.ts';
import type { DiagnosisMemory } from '../diagnosis/diagnosis.ts';
import type { DiagnosisReport } from '../diagnosis/report.ts';
import type { Fleet } from '../discovery/selection.ts';
import { isInShard, shardText } from '../domain/shard.ts';
import type { Exposition } from '../metrics/exposition.ts';
import type { Server } from '../server/server.ts';
import type { ReloadResult } from '../server/server-deps.ts';
import type { StateStore } from '../state/environment-state.ts';
import { nodeDisk } from '../statefile/disk.ts';
import { StateFile } from '../statefile/state-file.ts';
import { Configuration } from './configuration.ts';
import type { Connections } from './connections.ts';
import { createDiagnosisWatch, type DiagnosisWatch } from './diagnosis-watch.ts';
import type { Discoveries } from './discoveries.ts';
import { Drill } from './drill.ts';
import { listeningFields } from './reports.ts';
import { createAppServer } from './server.ts';
import { type AppDeps, createStages, type Stages } from './stages.ts';

/** The composition root: creates the stages in the order of the flow, and reconfigures them at a reload. */
export class App {
  readonly states: StateStore;
  readonly exposition: Exposition;
  readonly connections: Connections;
  readonly discovery: Pick<Discoveries, 'pending' | 'outcomes'>;
  readonly #deps: AppDeps;
  readonly #startedAt: number;
  readonly #stages: Stages;
  readonly #watcher: FileWatcher;
  readonly #configuration: Configuration;
  readonly #drill: Drill;
  readonly #diagnosis: DiagnosisWatch;
  #stateFile: StateFile | null = null;
  #server: Server | null = null;

  constructor(config: Config, deps: AppDeps) {
    const { clock, logger, load } = deps;
    const files = deps.files === undefined ? nodeFiles : new BoundedFiles(deps.files, clock);
    this.#deps = deps;
    this.#startedAt = clock.now();
    this.#stages = createStages({
      ...deps,
      shard: shardText(config.shard),
      keyRefused: () => void this.#watcher.checkNow(),
      environmentsFound: (connection) => this.#configuration.discovered(connection),
      stateFile: () => this.#stateFile,
      conditions: () => {
        const { report } = this.#diagnosis;
        return report === null ? null : this.#drill.addTo(report);
      },
    });
    ({
      states: this.states,
      exposition: this.exposition,
      connections: this.connections,
      discovery: this.discovery,
    } = this.#stages);
    this.#drill = new Drill(clock);
    this.#watcher = new FileWatcher({
      ...{ clock, files },
      paths: () => this.#configuration.files,
      changed: () => this.reload(),
    });
    this.#diagnosis = createDiagnosisWatch(this.#stages, {
      ...{ clock, logger },
      looked: (hasNews) => this.#stateFile?.saveDiagnosis(() => this.#diagnosis.memory(), hasNews),
    });
    this.#configuration = new Configuration(config, {
      ...{ clock, logger, load },
      stages: this.#stages,
      watcher: this.#watcher,
    });
  }

  /** What is watched now, discovered environments included. */
  get fleet(): Fleet {
    return this.#stages.fleet.fleet;
  }

  /** What is wrong as of the last look, and a drill. */
  get diagnosis(): DiagnosisReport {
    return this.#drill.addTo(this.#diagnosis.lastReport);
  }

  /** The same; null when nothing can be said. */
  get conditions(): DiagnosisReport | null {
    return this.#diagnosis.report;
  }

  /** Prepares everything, so that health can say what is pending; sends nothing yet. */
  async prepare(): Promise<void> {
    const { clock, logger, stateDisk: disk = nodeDisk } = this.#deps;
    const { stateFile: path, shard } = this.#configuration.loaded;
    // Opened once: if a reload names another file, it takes effect at the next start.
    if (path !== null)
      this.#stateFile = await StateFile.open({
        ...{ path, disk, clock, logger },
        instance: randomUUID(),
        isOwn: (environmentId) => isInShard(shard, environmentId),
        onOk: (ok) => this.#stages.self.set('anthropic_work_state_file_ok', {}, ok),
      });
    this.#configuration.prepare();
  }

  /** Starts to read. */
  async start(): Promise<void> {
    this.#stages.poller.start();
    this.#stages.discovery.start();
    await this.#watcher.start();
  }

  /** Listens on the configured address and starts. `notices` go into the first log line. @throws ListenError */
  async serve(notices: readonly Problem[]): Promise<{ readonly url: string }> {
    const { logger, build } = this.#deps;
    await this.prepare();
    const config = this.#configuration.loaded;
    this.#server = createAppServer({
      ...this.#deps,
      stages: this.#stages,
      configuration: this.#configuration,
      drill: this.#drill,
      diagnosis: () => this.diagnosis,
      lastHour: (environmentId) => this.#diagnosis.history(environmentId),
      startedAt: this.#startedAt,
      shard: shardText(config.shard),
      stateFileOk: () => this.#stateFile?.isOk ?? null,
    });
    // The address first: a process that cannot be scraped has no reason to ask the API.
    const { url } = await this.#server.listen();
    const { connections, fleet } = this;
    const fields = listeningFields({ url, version: build.version, config, notices, fleet, connections });
    // Before the first read, whose failure would otherwise be logged first.
    logger.info(fields, 'exporter is listening');
    await this.start();
    return { url };
  }

  /** Begins to judge what is wrong, for alerts, the page and the JSON. */
  watchConditions(): void {
    // It checks what it recalls.
    this.#diagnosis.start((this.#stateFile?.diagnosis ?? null) as DiagnosisMemory | null);
  }

  /** Reads the configuration again. A bad one changes nothing; the result says what is wrong. */
  reload(): Promise<ReloadResult> {
    return this.#configuration.reload();
  }

  /** Ends requests in flight, reads and sockets within seconds. */
  async stop(): Promise<void> {
    if (this.#server !== null) this.#deps.logger.info({ event: 'exporter.stopping' }, 'exporter is stopping');
    this.#configuration.stop();
    this.#watcher.stop();
    this.#diagnosis.stop();
    this.#drill.end();
    // A client that is slow to ask or to read must not keep the state file from being written.
    await Promise.all([this.#server?.close(), this.#stopReading()]);
    this.#stages.self.stop();
  }

  async #stopReading(): Promise<void> {
    await Promise.all([this.#stages.discovery.stop(), this.#stages.poller.stop()]);
    await Promise.all([this.connections.close(), this.#stateFile?.close()]);
  }
}
