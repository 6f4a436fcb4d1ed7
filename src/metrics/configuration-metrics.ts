import {
  configuredIntervalMs,
  type Environment,
  OPERATIONS,
  type Operation,
  SEVERITIES,
} from '../domain/environment.ts';
import { RUNNING_STATES } from '../domain/work.ts';
import { ANY, type EnvironmentMetric, type Look, per, type Sample, seconds } from './metric.ts';

const configured = { type: 'gauge', labels: {}, group: 'configuration', presence: 'watched' } as const;
const byOperation = { ...configured, presence: 'attempted', labels: { operation: OPERATIONS } } as const;

/** What is watched, and the limits of the alerts; exported even while the API fails. */
export const CONFIGURATION_METRICS = {
  anthropic_work_environment_info: {
    ...configured,
    labels: { connection: ANY, workspace_id: ANY, source: ['config', 'discovery'] },
    help: 'Info metric: an environment that this exporter watches, with the connection that it is read through.',
    measure({ state: { environment } }) {
      return [{ values: [environment.connection, environment.workspaceId ?? '', environment.source], value: 1 }];
    },
  },
  anthropic_work_environment_labels: {
    ...configured,
    labelPrefix: 'label_',
    help: 'Info metric: the labels configured for an environment, for joins.',
    note: 'One `label_<key>` for each key of any watched environment, empty where unset.',
    measure({ state: { environment }, labelKeys }) {
      // A key may be called `constructor`, which every object has.
      const labelOf = (key: string) => (Object.hasOwn(environment.labels, key) ? environment.labels[key]! : '');
      return [{ values: labelKeys.map(labelOf), value: 1 }];
    },
  },
  anthropic_work_watched_since_timestamp_seconds: {
    ...configured,
    help: 'When this process began to watch the environment, Unix time.',
    measure: ({ state }) => seconds(state.watchedSince),
  },
  anthropic_work_environment_archived_timestamp_seconds: {
    ...configured,
    presence: 'known',
    help: 'When the API archived the environment, Unix time; absent while it is not archived, and without discovery.',
    note: 'A discovered environment is watched until its queue is empty, at most a day longer; a configured one stays.',
    measure: ({ state }) => seconds(state.archivedAt),
  },
  anthropic_work_threshold_queue_age_seconds: limit('queueAgeSeconds', 'age of the oldest waiting item'),
  anthropic_work_threshold_cold_start_seconds: setting(
    'How long work may wait until a worker polls or runs something, before an alert says that there is none; +Inf is off.',
    ({ thresholds }) => thresholds.coldStartSeconds,
  ),
  anthropic_work_threshold_queue_depth: limit('queueDepth', 'number of waiting items'),
  anthropic_work_threshold_stale_heartbeat_items: limit(
    'staleHeartbeatItems',
    'number of items with a stale heartbeat',
  ),
  anthropic_work_threshold_state_age_seconds: {
    ...configured,
    labels: { state: RUNNING_STATES },
    help: 'Longest time an item may stay in a state before it counts as stuck; +Inf is off. No alert is about `stopping`, which holds no worker.',
    measure: ({ state: { environment } }) =>
      per(RUNNING_STATES, (state) => environment.thresholds.stateAgeSeconds[state]),
  },
  anthropic_work_threshold_stale_heartbeat_seconds: setting(
    'Age of the latest heartbeat from which an item counts as stale; +Inf is off.',
    ({ thresholds }) => thresholds.staleHeartbeatSeconds,
  ),
  anthropic_work_threshold_session_wait_seconds: setting(
    'How long the session of a live item may wait for a result or an approval before an alert fires; +Inf is off.',
    ({ thresholds }) => thresholds.sessionWaitSeconds,
  ),
  anthropic_work_threshold_min_workers: setting(
    'Fewest live workers that alerts accept, counting workers that poll and running items with a fresh heartbeat; 0 is off.',
    ({ thresholds }) => thresholds.minWorkers,
  ),
  anthropic_work_slo_queue_wait_target_seconds: setting(
    'Longest wait in the queue that is good by the service level objective.',
    ({ slo }) => slo.queueWaitTargetSeconds,
  ),
  anthropic_work_slo_objective_ratio: setting(
    'Share of time the wait target is to be met, between 0.95 and 0.9999.',
    ({ slo }) => slo.objectiveRatio,
  ),
  anthropic_work_poll_interval_seconds: {
    ...byOperation,
    help: "Time between the exporter's own reads as scheduled now, longer than configured where the request budget is too small.",
    measure: perOperation(({ state }, operation) => seconds(state.operations[operation].scheduledIntervalMs)),
  },
  anthropic_work_poll_interval_configured_seconds: {
    ...byOperation,
    help: "Time between the exporter's own reads as configured.",
    measure: perOperation(({ state }, operation) => seconds(configuredIntervalMs(state.environment.poll, operation))),
  },
  anthropic_work_list_attempted: {
    ...configured,
    help: '1 when a credential for reading the list is configured, else 0 and no series from the list exists.',
    measure: ({ state }) => Number(state.operations.list.attempted),
  },
} as const satisfies Record<string, EnvironmentMetric>;

function setting(help: string, read: (environment: Environment) => number) {
  return { ...configured, help, measure: ({ state }: Look) => read(state.environment) };
}

function limit(threshold: 'queueAgeSeconds' | 'queueDepth' | 'staleHeartbeatItems', what: string) {
  const measure = ({ state: { environment } }: Look): readonly Sample[] =>
    SEVERITIES.map((severity) => ({ values: [severity], value: environment.thresholds[threshold][severity] }));
  return { ...configured, labels: { severity: SEVERITIES }, help: `Threshold: ${what}; +Inf is off.`, measure };
}

/** One sample for each operation that has a credential, whether or not its reads succeed. */
export function perOperation(read: (look: Look, operation: Operation) => number | null) {
  return (look: Look): readonly Sample[] => {
    const { operations } = look.state;
    return per(OPERATIONS, (operation) => (operations[operation].attempted ? read(look, operation) : null));
  };
}
