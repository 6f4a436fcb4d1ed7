import { randomUUID } from 'node:crypto';
import type { Clock, Random } from '../base/clock.ts';
import { BoundedFiles, type FileReader, nodeFiles } from '../base/files.ts';
import type { Logger } from '../base/logger.ts';
import type { SenderMaker } from '../client/transport.ts';
import type { Config } from '../config/config.ts';
import type { LoadResult } from '../config/load.ts';
import { formatProblem, type Problem } from '../config/problem.ts';
import type { DiagnosisReport } from '../diagnosis/report.ts';
import type { Fleet } from '../discovery/selection.ts';
import { isInShard, shardText } from '../domain/shard.ts';
import { Exposition } from '../metrics/exposition.ts';
import { seconds } from '../metrics/metric.ts';
import { SelfMetrics } from '../metrics/self-metrics.ts';
import { createPollLog, type PollLog, SharedLines } from '../poller/log.ts';
import { Poller } from '../poller/poller.ts';
import type { Server } from '../server/server.ts';
import type { ReloadResult } from '../server/server-deps.ts';
import { MemoryStateStore, type StateStore } from '../state/environment-state.ts';
import { nodeDisk, type StateDisk } from '../statefile/disk.ts';
import { StateFile, type StateFileDeps } from '../statefile/state-file.ts';
import { Configuration } from './configuration.ts';
import { Connections } from './connections.ts';
import { DiagnosisWatch } from './diagnosis-watch.ts';
import { Discoveries } from './discoveries.ts';
import { Drill } from './drill.ts';
import { observeConnections, observeEnvironments } from './facts.ts';
import { WatchedFleet } from './fleet.ts';
import { watchedFields } from './reports.ts';
import { createAppServer } from './server.ts';

/** What an exporter depends on. */
export interface AppDeps {
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  /** For the proxy variables. */
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly build: { readonly version: string; readonly revision: string; readonly nodeVersion: string };
  /** By default those of the machine; so is the disk. */
  readonly files?: FileReader;
  readonly stateDisk?: StateDisk;
  /** What sends requests; by default, sockets. */
  readonly senders?: SenderMaker;
  /** Reads the configuration again, for a reload. */
  load(): Promise<LoadResult>;
}

/** The exporter: its stages, from the preparation to the stop. */
export class App {
  readonly states: StateStore;
  readonly connections: Connections;
  readonly discovery: Pick<Discoveries, 'pending' | 'outcomes'>;
  readonly exposition: Exposition;
  readonly #deps: AppDeps;
  readonly #startedAt: number;
  readonly #stages: Stages;
  #server: Server | null = null;

  /** Prepares everything, so that health can say what is pending; sends nothing yet. @throws ExporterError */
  static async prepare(config: Config, deps: AppDeps): Promise<App> {
    const app = new App(deps, await createStages(config, deps));
    app.#stages.configuration.prepare();
    return app;
  }

  private constructor(deps: AppDeps, stages: Stages) {
    this.#deps = deps;
    this.#startedAt = deps.clock.now();
    this.#stages = stages;
    const { states, connections, discovery, exposition } = stages;
    [this.states, this.connections, this.discovery, this.exposition] = [states, connections, discovery, exposition];
  }

  /** What is watched now, discovered environments included. */
  get fleet(): Fleet {
    return this.#stages.fleet.fleet;
  }

  /** What is wrong as of the last look, and a drill. */
  get diagnosis(): DiagnosisReport {
    return this.#stages.drill.addTo(this.#stages.diagnosis.lastReport);
  }

  /** The same; null when nothing can be said. */
  get conditions(): DiagnosisReport | null {
    return this.#stages.conditions();
  }

  /** Starts to read. */
  async start(): Promise<void> {
    const { poller, discovery, configuration } = this.#stages;
    poller.start();
    discovery.start();
    await configuration.watcher.start();
  }

