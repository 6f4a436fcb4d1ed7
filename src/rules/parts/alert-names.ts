/** The dashboard that an alert links to: the part of its uid after `anthropic-work-`. */
export type Board = 'overview' | 'environment' | 'slo' | 'exporter';

interface AlertText {
  /** One sentence without values, for the index of the runbooks. */
  readonly says: string;
  readonly board: Board;
  /**
   * It counts environments of any connection and carries no environment's labels, so people see it as an alert about
   * several.
   */
  readonly counts?: 'environments';
  /** Part of the starter set. */
  readonly starter?: true;
}

/** Every alert, with what all its severities share. Each has a runbook of the same name. */
export const ALERTS = {
  AnthropicWorkNoWorkers: {
    says: 'Work is queued, and nobody is there to take it.',
    board: 'environment',
    starter: true,
  },
  AnthropicWorkNoWorkersAnywhere: {
    says: 'Many environments have lost their workers at once.',
    board: 'overview',
    counts: 'environments',
  },
  AnthropicWorkOldestItemTooOld: {
    says: 'Work has waited too long to be picked up.',
    board: 'environment',
    starter: true,
  },
  AnthropicWorkSaturated: { says: 'There is more work than the workers take.', board: 'environment' },
  AnthropicWorkHeadOfLineBlocked: { says: 'Workers poll, yet the oldest item is not taken.', board: 'environment' },
  AnthropicWorkPendingStuck: { says: 'Items are claimed but not acknowledged.', board: 'environment' },
  AnthropicWorkWorkersBelowMinimum: { says: 'Fewer live workers than configured.', board: 'environment' },
  AnthropicWorkWorkersUnknown: { says: 'The API reports no worker count.', board: 'environment' },
  AnthropicWorkStaleHeartbeats: { says: 'Running items stopped sending heartbeats.', board: 'environment' },
  AnthropicWorkLeasesLapsing: {
    says: 'Running items went back to the queue without a stop.',
    board: 'environment',
    starter: true,
  },
  AnthropicWorkLeasesLapsingAnywhere: {
    says: 'Many environments lose nearly all of their runs at once.',
    board: 'overview',
    counts: 'environments',
  },
  AnthropicWorkItemStuck: { says: 'An item is stuck in one state.', board: 'environment' },
  AnthropicWorkSessionWaiting: {
    says: 'A worker is alive, and the session that it serves waits for somebody.',
    board: 'environment',
  },
  AnthropicWorkSessionEndedItemLive: {
    says: 'A session has ended, and its item still holds a worker.',
    board: 'environment',
  },
  AnthropicWorkRedeliveryLoop: { says: 'The same item is delivered again and again.', board: 'environment' },
  AnthropicWorkRunsTooShort: { says: 'Most runs end seconds after they begin.', board: 'environment' },
  AnthropicWorkWaitBudgetBurn: { says: 'The error budget of the wait objective burns too fast.', board: 'slo' },
  AnthropicWorkExporterAbsent: { says: 'No healthy exporter is being scraped.', board: 'exporter', starter: true },
  AnthropicWorkExporterInstanceDown: { says: 'An exporter instance is down.', board: 'exporter' },
  AnthropicWorkExporterShardMissing: { says: 'Part of the fleet is watched by no process.', board: 'exporter' },
  AnthropicWorkExporterRestarting: { says: 'The exporter keeps restarting.', board: 'exporter' },
  AnthropicWorkCredentialRejected: { says: 'The API refuses a credential.', board: 'exporter', starter: true },
  AnthropicWorkCredentialExpiring: { says: 'A credential expires soon.', board: 'exporter' },
  AnthropicWorkApiAuthFailing: {
    says: 'The API refuses the credential for an environment.',
    board: 'exporter',
    starter: true,
  },
  AnthropicWorkApiUnreachable: {
    says: 'Several environments of one connection cannot be read.',
    board: 'exporter',
    starter: true,
  },
  AnthropicWorkApiRateLimited: { says: 'The API rate-limits the exporter.', board: 'exporter' },
  AnthropicWorkEnvironmentNotVisible: {
    says: 'The exporter cannot see a watched environment.',
    board: 'exporter',
    starter: true,
  },
  AnthropicWorkEnvironmentMisconfigured: {
    says: 'An environment was deleted, never existed, is not self-hosted or has no key.',
    board: 'exporter',
  },
  AnthropicWorkEnvironmentArchived: { says: 'An archived environment still has work.', board: 'environment' },
  AnthropicWorkItemsNotVisible: { says: 'The item list of an environment cannot be read.', board: 'exporter' },
  AnthropicWorkListNotConfigured: { says: 'The item list is not read for want of a credential.', board: 'exporter' },
  AnthropicWorkReplicaBlind: { says: 'One exporter replica cannot read what another can.', board: 'exporter' },
  AnthropicWorkCoverageReduced: { says: 'The exporter watches less than it was told to.', board: 'exporter' },
  AnthropicWorkDiscoveryFailing: { says: 'Discovery of environments fails.', board: 'exporter' },
  AnthropicWorkClockSkew: { says: 'The exporter clock and the API clock differ.', board: 'exporter' },
  AnthropicWorkApiDrift: { says: 'The API says something this version does not know.', board: 'exporter' },
  AnthropicWorkExporterConfigReloadFailed: { says: 'The exporter runs an old configuration.', board: 'exporter' },
  AnthropicWorkConfigDisagrees: { says: 'Exporter instances run different configurations.', board: 'exporter' },
  AnthropicWorkStateFileFailing: { says: 'The exporter cannot write its state file.', board: 'exporter' },
  AnthropicWorkWatchdog: {
    says: 'Always firing while Prometheus and Alertmanager work.',
    board: 'exporter',
    starter: true,
  },
} as const satisfies Record<string, AlertText>;

export type AlertName = keyof typeof ALERTS;

export const ALERT_NAMES = Object.keys(ALERTS) as readonly AlertName[];

/** Alerts about several environments, whichever connection has them. */
export const OF_SEVERAL_ENVIRONMENTS: readonly AlertName[] = ALERT_NAMES.filter((name) => 'counts' in ALERTS[name]);

export function isStarter(name: AlertName): boolean {
  return 'starter' in ALERTS[name];
}
