/** What is read on a schedule, per environment. */
export const OPERATIONS = ['stats', 'list'] as const;
export type Operation = (typeof OPERATIONS)[number];

/** The operations by which requests for one environment are counted. */
export const COUNTED_OPERATIONS = [...OPERATIONS, 'session'] as const;
export type CountedOperation = (typeof COUNTED_OPERATIONS)[number];

/** Everything the exporter asks the API for; the label `operation` of the API's own metrics. */
export const API_OPERATIONS = ['stats', 'list', 'environments', 'retrieve', 'session'] as const;
export type ApiOperation = (typeof API_OPERATIONS)[number];

export type EnvironmentSource = 'config' | 'discovery';

export const SEVERITIES = ['warning', 'critical'] as const;
export type Severity = (typeof SEVERITIES)[number];

/** A number per severity; `Infinity` turns the comparison off. */
export type BySeverity = Readonly<Record<Severity, number>>;

/** The limits that alerts compare with. `Infinity` means never. */
export interface Thresholds {
  readonly queueAgeSeconds: BySeverity;
  readonly queueDepth: BySeverity;
  readonly staleHeartbeatSeconds: number;
  readonly staleHeartbeatItems: BySeverity;
  readonly stateAgeSeconds: { readonly starting: number; readonly active: number; readonly stopping: number };
  /** How long work may wait while nobody polls and no run is alive: as long as a fleet may need to start. */
  readonly coldStartSeconds: number;
  /** The longest wait of a session that requires action while its item is live. */
  readonly sessionWaitSeconds: number;
  /** The number of acknowledgements of one item beyond the first, since its last stop. */
  readonly redeliveries: number;
  readonly minWorkers: number;
}

export interface PollSettings {
  readonly statsIntervalMs: number;
  readonly listIntervalMs: number;
  readonly maxStatsIntervalMs: number;
  readonly maxListIntervalMs: number;
  readonly fullListIntervalMs: number;
  readonly maxListPages: number;
  /** As configured; the value in force is at least three scheduled intervals. */
  readonly staleAfterMs: number;
  readonly singleReads: 'auto' | 'off';
}

/** Whether and how often the sessions of long runs are read. */
export interface SessionSettings {
  readonly enabled: boolean;
  /** Sessions of shorter runs are not read. */
  readonly afterMs: number;
  /** The shortest time between two reads of one session. */
  readonly intervalMs: number;
  /** The most sessions of the environment that are read within an interval. */
  readonly maxItems: number;
}

/** One watched environment with everything that was configured for it, and no key. */
export interface Environment {
  /** `env_…`; unique within a process, because it identifies the series. */
  readonly id: string;
  readonly name: string;
  readonly connection: string;
  readonly workspaceId: string | null;
  readonly source: EnvironmentSource;
  readonly labels: Readonly<Record<string, string>>;
  readonly poll: PollSettings;
  readonly sessions: SessionSettings;
  readonly thresholds: Thresholds;
  readonly slo: { readonly queueWaitTargetSeconds: number; readonly objectiveRatio: number };
  readonly scaling: { readonly itemsPerWorker: number; readonly minWorkers: number; readonly maxWorkers: number };
  readonly metadata: { readonly keys: readonly string[]; readonly maxValues: number };
  /** Record one exemplar (the work id) per histogram bucket. */
  readonly exemplars: boolean;
}

/** The part of a connection's budget that scheduled reads may use; the rest is for retries, discovery and sessions. */
export const SCHEDULED_SHARE = 0.9;

/** The configured interval of an operation. */
export function configuredIntervalMs(poll: PollSettings, operation: Operation): number {
  return operation === 'stats' ? poll.statsIntervalMs : poll.listIntervalMs;
}

/** The longest interval of an operation that interval scaling may lead to. */
export function longestIntervalMs(poll: PollSettings, operation: Operation): number {
  return operation === 'stats' ? poll.maxStatsIntervalMs : poll.maxListIntervalMs;
}

/** How old a value of an operation may get before its series disappear: docs/design/README.md#freshness. */
export function staleAfterInForceMs(poll: PollSettings, scheduledIntervalMs: number): number {
  return Math.max(poll.staleAfterMs, 3 * scheduledIntervalMs);
}