  /** Listens on the configured address and starts. `notices` go into the first log line. @throws ListenError */
  async serve(notices: readonly Problem[]): Promise<{ readonly url: string }> {
    const { clock, logger, build } = this.#deps;
    const { configuration, diagnosis, stateFile } = this.#stages;
    const config = configuration.loaded;
    this.#server = createAppServer({
      ...this.#stages,
      ...{ clock, logger, version: build.version, startedAt: this.#startedAt, shard: shardText(config.shard) },
      diagnosis: () => this.diagnosis,
      lastHour: (environmentId) => diagnosis.history(environmentId),
      stateFileOk: () => stateFile?.isOk ?? null,
    });
    // The address first: a process that cannot be scraped has no reason to ask the API.
    const { url } = await this.#server.listen();
    const fields = { ...watchedFields(config, this.fleet, this.connections), notices: notices.map(formatProblem) };
    // Before the first read, whose failure would otherwise be logged first.
    logger.info({ event: 'exporter.listening', version: build.version, url, ...fields }, 'exporter is listening');
    await this.start();
    return { url };
  }

  /** Begins to judge what is wrong, for alerts, the page and the JSON. */
  watchConditions(): void {
    const { diagnosis, stateFile } = this.#stages;
    // It checks what it recalls.
    diagnosis.start(stateFile?.diagnosis);
  }

  /** Reads the configuration again. A bad one changes nothing; the result says what is wrong. */
  reload(): Promise<ReloadResult> {
    return this.#stages.configuration.reload();
  }

  /** Ends requests in flight, reads and sockets within seconds. */
  async stop(): Promise<void> {
    const { configuration, diagnosis, self } = this.#stages;
    if (this.#server !== null) this.#deps.logger.info({ event: 'exporter.stopping' }, 'exporter is stopping');
    configuration.stop();
    diagnosis.stop();
    // A client that is slow to ask or to read must not keep the state file from being written.
    await Promise.all([this.#server?.close(), this.#stopReading()]);
    self.stop();
  }

  async #stopReading(): Promise<void> {
    const { discovery, poller, connections, stateFile } = this.#stages;
    await Promise.all([discovery.stop(), poller.stop()]);
    await Promise.all([connections.close(), stateFile?.close()]);
  }
}

type Stages = Awaited<ReturnType<typeof createStages>>;

/** Creates the stages in the order of the flow, wired to each other. Nothing is sent or listened to yet. */
async function createStages(config: Config, deps: AppDeps) {
  const { clock, random, logger, load, build, stateDisk: disk = nodeDisk } = deps;
  const { stateFile: path, shard } = config;
  const files = deps.files === undefined ? nodeFiles : new BoundedFiles(deps.files, clock);
  const states = new MemoryStateStore();
  const self = new SelfMetrics({
    ...{ build, shard: shardText(shard) },
    onCollectFailed: (failure) => logger.warn({ event: 'metrics.failed', ...failure }, 'a metric cannot be collected'),
  });
  const ofStateFile: Omit<StateFileDeps, 'path'> = {
    ...{ disk, clock, logger, instance: randomUUID() },
    isOwn: (environmentId) => isInShard(shard, environmentId),
    onOk: (ok) => self.set('anthropic_work_state_file_ok', {}, ok),
  };
  // Opened once: if a reload names another file, it takes effect at the next start.
  const stateFile = path === null ? null : await StateFile.open({ ...ofStateFile, path });
  const shared = new SharedLines(logger, clock);
  const connections: Connections = new Connections({
    ...{ ...deps, states, self, shared },
    // The file that the key came from may hold a new one.
    keyRefused: () => void configuration.watcher.checkNow(),
  });
  const log = countingAnomalies(createPollLog(logger, shared), self);
  const poller = new Poller({ states, clock, random, log, stateFile: () => stateFile });
  const fleet = new WatchedFleet({
    ...{ connections, states, poller, clock, logger },
    environmentLeft: ({ connection, id }) => {
      self.remove(connection, id);
      connections.get(connection)?.api.place.keys.left(id);
      // One that is only read through another connection is still watched.
      if (states.get(id) === undefined) stateFile?.forget(id);
    },
    resumeLedger: (id) => stateFile?.resume(id),
  });
  const discovery = new Discoveries({
    ...{ connections, self, clock, random, logger },
    found: (connection) => configuration.discovered(connection),
  });
  const watching = { connections, discovery, fleet };
  const configuration: Configuration = new Configuration(config, {
    ...{ ...watching, self, files, clock, logger, load },
  });
  const diagnosis: DiagnosisWatch = new DiagnosisWatch({
    ...{ clock, logger },
    environments: () => observeEnvironments(states.all(), clock, connections),
    connections: () => observeConnections(watching, clock.now()),
    looked: (hasNews) => stateFile?.saveDiagnosis(() => diagnosis.memory(), hasNews),
  });
  const drill = new Drill(clock);
  const conditions = () => {
    const { report } = diagnosis;
    return report === null ? null : drill.addTo(report);
  };
  // Values that age without an event are updated at the scrape.
  const write: SelfMetrics['write'] = (format, now) => {
    for (const { config, api } of connections.all()) {
      const skew = seconds(api.place.apiClock.measuredMs);
      self.set('anthropic_work_api_clock_skew_seconds', { connection: config.name }, skew);
    }
    return self.write(format, now);
  };
  const exposition = new Exposition({
    ...{ states, clock, conditions, self: { write } },
    skewMs: (connection) => connections.correctionMs(connection),
    pausedUntil: (connection) => connections.pausedUntil(connection),
  });
  return {
    ...{ ...watching, states, self, stateFile, poller, configuration },
    ...{ diagnosis, drill, conditions, exposition },
  };
}

/** Counts what a read shows that should not be. */
function countingAnomalies(log: PollLog, self: SelfMetrics): PollLog {
  return {
    ...log,
    pollEnded(operation, before, after) {
      log.pollEnded(operation, before, after);
      const clamped = (after?.ledger?.clamped ?? 0) - (before?.ledger?.clamped ?? 0);
      if (clamped > 0) self.add('anthropic_work_clamped_negative_durations_total', {}, clamped);
      const read = after?.items?.lastFullRead;
      // The pages of a full read of the list did not lead to its end.
      if (read?.chainBroken === true && read.at !== before?.items?.lastFullRead?.at)
        self.add('anthropic_work_api_unknown_values_total', { kind: 'field' });
    },
  };
}
