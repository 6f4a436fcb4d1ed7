import type { AlertName } from '../../../src/rules/parts/alert-names.ts';

/** What the first step of a runbook must show while its alert is right. */
export interface FirstSight {
  /** The environment that has the trouble, where the alert names one. */
  readonly environment?: string;
  readonly shows: RegExp;
}

/** A series with these labels and a number that begins so; results come in the order of the queries. */
const series = (labels: string, number: string) => new RegExp(`${labels}[^\\n]*\\} ${number}`, 'm');

/** Alert by alert: every one of them is in this table. */
export const FIRST_SIGHTS: Readonly<Record<AlertName, FirstSight>> = {
  AnthropicWorkNoWorkers: {
    environment: 'no-workers-1',
    shows: /"depth": [1-9][\s\S]*"workers_polling": 0[\s\S]*"live": 0/,
  },
  AnthropicWorkNoWorkersAnywhere: { shows: /(environment_name="no-workers-\d"[\s\S]*){6}/ },
  AnthropicWorkOldestItemTooOld: {
    environment: 'saturated',
    shows: /^\{[^}]*\} ([5-9]|\d{2,})[.\d]*\n.*queue_depth.*\} [1-9]/,
  },
  AnthropicWorkSaturated: { environment: 'saturated', shows: /^\{.*\} [45]\n.*queue_depth.*\} [1-9]\d/ },
  AnthropicWorkHeadOfLineBlocked: { environment: 'head-of-line', shows: /^\{[^}]*\} \d{2}[.\d]*\n\{[^}]*\} 0$/ },
  AnthropicWorkPendingStuck: { environment: 'stuck-pending', shows: /queue_pending.*\} [1-9]\d*\n\{[^}]*\} 0$/ },
  AnthropicWorkWorkersBelowMinimum: {
    environment: 'too-few',
    shows: /workers_polling.*\} \d\n.*min_workers.*\} 50$/,
  },
  AnthropicWorkWorkersUnknown: { environment: 'no-count', shows: /"depth": [1-9][\s\S]*"workers_polling": null/ },
  AnthropicWorkStaleHeartbeats: { environment: 'stale-heartbeats', shows: /"heartbeat_age_seconds": [12]\d\d/ },
  AnthropicWorkLeasesLapsing: { environment: 'no-run-finishes-1', shows: /^\{.*\} [1-9]\d[.\d]*\n\{.*\} \d[.\d]*$/ },
  AnthropicWorkLeasesLapsingAnywhere: { shows: /(environment_name="no-run-finishes-\d"[\s\S]*){6}/ },
  AnthropicWorkItemStuck: { environment: 'stuck-stopping', shows: /"state": "stopping"/ },
  AnthropicWorkSessionWaiting: {
    environment: 'awaiting-approval',
    shows: /"session_status": "idle",\s*"session_wait_reason": "requires_action"/,
  },
  AnthropicWorkSessionEndedItemLive: { environment: 'terminated-session', shows: /"session_status": "terminated"/ },
  AnthropicWorkRedeliveryLoop: { environment: 'redelivery-loop', shows: /"deliveries": [2-9]/ },
  AnthropicWorkRunsTooShort: { environment: 'stillborn', shows: /^\{.*\} ([1-9]\d)[.\d]*\n\{.*\} [1-9]\d/ },
  AnthropicWorkWaitBudgetBurn: { environment: 'no-workers-1', shows: /^\{.*\} \d{2,}[.\d]*\n\{.*\} 5$/ },
  AnthropicWorkExporterAbsent: { shows: series('instance="exporter-2:9877"', '0$') },
  AnthropicWorkExporterInstanceDown: { shows: series('instance="exporter-2:9877"', '0$') },
  AnthropicWorkExporterShardMissing: { shows: /\} 3\n[\s\S]*shard="0\/3"[^\n]*\} 1/ },
  AnthropicWorkExporterRestarting: { shows: series('instance="exporter-3:9877"', '[4-9]') },
  AnthropicWorkCredentialRejected: { shows: series('credential="env_refused_list"', '1$') },
  AnthropicWorkCredentialExpiring: { shows: series('credential="api_key"', '[123]\\.') },
  AnthropicWorkApiAuthFailing: {
    environment: 'refused-key',
    shows: /"reason": "unauthorized"[\s\S]*"reason": "unauthorized"/,
  },
  AnthropicWorkApiUnreachable: { shows: /"name": "out-of-reach-1"[\s\S]*"reason": "network"/ },
  AnthropicWorkApiRateLimited: { shows: series('environment_name="limited"', '[\\d.]*[1-9]') },
  AnthropicWorkEnvironmentNotVisible: { environment: 'unseen', shows: /"reason": "bad_response"[\s\S]*"since": "2/ },
  AnthropicWorkEnvironmentMisconfigured: {
    environment: 'gone',
    shows: /"status": "misconfigured"[\s\S]*"reason": "not_found"/,
  },
  AnthropicWorkEnvironmentArchived: { environment: 'archived', shows: /^\{.*\} [1-9]\d[.\d]*\n\{.*\} [1-9]\d/ },
  AnthropicWorkItemsNotVisible: { environment: 'no-list', shows: /"reason": "bad_response"[\s\S]*"since": "2/ },
  AnthropicWorkListNotConfigured: { shows: series('environment_name="no-key"', '0$') },
  AnthropicWorkReplicaBlind: { shows: series('environment_name="replica",instance="exporter-1:9877"', '0$') },
  AnthropicWorkCoverageReduced: {
    shows: /status="dropped".*\} 1\n[\s\S]*environment_name="small-budget".*\} ([4-9]|\d\d)/,
  },
  AnthropicWorkDiscoveryFailing: { shows: series('connection="refused"', '0$') },
  AnthropicWorkClockSkew: { shows: series('connection="skewed"', '(8|9)\\d') },
  AnthropicWorkApiDrift: { shows: series('kind="state"', '[1-9]') },
  AnthropicWorkExporterConfigReloadFailed: { shows: /threshold: unknown option "threshold"/ },
  AnthropicWorkConfigDisagrees: { shows: /config_hash\{.*\} (\d+)\n.*config_hash\{.*\} (?!\1$)\d+$/m },
  AnthropicWorkStateFileFailing: { shows: series('instance="exporter-0:9877"', '0$') },
  AnthropicWorkWatchdog: { shows: series('prometheus_notifications_alertmanagers_discovered', '') },
};

/** Alerts whose rule is not yet right while their first step shows the trouble, and why. */
export const NOT_YET: Partial<Record<AlertName, string>> = {
  AnthropicWorkExporterAbsent: 'another exporter answers here',
  AnthropicWorkHeadOfLineBlocked: 'it wants ten minutes of what another rule recorded',
  AnthropicWorkWaitBudgetBurn: 'it wants most of an hour of what other rules recorded',
};
