/** The dashboard an alert links to: the part of its uid after `anthropic-work-`. */
export type Board = 'overview' | 'environment' | 'slo' | 'exporter';

interface AlertText {
  /** One sentence without values: pages with the same summary are the same trouble. */
  readonly summary: string;
  readonly board: Board;
}

/** Every alert with what is the same for all its severities. The runbook of each has the same name. */
export const ALERTS = {
  AnthropicWorkOldestItemTooOld: { summary: 'Work has waited too long to be picked up.', board: 'environment' },
  AnthropicWorkNoWorkers: {
    summary: 'Work is queued, no worker polls and no running item is known to be alive.',
    board: 'environment',
  },
  AnthropicWorkSaturated: { summary: 'Every worker is busy while work waits.', board: 'environment' },
  AnthropicWorkWorkersBelowMinimum: { summary: 'Fewer live workers than configured.', board: 'environment' },
  AnthropicWorkWorkersUnknown: { summary: 'The API reports no worker count.', board: 'environment' },
  AnthropicWorkPendingStuck: { summary: 'Items are claimed but not acknowledged.', board: 'environment' },
  AnthropicWorkHeadOfLineBlocked: {
    summary: 'Workers poll, yet the oldest item is not taken.',
    board: 'environment',
  },
  AnthropicWorkDepthHigh: { summary: 'Many items are waiting.', board: 'environment' },
  AnthropicWorkBacklogGrowing: { summary: 'The backlog keeps growing.', board: 'environment' },
  AnthropicWorkStaleHeartbeats: { summary: 'Running items stopped sending heartbeats.', board: 'environment' },
  AnthropicWorkLeasesLapsing: {
    summary: 'Running items went back to the queue without a stop.',
    board: 'environment',
  },
  AnthropicWorkItemStuck: { summary: 'An item is stuck in one state.', board: 'environment' },
  AnthropicWorkWaitBudgetBurn: { summary: 'The queue-wait error budget burns too fast.', board: 'slo' },
  AnthropicWorkExporterAbsent: { summary: 'No healthy exporter is being scraped.', board: 'exporter' },
  AnthropicWorkExporterInstanceDown: { summary: 'An exporter instance is down.', board: 'exporter' },
  AnthropicWorkExporterShardMissing: { summary: 'A shard of the exporter is missing.', board: 'exporter' },
  AnthropicWorkApiUnreachable: {
    summary: 'Most environments of one connection cannot be read.',
    board: 'exporter',
  },
  AnthropicWorkEnvironmentNotVisible: {
    summary: 'The exporter cannot see a watched environment.',
    board: 'exporter',
  },
  AnthropicWorkItemsNotVisible: { summary: 'The item list of an environment cannot be read.', board: 'exporter' },
  AnthropicWorkListNotConfigured: {
    summary: 'The item list is not read for want of a credential.',
    board: 'exporter',
  },
  AnthropicWorkReplicaBlind: { summary: 'One exporter replica cannot read what another can.', board: 'exporter' },
  AnthropicWorkApiAuthFailing: { summary: 'The API refuses the exporter credentials.', board: 'exporter' },
  AnthropicWorkCredentialRejected: { summary: 'The API refuses one credential.', board: 'exporter' },
  AnthropicWorkCredentialExpiring: { summary: 'A credential expires soon.', board: 'exporter' },
  AnthropicWorkEnvironmentMisconfigured: {
    summary: 'An environment does not exist or is not self-hosted.',
    board: 'exporter',
  },
  AnthropicWorkApiRateLimited: { summary: 'The API rate-limits the exporter.', board: 'exporter' },
  AnthropicWorkPollIntervalStretched: {
    summary: 'The request budget is too small for the configured cadence.',
    board: 'exporter',
  },
  AnthropicWorkClockSkew: { summary: 'The exporter clock and the API clock differ.', board: 'exporter' },
  AnthropicWorkDiscoveryFailing: { summary: 'Discovery of environments fails.', board: 'exporter' },
  AnthropicWorkEnvironmentsDropped: { summary: 'Some environments are not watched.', board: 'exporter' },
  AnthropicWorkApiDrift: { summary: 'The API says something this version does not know.', board: 'exporter' },
  AnthropicWorkItemListTruncated: { summary: 'Item-level numbers are incomplete.', board: 'exporter' },
  AnthropicWorkExporterConfigReloadFailed: {
    summary: 'The exporter runs an old configuration.',
    board: 'exporter',
  },
  AnthropicWorkConfigDisagrees: {
    summary: 'Exporter instances run different configurations.',
    board: 'exporter',
  },
  AnthropicWorkThresholdsMissing: { summary: 'An environment has no alert thresholds.', board: 'exporter' },
  AnthropicWorkThresholdsDisagree: {
    summary: 'Exporter replicas run different thresholds.',
    board: 'exporter',
  },
  AnthropicWorkExporterRestarting: { summary: 'The exporter keeps restarting.', board: 'exporter' },
  AnthropicWorkStateFileFailing: { summary: 'The exporter cannot write its state file.', board: 'exporter' },
  AnthropicWorkWatchdog: {
    summary: 'Always firing while exporter, Prometheus and Alertmanager work.',
    board: 'exporter',
  },
} as const satisfies Record<string, AlertText>;

export type AlertName = keyof typeof ALERTS;

export const ALERT_NAMES = Object.keys(ALERTS) as readonly AlertName[];
