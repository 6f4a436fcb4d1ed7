import type { MetricDefinition } from './metric-definition.ts';

const self = { type: 'gauge', group: 'self', presence: 'process' } as const;

/** The exporter itself; prom-client adds `process_*` and `nodejs_*`. */
export const EXPORTER_METRICS = {
  anthropic_work_exporter_build_info: {
    ...self,
    labels: ['version', 'revision', 'node_version'],
    help: 'Info metric: the running build.',
    source: 'The build.',
  },
  anthropic_work_exporter_time_seconds: {
    ...self,
    labels: [],
    unit: 'seconds',
    help: "The time of this answer by the exporter's own clock, Unix time; rules compare other timestamps with it.",
    source: "The exporter's own clock.",
  },
  anthropic_work_exporter_environments: {
    ...self,
    labels: ['status'],
    values: { status: ['watched', 'dropped', 'archived'] },
    help: 'Environments by what the exporter does with them.',
    source:
      'Configuration and discovery; dropped ones do not fit the limits, archived ones are left out once they are drained, or after a day.',
  },
  anthropic_work_exporter_shards: {
    ...self,
    labels: [],
    help: 'Number of processes that the fleet is divided among.',
    source: '`shard`; 1 when one process watches everything.',
  },
  anthropic_work_exporter_shard_info: {
    ...self,
    labels: ['shard'],
    help: 'Info metric: the part of the fleet that this process watches, as INDEX/COUNT; the index starts at 0.',
    source: '`shard`; `0/1` when one process watches everything. Replicas of a shard say the same.',
  },
  anthropic_work_exporter_config_last_reload_successful: {
    ...self,
    labels: [],
    help: '1 when the last load of the configuration succeeded.',
    source: '1 after start; reloads change it.',
  },
  anthropic_work_exporter_config_last_reload_success_timestamp_seconds: {
    ...self,
    labels: [],
    unit: 'seconds',
    help: 'When the configuration in force was loaded, Unix time.',
    source: "The exporter's own clock.",
  },
  anthropic_work_exporter_config_hash: {
    ...self,
    labels: [],
    help: 'Hash of the configuration in force; it is equal for replicas with the same configuration.',
    source: 'The redacted configuration without shard, listen address and state file; at most 2^53.',
  },
  anthropic_work_state_file_ok: {
    ...self,
    presence: 'known',
    labels: [],
    help: '1 when the last write of the state file succeeded.',
    source: 'Writing of `state_file`.',
    absent: 'no state file is configured',
  },
} as const satisfies Record<string, MetricDefinition>;
