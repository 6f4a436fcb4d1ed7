/** What the first step of a runbook must show while there is such a trouble. */
export interface FirstSight {
  /** The environment that has it, or the connection, where the condition is about one. */
  readonly environment?: string;
  readonly connection?: string;
  readonly shows: RegExp;
}

/** A series with these labels and a number that begins so; results come in the order of the queries. */
const series = (labels: string, number: string) => new RegExp(`${labels}[^\\n]*\\} ${number}`, 'm');

/** Alert by alert: every one of them is in this table. */
export const FIRST_SIGHTS: Readonly<Record<string, FirstSight>> = {
  AnthropicWorkApiKeyRefused: { connection: 'refused', shows: /"env_refused_1",\s*"env_refused_2"/ },
  AnthropicWorkRateLimited: { connection: 'limited', shows: /"connection": "limited"/ },
  AnthropicWorkApiUnreachable: { connection: 'down', shows: /"env_out_of_reach_1",\s*"env_out_of_reach_2"/ },
  AnthropicWorkFleetsFailing: { connection: 'fleets', shows: /"env_fleet_1",\s*"env_fleet_2",\s*"env_fleet_3"/ },
  AnthropicWorkDiscoveryFailing: { connection: 'default', shows: /want of room/ },
  AnthropicWorkKeyExpiring: { connection: 'default', shows: series('credential="api_key"', '[123]\\.') },
  AnthropicWorkKeyRefused: { environment: 'refused-list', shows: /"reason": "unauthorized"/ },
  AnthropicWorkNotReadable: { environment: 'unseen', shows: /"reason": "bad_response"/ },
  AnthropicWorkNoSuchEnvironment: { environment: 'gone', shows: /"reason": "not_found"/ },
  AnthropicWorkNoWorkers: {
    environment: 'no-workers',
    shows: /"depth": [1-9][\s\S]*"workers_polling": 0[\s\S]*"live": 0/,
  },
  AnthropicWorkNothingStarts: {
    environment: 'nobody-boots',
    shows: /heartbeat; \d+ are stuck[\s\S]*"state": "starting"/,
  },
  AnthropicWorkRunsLost: { environment: 'no-run-finishes', shows: /runs were lost/ },
  AnthropicWorkOldestItemTooOld: { environment: 'saturated', shows: /more arrives than is taken[\s\S]*"depth": [1-9]/ },
  AnthropicWorkQueueTooDeep: { environment: 'too-deep', shows: /the limit is 10[\s\S]*"depth": [1-9]\d/ },
  AnthropicWorkWorkersBelowMinimum: { environment: 'too-few', shows: /\d of 50 workers/ },
  AnthropicWorkHeartbeatsStale: { environment: 'stale-heartbeats', shows: /"heartbeat_age_seconds": [12]\d\d/ },
  AnthropicWorkItemStuck: { environment: 'redelivery-loop', shows: /"deliveries": [2-9]/ },
  AnthropicWorkSessionWaiting: {
    environment: 'awaiting-approval',
    shows: /"session_status": "idle",\s*"session_wait_reason": "requires_action"/,
  },
  AnthropicWorkRunsTooShort: { environment: 'stillborn', shows: /runs ended within five seconds/ },
  AnthropicWorkArchivedWithWork: { environment: 'archived', shows: /"depth": [1-9]/ },
  AnthropicWorkCoverageReduced: { environment: 'no-list', shows: /"reason": "bad_response"/ },
  AnthropicWorkWaitBudgetBurn: { environment: 'no-workers', shows: /\} [1-9]\d/ },
  AnthropicWorkExporterAbsent: { shows: /^000|refused/ },
  AnthropicWorkExporterInstanceDown: { shows: series('instance="exporter-2:9877"', '0$') },
  AnthropicWorkExporterShardMissing: { shows: /\} 3\n[\s\S]*shard="0\/3"[^\n]*\} 1/ },
  AnthropicWorkReplicaBlind: { shows: series('environment_name="replica",instance="exporter-1:9877"', '0$') },
  AnthropicWorkConfigDisagrees: { shows: /config_hash\{.*\} (\d+)\n.*config_hash\{.*\} (?!\1$)\d+$/m },
  AnthropicWorkExporterConfigReloadFailed: { shows: /threshold: unknown option "threshold"/ },
  AnthropicWorkStateFileFailing: { shows: /state/ },
  AnthropicWorkWatchdog: { shows: series('prometheus_notifications_alertmanagers_discovered', '') },
};
