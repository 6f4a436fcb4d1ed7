import { OPERATIONS, SEVERITIES } from '../../domain/environment.ts';
import { RUNNING_STATES } from '../../domain/work.ts';
import { ENVIRONMENT_LABELS as E, type MetricDefinition } from './metric-definition.ts';

const configured = { type: 'gauge', group: 'configuration', presence: 'watched' } as const;
const threshold = {
  ...configured,
  source: 'Configuration, `thresholds`.',
} as const;
const values = { severity: SEVERITIES, state: RUNNING_STATES, operation: OPERATIONS } as const;

/** What is watched, and the limits of the alerts; exported even while the API fails. */
export const CONFIGURATION_METRICS = {
  anthropic_work_environment_info: {
    ...configured,
    labels: [...E, 'connection', 'workspace_id', 'source'],
    help: 'Info metric: an environment that this exporter watches, with the connection that it is read through.',
    values: { source: ['config', 'discovery'] },
    source: 'Configuration or discovery; `workspace_id` is empty where none is configured.',
  },
  anthropic_work_environment_labels: {
    ...configured,
    labels: [...E],
    labelPrefix: 'label_',
    help: 'Info metric: the labels configured for an environment, for joins.',
    source: 'Configuration, `labels`: one `label_<key>` per key of any watched environment, empty where unset.',
  },
  anthropic_work_watched_since_timestamp_seconds: {
    ...configured,
    labels: [...E],
    unit: 'seconds',
    help: 'When this process began to watch the environment, Unix time.',
    source: "The exporter's own clock.",
  },
  anthropic_work_environment_archived_timestamp_seconds: {
    ...configured,
    presence: 'known',
    labels: [...E],
    unit: 'seconds',
    help: 'When the API archived the environment, Unix time; absent while it is not archived, and without discovery.',
    source:
      "`archived_at` in the API's list of environments, on the API's clock. A discovered environment is watched until it is drained, at most a day longer; a configured one stays.",
  },
  anthropic_work_threshold_queue_age_seconds: {
    ...threshold,
    labels: [...E, 'severity'],
    values: { severity: values.severity },
    unit: 'seconds',
    help: 'Threshold of alerts: age of the oldest waiting item; +Inf is off.',
  },
  anthropic_work_threshold_queue_depth: {
    ...threshold,
    labels: [...E, 'severity'],
    values: { severity: values.severity },
    help: 'Threshold of alerts: number of waiting items; +Inf is off.',
  },
  anthropic_work_threshold_stale_heartbeat_items: {
    ...threshold,
    labels: [...E, 'severity'],
    values: { severity: values.severity },
    help: 'Threshold of alerts: number of items with a stale heartbeat; +Inf is off.',
  },
  anthropic_work_threshold_state_age_seconds: {
    ...threshold,
    labels: [...E, 'state'],
    values: { state: values.state },
    unit: 'seconds',
    help: 'Longest time an item may stay in a state before alerts call it stuck; +Inf is off.',
  },
  anthropic_work_threshold_stale_heartbeat_seconds: {
    ...threshold,
    labels: [...E],
    unit: 'seconds',
    help: 'Age of the latest heartbeat from which an item counts as stale; +Inf is off.',
  },
  anthropic_work_threshold_session_wait_seconds: {
    ...threshold,
    labels: [...E],
    unit: 'seconds',
    help: 'How long the session of a live item may wait for a result or an approval before an alert fires; +Inf is off.',
  },
  anthropic_work_threshold_min_workers: {
    ...threshold,
    labels: [...E],
    help: 'Fewest live workers that alerts accept, counting workers that poll and running items with a fresh heartbeat; 0 is off.',
    source: 'Configuration, `thresholds.min_workers`.',
  },
  anthropic_work_slo_queue_wait_target_seconds: {
    ...configured,
    labels: [...E],
    unit: 'seconds',
    help: 'Longest wait in the queue that is good by the service level objective.',
    source: 'Configuration, `slo`.',
  },
  anthropic_work_slo_objective_ratio: {
    ...configured,
    labels: [...E],
    unit: 'ratio',
    help: 'Share of time the wait target is to be met, between 0.95 and 0.9999.',
    source: 'Configuration, `slo`.',
  },
  anthropic_work_poll_interval_seconds: {
    ...configured,
    presence: 'attempted',
    labels: [...E, 'operation'],
    values: { operation: values.operation },
    unit: 'seconds',
    help: "Time between the exporter's own reads as scheduled now, longer than configured where the request budget is too small.",
    source:
      'The scheduler; backoff after failures is not part of it. For a list without an order, the duration of its last full scan if that is longer.',
  },
  anthropic_work_poll_interval_configured_seconds: {
    ...configured,
    presence: 'attempted',
    labels: [...E, 'operation'],
    values: { operation: values.operation },
    unit: 'seconds',
    help: "Time between the exporter's own reads as configured.",
    source: 'Configuration, `poll`.',
  },
  anthropic_work_list_attempted: {
    ...configured,
    labels: [...E],
    help: '1 when a credential for reading the list is configured, else 0 and no series from the list exists.',
    source: 'Configuration of credentials.',
  },
} as const satisfies Record<string, MetricDefinition>;
