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
    help: 'Time from sending a request to having read its answer, all environments together.',
  },
  anthropic_work_api_clock_skew_seconds: {
    ...api,
    help: "The API's clock minus the exporter's own.",
    note: 'From the `Date` headers of the last nine answers.',
    absent: 'no usable answer came for ten minutes',
  },
  anthropic_work_api_budget_limit_requests_per_minute: {
    ...api,
    help: 'Requests a minute that this process may send.',
  },
  anthropic_work_api_budget_requests_total: {
    ...api,
    type: 'counter',
    help: 'Requests taken from the budget: polls, discovery, probes and retries.',
  },
  anthropic_work_credential_rejected: {
    ...credential,
    help: '1 while the API refuses the credential with 401 or 403 for any read of an environment, 0 while it accepts it.',
    note: 'A key that may not list environments, and reads them, makes discovery fail and is not rejected. `credential` is `api_key`, or the id of the environment that the key belongs to.',
  },
  anthropic_work_credential_expiry_timestamp_seconds: {
    ...credential,
    help: 'When the credential expires according to the configuration, Unix time.',
    absent: 'no `expires` is configured',
  },
  anthropic_work_api_unknown_values_total: {
    ...api,
    type: 'counter',
    presence: 'process',
    labels: { kind: UNKNOWN_KINDS },
    help: 'Values in answers of the API that this version of the exporter does not know.',
    note: 'A sign that the API has changed.',
  },
  anthropic_work_clamped_negative_durations_total: {
    ...api,
    type: 'counter',
    presence: 'process',
    labels: {},
    help: "Durations between the API's timestamps that came out negative and were counted as 0.",
  },
  anthropic_work_discovery_up: {
    ...api,
    help: "1 when the exporter's last discovery of environments succeeded, 0 until the first success and after a failure.",
    absent: 'discovery is off',
  },
  anthropic_work_discovery_last_success_timestamp_seconds: {
    ...api,
    help: "When the exporter's last good discovery of environments ended, Unix time.",
    absent: 'discovery is off',
  },
} as const satisfies Record<string, MetricDefinition>;

/** The exporter itself; prom-client adds `process_*` and `nodejs_*`. */
export const PROCESS_METRICS = {
  anthropic_work_exporter_build_info: {
    ...self,
    labels: { version: ANY, revision: ANY, node_version: ANY },
    help: 'Info metric: the running build.',
  },
  anthropic_work_exporter_time_seconds: {
    ...self,
    help: "The time of this answer by the exporter's own clock, Unix time; rules compare other timestamps with it.",
  },
  anthropic_work_exporter_environments: {
    ...self,
    labels: { status: FLEET_PARTS },
    help: 'Environments by what the exporter does with them.',
    note: '`dropped` ones exceed `discovery.max_environments`; `archived` ones are no longer watched.',
  },
  anthropic_work_exporter_shards: { ...self, help: 'Number of processes that the fleet is divided among.' },
  anthropic_work_exporter_shard_info: {
    ...self,
    labels: { shard: ANY },
    help: 'Info metric: the part of the fleet that this process watches, as INDEX/COUNT; the index starts at 0.',
    note: 'Replicas of a shard have the same value.',
  },
  anthropic_work_exporter_config_last_reload_successful: {
    ...self,
    help: '1 when the last load of the configuration succeeded.',
  },
  anthropic_work_exporter_config_last_reload_success_timestamp_seconds: {
    ...self,
    help: 'When the configuration in force was loaded, Unix time.',
  },
  anthropic_work_exporter_config_hash: {
    ...self,
    help: 'Hash of the configuration in force, equal for replicas with the same configuration.',
    note: 'Leaves out keys, shard, listen address and state file.',
  },
  anthropic_work_state_file_ok: {
    ...self,
    presence: 'known',
    help: '1 when the last write of the state file succeeded.',
    absent: 'no state file is configured',
  },
} as const satisfies Record<string, MetricDefinition>;

/** Written by `/probe` after the series of the environment, named as in blackbox_exporter. */
export const PROBE_METRICS = {
  probe_success: { ...probe, help: 'Whether the probe of the environment succeeded.' },
  probe_duration_seconds: { ...probe, help: 'How long the probe of the environment took.' },
} as const satisfies Record<string, MetricDefinition>;
