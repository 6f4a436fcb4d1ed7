import type { AlertName } from '../../../src/rules/alert-names.ts';

export type ShortName = AlertName extends `AnthropicWork${infer Short}` ? Short : never;

interface Expected {
  readonly summary: string;
  /** `{who}`, `{value}` and label names in braces are filled in from the case. */
  readonly description: string;
  readonly board: string;
}

const environment = (summary: string, description: string): Expected => ({
  summary,
  description,
  board: 'environment?var-environment={environment_id}',
});
const blind = (summary: string, description: string): Expected => ({
  summary,
  description,
  board: 'exporter?var-environment={environment_id}',
});
const exporter = (summary: string, description: string): Expected => ({ summary, description, board: 'exporter' });

const NO_WORKERS = 'Work is queued, no worker polls and no running item is known to be alive.';
const REFUSES = 'The API refuses the exporter credentials.';

/** What a person reads, written down a second time: by alert, and by severity where the text differs. */
export const EXPECTED: Readonly<Partial<Record<ShortName | `${ShortName}/${string}`, Expected>>> = {
  OldestItemTooOld: environment(
    'Work has waited too long to be picked up.',
    'The oldest item of environment {who} has waited {value}.',
  ),
  'NoWorkers/critical': environment(
    NO_WORKERS,
    'No worker of environment {who} polls, and no running item has a fresh heartbeat; the oldest item has waited {value}.',
  ),
  'NoWorkers/warning': environment(
    NO_WORKERS,
    'No worker of environment {who} polls, and the item list does not prove that one is busy; the oldest item has waited {value}.',
  ),
  Saturated: environment(
    'Every worker is busy while work waits.',
    'The workers of environment {who} are busy and do not keep up; the oldest item has waited {value}.',
  ),
  WorkersBelowMinimum: environment(
    'Fewer live workers than configured.',
    'Environment {who} shows {value} live workers on average.',
  ),
  WorkersUnknown: environment(
    'The API reports no worker count.',
    'The API reports no workers_polling for environment {who}: its workers send no worker id. NoWorkers and Saturated are off.',
  ),
  PendingStuck: environment(
    'Items are claimed but not acknowledged.',
    'At least {value} items of environment {who} have been claimed but unacknowledged for 5 minutes.',
  ),
  HeadOfLineBlocked: environment(
    'Workers poll, yet the oldest item is not taken.',
    'The oldest item of environment {who} has waited {value} and has been the same for 15 minutes, although workers poll.',
  ),
  DepthHigh: environment('Many items are waiting.', '{value} items wait in environment {who}.'),
  BacklogGrowing: environment(
    'The backlog keeps growing.',
    'The backlog of environment {who} grows by {value} items a second.',
  ),
  StaleHeartbeats: environment(
    'Running items stopped sending heartbeats.',
    '{value} running items of environment {who} have stale heartbeats.',
  ),
  LeasesLapsing: environment(
    'Running items went back to the queue without a stop.',
    'About {value} running items of environment {who} lost their lease in 15 minutes: workers die or hang.',
  ),
  ItemStuck: environment(
    'An item is stuck in one state.',
    'An item of environment {who} has been {state} for {value}.',
  ),
  WaitBudgetBurn: {
    summary: 'The queue-wait error budget burns too fast.',
    description: '{value} of the last {long} was outside the wait objective of environment {who}.',
    board: 'slo?var-environment={environment_id}',
  },
  ExporterAbsent: exporter(
    'No healthy exporter is being scraped.',
    'Prometheus has no healthy work-queue exporter target: every other work-queue alert is blind.',
  ),
  ExporterInstanceDown: exporter(
    'An exporter instance is down.',
    'Instance {instance} has been up for {value} of the last 10 minutes.',
  ),
  ExporterShardMissing: exporter(
    'A shard of the exporter is missing.',
    'Only {value} shards report: the environments of the others have no series and no alerts.',
  ),
  ApiUnreachable: exporter(
    'Most environments of one connection cannot be read.',
    '{value} of the environments of connection {connection} cannot be read: API, network or shared credential.',
  ),
  EnvironmentNotVisible: blind(
    'The exporter cannot see a watched environment.',
    'No successful read of environment {who} for at least five poll intervals: its queue alerts are blind.',
  ),
  ItemsNotVisible: blind(
    'The item list of an environment cannot be read.',
    'Every read of the item list of environment {who} fails: heartbeat, stuck-item and saturation alerts are off.',
  ),
  ListNotConfigured: blind(
    'The item list is not read for want of a credential.',
    'No credential can read the item list of environment {who}: heartbeat, stuck-item and saturation alerts are off.',
  ),
  ItemListTruncated: blind(
    'Item-level numbers are incomplete.',
    'The item list of environment {who} exceeds the page limit; item counts are a lower bound.',
  ),
  ReplicaBlind: exporter(
    'One exporter replica cannot read what another can.',
    'Instance {instance} fails on {value} environments that another replica reads.',
  ),
  'ApiAuthFailing/critical': blind(
    REFUSES,
    'The API answers 401 or 403 to the stats reads of environment {who}: its queue alerts are blind.',
  ),
  'ApiAuthFailing/warning': blind(
    REFUSES,
    'The API answers 401 or 403 to the list reads of environment {who}: check its environment key.',
  ),
  CredentialRejected: exporter(
    'The API refuses one credential.',
    'The API refuses credential {credential} of connection {connection}; reads go on only where another one may be used.',
  ),
  CredentialExpiring: exporter(
    'A credential expires soon.',
    'Credential {credential} of connection {connection} expires in {value}.',
  ),
  EnvironmentMisconfigured: blind(
    'An environment does not exist or is not self-hosted.',
    'The API answers for environment {who} as for a cloud environment or an unknown one: check the id.',
  ),
  ApiRateLimited: exporter(
    'The API rate-limits the exporter.',
    '{value} of the requests were rate-limited in 10 minutes; the limit is shared with production.',
  ),
  PollIntervalStretched: exporter(
    'The request budget is too small for the configured cadence.',
    '{value} reads run at a quarter of the configured cadence or less: alerts are late.',
  ),
  ClockSkew: exporter(
    'The exporter clock and the API clock differ.',
    'The clocks differ by {value} on connection {connection}: ages are off where they cannot be corrected.',
  ),
  DiscoveryFailing: exporter(
    'Discovery of environments fails.',
    'Discovery on connection {connection} fails: new environments are not watched.',
  ),
  EnvironmentsDropped: exporter(
    'Some environments are not watched.',
    '{value} environments are over the limit and have no alerts.',
  ),
  ApiDrift: exporter(
    'The API says something this version does not know.',
    'The API sends {kind} values that this version does not know: look for a newer one.',
  ),
  ExporterConfigReloadFailed: exporter(
    'The exporter runs an old configuration.',
    'The last configuration reload of instance {instance} failed.',
  ),
  ConfigDisagrees: exporter(
    'Exporter instances run different configurations.',
    'Instances of job {job} run different configurations.',
  ),
  ThresholdsMissing: blind(
    'An environment has no alert thresholds.',
    'Environment {who} exports no critical queue-age threshold, so it cannot page. Export +Inf to turn an alert off.',
  ),
  ThresholdsDisagree: blind(
    'Exporter replicas run different thresholds.',
    'Replicas disagree about {value} queue-age thresholds of environment {who}.',
  ),
  ExporterRestarting: exporter(
    'The exporter keeps restarting.',
    'Instance {instance} restarted {value} times in 30 minutes.',
  ),
  StateFileFailing: exporter(
    'The exporter cannot write its state file.',
    'Instance {instance} cannot write its state file: a restart would lose its counts.',
  ),
  Watchdog: exporter(
    'Always firing while exporter, Prometheus and Alertmanager work.',
    'Route to an external dead-man switch; silence means blindness.',
  ),
};
