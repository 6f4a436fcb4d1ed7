import type { Clock, EpochMs } from '../base/clock.ts';
import type { FileReader } from '../base/files.ts';
import type { Logger } from '../base/logger.ts';
import type { Random } from '../base/random.ts';
import type { SenderMaker } from '../client/transport.ts';
import type { LoadResult } from '../config/load.ts';
import type { DiagnosisReport } from '../diagnosis/report.ts';
import { Exposition } from '../metrics/exposition.ts';
import type { Format } from '../metrics/format.ts';
import { seconds } from '../metrics/metric.ts';
import { SelfMetrics } from '../metrics/self-metrics.ts';
import { createPollLog, type PollLog } from '../poller/log.ts';
import { Poller } from '../poller/poller.ts';
import { SharedLines } from '../poller/shared-lines.ts';
import { MemoryStateStore } from '../state/environment-state.ts';
import type { StateDisk } from '../statefile/disk.ts';
import type { StateFile } from '../statefile/state-file.ts';
import { Connections } from './connections.ts';
import { Discoveries } from './discoveries.ts';
import { WatchedFleet } from './fleet.ts';

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

export interface StagesDeps extends Omit<AppDeps, 'files' | 'stateDisk' | 'load'> {
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

/** The stages of the flow. */
export type Stages = ReturnType<typeof createStages>;

/** Creates the stages in the order of the flow, wired to each other. Nothing is read, sent or listened to yet. */
export function createStages(deps: StagesDeps) {
  const { clock, random, logger, build, shard, environmentsFound: found, stateFile } = deps;
  const states = new MemoryStateStore();
  const self = new SelfMetrics({
    build,
    shard,
    onCollectFailed: (failure) => logger.warn({ event: 'metrics.failed', ...failure }, 'a metric cannot be collected'),
  });
  const shared = new SharedLines(logger, clock);
  const connections: Connections = new Connections({ ...deps, states, self, shared });
  const lines = createPollLog(logger, shared);
  /** Logs what changed, and counts anomalies of a read. */
  const pollLog: PollLog = {
    ...lines,
    pollEnded(operation, before, after) {
      lines.pollEnded(operation, before, after);
      const clamped = (after?.ledger?.clamped ?? 0) - (before?.ledger?.clamped ?? 0);
      if (clamped > 0) self.add('anthropic_work_clamped_negative_durations_total', {}, clamped);
      const read = after?.items?.lastFullRead;
      // The pages of a full read of the list did not lead to its end.
      if (read?.chainBroken === true && read.at !== before?.items?.lastFullRead?.at)
        self.add('anthropic_work_api_unknown_values_total', { kind: 'field' });
    },
  };
  const poller = new Poller({ states, clock, random, log: pollLog, stateFile });
  const fleet = new WatchedFleet({
    ...{ connections, states, poller, clock, logger },
    environmentLeft: ({ connection, id }) => {
      self.remove(connection, id);
      connections.get(connection)?.keys.left(id);
      // One that is only read through another connection is still watched.
      if (states.get(id) === undefined) stateFile()?.forget(id);
    },
    resumeLedger: (id) => stateFile()?.resume(id),
  });
  const discovery = new Discoveries({ connections, self, clock, random, logger, found });
  const exposition = new Exposition({
    states,
    conditions: () => deps.conditions(),
    self: { write: writeSelf },
    clock,
    skewMs: (connection) => connections.correctionMs(connection),
  });
  return { states, self, connections, poller, fleet, discovery, exposition };

  /** Values that age without an event are updated at the scrape. */
  function writeSelf(format: Format, now: EpochMs): Promise<string> {
    for (const { config, apiClock } of connections.all()) {
      const skew = seconds(apiClock.measuredMs);
      self.set('anthropic_work_api_clock_skew_seconds', { connection: config.name }, skew);
    }
    return self.write(format, now);
  }
}
