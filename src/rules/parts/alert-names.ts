/** The dashboard that an alert links to: the part of its uid after `anthropic-work-`. */
export type Board = 'overview' | 'environment' | 'slo' | 'exporter';

interface AlertFacts {
  /** One sentence without values, for the index of the runbooks. */
  readonly meaning: string;
  readonly board: Board;
  /**
   * Its value counts environments of whatever connection, and it has the labels of none of them: for people it is an alert
   * about several.
   */
  readonly ofSeveralEnvironments?: true;
  /** Whether it is in the starter set of `rules --set starter`. */
  readonly starter?: true;
}

/** Every alert, with what all its severities share. Each has a runbook of the same name. */
export const ALERTS = {
  AnthropicWorkNoWorkers: {
    meaning: 'Work is queued, and nobody is there to take it.',
    board: 'environment',
    starter: true,
  },
  AnthropicWorkNoWorkersAnywhere: {
    meaning: 'Many environments have lost their workers at once.',
    board: 'overview',
    ofSeveralEnvironments: true,
  },
  AnthropicWorkOldestItemTooOld: {
    meaning: 'Work has waited too long to be picked up.',
    board: 'environment',
    starter: true,
  },
  AnthropicWorkSaturated: { meaning: 'There is more work than the workers can handle.', board: 'environment' },
  AnthropicWorkHeadOfLineBlocked: { meaning: 'Workers poll, yet the oldest item is not taken.', board: 'environment' },
  AnthropicWorkPendingStuck: { meaning: 'Items are claimed but not acknowledged.', board: 'environment' },
  AnthropicWorkWorkersBelowMinimum: { meaning: 'Fewer live workers than configured.', board: 'environment' },
  AnthropicWorkWorkersUnknown: { meaning: 'The API reports no worker count.', board: 'environment' },
  AnthropicWorkStaleHeartbeats: { meaning: 'Running items stopped sending heartbeats.', board: 'environment' },
  AnthropicWorkLeasesLapsing: {
    meaning: 'Running items went back to the queue without a stop.',
    board: 'environment',
    starter: true,
  },
  AnthropicWorkLeasesLapsingAnywhere: {
    meaning: 'Many environments lose nearly all of their runs at once.',
    board: 'overview',
    ofSeveralEnvironments: true,
  },
  AnthropicWorkItemStuck: { meaning: 'An item is stuck in one state.', board: 'environment' },
  AnthropicWorkSessionWaiting: {
    meaning: 'A worker is alive, and the session that it serves waits for somebody.',
    board: 'environment',
  },
  AnthropicWorkSessionEndedItemLive: {
    meaning: 'A session has ended, and its item still holds a worker.',
    board: 'environment',
  },
  AnthropicWorkRedeliveryLoop: { meaning: 'The same item is delivered again and again.', board: 'environment' },
  AnthropicWorkRunsTooShort: { meaning: 'Most runs end seconds after they begin.', board: 'environment' },
  AnthropicWorkWaitBudgetBurn: { meaning: 'The error budget of the wait objective burns too fast.', board: 'slo' },
  AnthropicWorkExporterAbsent: { meaning: 'No healthy exporter is being scraped.', board: 'exporter', starter: true },
  AnthropicWorkExporterInstanceDown: { meaning: 'An exporter instance is down.', board: 'exporter' },
  AnthropicWorkExporterShardMissing: { meaning: 'Part of the fleet is watched by no process.', board: 'exporter' },
  AnthropicWorkExporterRestarting: { meaning: 'The exporter keeps restarting.', board: 'exporter' },
  AnthropicWorkCredentialRejected: { meaning: 'The API refuses a credential.', board: 'exporter', starter: true },
  AnthropicWorkCredentialExpiring: { meaning: 'A credential expires soon.', board: 'exporter' },
  AnthropicWorkApiAuthFailing: {
    meaning: 'The API refuses the credential for an environment.',
    board: 'exporter',
    starter: true,
  },
  AnthropicWorkApiUnreachable: {
    meaning: 'Several environments of one connection cannot be read.',
    board: 'exporter',
    starter: true,
  },
  AnthropicWorkApiRateLimited: { meaning: 'The API rate-limits the exporter.', board: 'exporter' },
  AnthropicWorkEnvironmentNotVisible: {
    meaning: 'The exporter cannot see a watched environment.',
    board: 'exporter',
    starter: true,
  },
  AnthropicWorkEnvironmentMisconfigured: {
    meaning: 'An environment was deleted, never existed, is not self-hosted or has no key.',
    board: 'exporter',
  },
  AnthropicWorkEnvironmentArchived: { meaning: 'An archived environment still has work.', board: 'environment' },
  AnthropicWorkItemsNotVisible: { meaning: 'The item list of an environment cannot be read.', board: 'exporter' },
  AnthropicWorkListNotConfigured: { meaning: 'No configured key can read the item list.', board: 'exporter' },
  AnthropicWorkReplicaBlind: { meaning: 'One exporter replica cannot read what another can.', board: 'exporter' },
  AnthropicWorkCoverageReduced: {
    meaning: 'The exporter sees less than it is configured to watch.',
    board: 'exporter',
  },
  AnthropicWorkDiscoveryFailing: { meaning: 'Discovery of environments fails.', board: 'exporter' },
  AnthropicWorkClockSkew: { meaning: 'The exporter clock and the API clock differ.', board: 'exporter' },
  AnthropicWorkApiDrift: { meaning: 'The API says something this version does not know.', board: 'exporter' },
  AnthropicWorkExporterConfigReloadFailed: { meaning: 'The exporter runs an old configuration.', board: 'exporter' },
  AnthropicWorkConfigDisagrees: { meaning: 'Exporter instances run different configurations.', board: 'exporter' },
  AnthropicWorkStateFileFailing: { meaning: 'The exporter cannot write its state file.', board: 'exporter' },
  AnthropicWorkWatchdog: {
    meaning: 'Always firing while Prometheus and Alertmanager work.',
    board: 'exporter',
    starter: true,
  },
} as const satisfies Record<string, AlertFacts>;

export type AlertName = keyof typeof ALERTS;

export const ALERT_NAMES = Object.keys(ALERTS) as readonly AlertName[];

/** Alerts about several environments, whichever connection has them. */
export const OF_SEVERAL_ENVIRONMENTS: readonly AlertName[] = ALERT_NAMES.filter(
  (name) => 'ofSeveralEnvironments' in ALERTS[name],
);

export function isStarter(name: AlertName): boolean {
  return 'starter' in ALERTS[name];
}
