import type { EpochMs } from '../base/clock.ts';
import type { Logger } from '../base/logger.ts';
import type { DiagnosisReport } from '../diagnosis/report.ts';
import { createExposition, type Exposition } from '../metrics/exposition.ts';
import type { Format } from '../metrics/format.ts';
import { seconds } from '../metrics/metric.ts';
import { SelfMetrics } from '../metrics/self-metrics.ts';
import { createPollLog, type PollLog } from '../poller/log.ts';
import { Poller } from '../poller/poller.ts';
import { SharedLines } from '../poller/shared-lines.ts';
import { type EnvironmentState, MemoryStateStore } from '../state/environment-state.ts';
import type { StateFile } from '../statefile/state-file.ts';
import type { AppDeps } from './app-deps.ts';
import { Connections } from './connections/connections.ts';
import { CredentialVerdicts } from './connections/credential-verdicts.ts';
import { createObserver } from './connections/observer.ts';
import { Discoveries } from './discoveries.ts';
import { WatchedFleet } from './fleet.ts';

export interface StagesDeps extends Omit<AppDeps, 'files' | 'load'> {
  /** `I/N`. */
  readonly shard: string;
  /** The API refused a key: the file that it came from may hold a new one. */
  keyRefused(): void;
  /** A connection has listed its environments. Resolves when they are watched. */
  environmentsFound(connection: string): Promise<void>;
  /** The state file in use now, or null. */
  stateFile(): StateFile | null;
  /** What is wrong now; null when nothing can be said. */
  conditions(): DiagnosisReport | null;
}

/** The stages of the flow, wired to each other but not started. */
export interface Stages {
  readonly states: MemoryStateStore;
  readonly self: SelfMetrics;
  readonly connections: Connections;
  readonly credentials: CredentialVerdicts;
  readonly poller: Poller;
  readonly fleet: WatchedFleet;
  readonly discovery: Discoveries;
  readonly exposition: Exposition;
}

/** Creates the stages in the order of the flow. Nothing is read, sent or listened to yet. */
export function createStages(deps: StagesDeps): Stages {
  const { clock, random, logger, build, shard, keyRefused, environmentsFound: found, stateFile } = deps;
  const states = new MemoryStateStore();
  const skewMs = (connection: string) => connections.correctionMs(connection);
  const self = new SelfMetrics({
    build,
    shard,
    onCollectFailed: (failure) => logger.warn({ event: 'metrics.failed', ...failure }, 'a metric cannot be collected'),
  });
  const shared = new SharedLines(logger, clock);
  const told = (connection: string, credential: string, rejected: boolean | null) =>
    self.set('anthropic_work_credential_rejected', { connection, credential }, rejected);
  const credentials = new CredentialVerdicts({ clock, logger, shared, told });
  const isInUse = (connection: string) => connections.get(connection) !== undefined;
  const observer = createObserver({ states, self, credentials, isInUse, keyRefused });
  const connections: Connections = new Connections({
    ...deps,
    version: build.version,
    observer,
    unknownValue: (kind) => self.add('anthropic_work_api_unknown_values_total', { kind }),
  });
  const pollLog = createPollReports(logger, self, shared);
  const poller = new Poller({
    states,
    clock,
    random,
    log: pollLog,
    stateFile,
  });
  const fleet = new WatchedFleet({
    connections,
    states,
    poller,
    clock,
    logger,
    pollLog,
    skewMs,
    environmentLeft: ({ connection, id }) => {
      self.remove(connection, id);
      credentials.environmentLeft(connection, id);
      // One that is only read through another connection is still watched.
      if (states.get(id) === undefined) stateFile()?.forget(id);
    },
    resumeLedger: (id) => stateFile()?.resume(id),
  });
  const discovery = new Discoveries({ connections, self, credentials, clock, random, logger, found });
  const exposition = createExposition({
    states,
    conditions: () => deps.conditions(),
    self: { write: writeSelf },
    clock,
    skewMs,
  });
  return { states, self, connections, credentials, poller, fleet, discovery, exposition };

  /** Values that age without an event are updated at the scrape. */
  function writeSelf(format: Format, now: EpochMs): Promise<string> {
    for (const { config } of connections.all()) {
      const skew = seconds(connections.measuredMs(config.name));
      self.set('anthropic_work_api_clock_skew_seconds', { connection: config.name }, skew);
    }
    return self.write(format, now);
  }
}

/** Logs what changed, and counts anomalies of a read. */
function createPollReports(logger: Logger, self: SelfMetrics, shared: SharedLines): PollLog {
  const log = createPollLog(logger, shared);
  return {
    ...log,
    pollEnded(operation, before, after) {
      log.pollEnded(operation, before, after);
      const clamped = (after?.ledger?.clamped ?? 0) - (before?.ledger?.clamped ?? 0);
      if (clamped > 0) self.add('anthropic_work_clamped_negative_durations_total', {}, clamped);
      if (foundBrokenChain(before, after)) self.add('anthropic_work_api_unknown_values_total', { kind: 'field' });
    },
  };
}

/** This read ended a full read of the list whose pages did not lead to its end. */
function foundBrokenChain(before: EnvironmentState | undefined, after: EnvironmentState | undefined): boolean {
  const read = after?.items?.lastFullRead;
  return read?.chainBroken === true && read.at !== before?.items?.lastFullRead?.at;
}
