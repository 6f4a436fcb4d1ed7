import { API_OPERATIONS } from '../domain/environment.ts';
import { ANY, type MetricDefinition } from './metric.ts';

const api = { type: 'gauge', group: 'polls', presence: 'known', labels: { connection: ANY } } as const;
const credential = { ...api, labels: { connection: ANY, credential: ANY } } as const;
const probe = { type: 'gauge', group: 'polls', presence: 'probe', labels: {} } as const;
const self = { type: 'gauge', group: 'self', presence: 'process', labels: {} } as const;

export const UNKNOWN_KINDS = ['state', 'work_type', 'field'] as const;
export const FLEET_PARTS = ['watched', 'dropped', 'archived'] as const;

/** The API as this process sees it, across all environments: most of it per connection. */
export const CONNECTION_METRICS = {
  anthropic_work_api_request_duration_seconds: {
    ...api,
    type: 'histogram',
    presence: 'process',
    labels: { operation: API_OPERATIONS },
    buckets: [0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30],
    help: "Time from sending a request to having read its answer, the exporter's own requests of all environments together.",
    source: 'Every request sent.',
  },
  anthropic_work_api_clock_skew_seconds: {
    ...api,
    help: "The API's clock minus the exporter's own.",
    source: 'The `Date` headers of the last nine answers.',
    absent: 'no usable answer came for ten minutes',
  },
  anthropic_work_api_budget_limit_requests_per_minute: {
    ...api,
    help: 'Requests a minute that this process may send.',
    source: 'Configuration, `requests_per_minute`.',
  },
  anthropic_work_api_budget_requests_total: {
    ...api,
    type: 'counter',
    help: 'Requests taken from the budget: polls, discovery, probes and retries.',
    source: 'Every request sent.',
  },
  anthropic_work_credential_rejected: {
    ...credential,
    help: '1 while the API refuses the credential with 401 or 403 for any kind of read or any environment, 0 while it accepts it.',
    source: '`credential` is `api_key`, or the id of the environment whose key it is.',
  },
  anthropic_work_credential_expiry_timestamp_seconds: {
    ...credential,
    help: 'When the credential expires according to the configuration, Unix time.',
    source: 'Configuration, `expires` beside a key.',
    absent: 'no `expires` is configured',
  },
  anthropic_work_api_unknown_values_total: {
    ...api,
    type: 'counter',
    presence: 'process',
    labels: { kind: UNKNOWN_KINDS },
    help: 'Values in answers of the API that this version of the exporter does not know.',
    source: 'Parsing of answers: a sign that the API has changed.',
  },
  anthropic_work_clamped_negative_durations_total: {
    ...api,
    type: 'counter',
    presence: 'process',
    labels: {},
    help: "Durations between the API's timestamps that came out negative and were counted as 0.",
    source: 'Waits, runs and stops: clocks that disagree.',
  },
  anthropic_work_discovery_up: {
    ...api,
    help: "1 when the exporter's last discovery of environments succeeded, 0 until the first success and after a failure.",
    source: 'Discovery.',
    absent: 'discovery is off',
  },
  anthropic_work_discovery_last_success_timestamp_seconds: {
    ...api,
    help: "When the exporter's last good discovery of environments ended, Unix time.",
    source: 'Discovery.',
    absent: 'discovery is off',
  },
} as const satisfies Record<string, MetricDefinition>;

/** The exporter itself; prom-client adds `process_*` and `nodejs_*`. */
export const PROCESS_METRICS = {
  anthropic_work_exporter_build_info: {
    ...self,
    labels: { version: ANY, revision: ANY, node_version: ANY },
    help: 'Info metric: the running build.',
    source: 'The build.',
  },
  anthropic_work_exporter_time_seconds: {
    ...self,
    help: "The time of this answer by the exporter's own clock, Unix time; rules compare other timestamps with it.",
    source: "The exporter's own clock.",
  },
  anthropic_work_exporter_environments: {
    ...self,
    labels: { status: FLEET_PARTS },
    help: 'Environments by what the exporter does with them.',
    source:
      'Configuration and discovery; dropped ones do not fit the limits, archived ones are left out once they are drained, or after a day.',
  },
  anthropic_work_exporter_shards: {
    ...self,
    help: 'Number of processes that the fleet is divided among.',
    source: '`shard`; 1 when one process watches everything.',
  },
  anthropic_work_exporter_shard_info: {
    ...self,
    labels: { shard: ANY },
    help: 'Info metric: the part of the fleet that this process watches, as INDEX/COUNT; the index starts at 0.',
    source: '`shard`; `0/1` when one process watches everything. Replicas of a shard say the same.',
  },
  anthropic_work_exporter_config_last_reload_successful: {
    ...self,
    help: '1 when the last load of the configuration succeeded.',
    source: '1 after start; reloads change it.',
  },
  anthropic_work_exporter_config_last_reload_success_timestamp_seconds: {
    ...self,
    help: 'When the configuration in force was loaded, Unix time.',
    source: "The exporter's own clock.",
  },
  anthropic_work_exporter_config_hash: {
    ...self,
    help: 'Hash of the configuration in force; it is equal for replicas with the same configuration.',
    source: 'The redacted configuration without shard, listen address and state file; at most 2^53.',
  },
  anthropic_work_state_file_ok: {
    ...self,
    presence: 'known',
    help: '1 when the last write of the state file succeeded.',
    source: 'Writing of `state_file`.',
    absent: 'no state file is configured',
  },
} as const satisfies Record<string, MetricDefinition>;

/** Written by `/probe` after the series of the environment, named as in blackbox_exporter. */
export const PROBE_METRICS = {
  probe_success: {
    ...probe,
    help: 'Whether the probe of the environment succeeded.',
    source: 'The reads behind the answer.',
  },
  probe_duration_seconds: {
    ...probe,
    help: 'How long the probe of the environment took.',
    source: "The exporter's own clock.",
  },
} as const satisfies Record<string, MetricDefinition>;
