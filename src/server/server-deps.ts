import type { Clock, EpochMs } from '../base/clock.ts';
import type { Logger } from '../base/logger.ts';
import type { ConditionName } from '../diagnosis/conditions.ts';
import type { Charted, History } from '../diagnosis/history.ts';
import type { DiagnosisReport } from '../diagnosis/report.ts';
import type { Severity } from '../domain/environment.ts';
import type { ServerSettings } from '../domain/server-settings.ts';
import type { Exposition } from '../metrics/exposition.ts';
import type { StateStore } from '../state/environment-state.ts';

export interface ServerDeps {
  /** Those in force: a reload may change them between two requests. */
  settings(): ServerSettings;
  readonly states: StateStore;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Own clock, when the process started. */
  readonly startedAt: EpochMs;
  /** `I/N`. */
  readonly shard: string;
  readonly version: string;
  readonly metrics: Pick<Exposition, 'negotiate' | 'contentType' | 'render' | 'renderProbe'>;
  /** Reads one environment if its numbers are not current. */
  probe(environmentId: string): Promise<ProbeRead>;
  /** Re-reads the configuration. The caller serializes concurrent calls and keeps the old one when it fails. */
  reload(): Promise<ReloadResult>;
  readonly drill: DrillPort;
  /** API clock − own clock of a connection, ms; 0 when unknown. */
  skewMs(connection: string): number;
  /** Until when a connection is paused after a 429, on the own clock; null when it is not. */
  pausedUntil(connection: string): EpochMs | null;
  /** What is wrong, as /metrics says it and alerts fire for it; its times are on `clock`. */
  diagnosis(): DiagnosisReport;
  lastHour(environmentId: string): Pick<History<Charted>, 'numbersOf'> | undefined;
  /** Connections whose first discovery has not ended. */
  pendingDiscovery(): readonly string[];
  /** Discoveries that failed or found nothing to watch. Their words name no file: readiness needs no login. */
  discoveryProblems(): readonly ConnectionProblem[];
  /** The address of the API behind a connection, or behind all for null; null: not one that readers of pages may know. */
  apiAddress(connection: string | null): string | null;
  exporterProblems(): readonly ExporterProblem[];
}

/** `ok`: the queue is known and no older than its interval, or was just read. `failed`: it could not be read. */
export type ProbeRead = 'ok' | 'failed' | 'over_budget';

export type ReloadResult =
  | {
      readonly ok: true;
      readonly added: readonly string[];
      readonly removed: readonly string[];
      readonly changed: readonly string[];
      readonly unchanged: number;
      /** Options that differ from those of the start, the only moment at which they are read. */
      readonly atNextStart: readonly string[];
    }
  | { readonly ok: false; readonly problems: readonly string[] };

export interface DrillPort {
  readonly info: DrillInfo | null;
  /** Null while another one runs. */
  start(condition: ConditionName, minutes: number): DrillInfo | null;
  /** False when none was running. */
  end(): boolean;
}

/** As the JSON shows it. */
export interface DrillInfo {
  readonly condition: ConditionName;
  readonly severity: Severity;
  readonly environment_id: string;
  readonly environment_name: string;
  readonly started_at: string;
  readonly ends_at: string;
}

/** A problem that no alert tells, in words for people. */
export interface ExporterProblem {
  readonly text: string;
  readonly remedy: string;
}

export interface ConnectionProblem extends ExporterProblem {
  readonly connection: string;
}
