import { configuredIntervalMs } from '../../domain/environment.ts';
import { limitsOf, type ThresholdName } from '../../domain/thresholds.ts';
import { isRunning } from '../../domain/work.ts';
import type { EnvironmentState } from '../../state/environment-state.ts';
import type { CONFIGURATION_METRICS } from '../catalogue/configuration-metrics.ts';
import { type Measures, perOperation, seconds, single } from './measure.ts';

/** What is watched, and the limits of the alerts: present through every failure. */
export const CONFIGURATION_MEASURES = {
  anthropic_work_environment_info: ({ environment }) => [
    {
      labels: {
        connection: environment.connection,
        workspace_id: environment.workspaceId ?? '',
        source: environment.source,
      },
      value: 1,
    },
  ],
  anthropic_work_environment_labels: ({ environment }, { labelKeys }) => {
    // A key may be called `constructor`, which every object has.
    const labelOf = (key: string) => (Object.hasOwn(environment.labels, key) ? environment.labels[key]! : '');
    return [{ labels: Object.fromEntries(labelKeys.map((key) => [`label_${key}`, labelOf(key)])), value: 1 }];
  },
  anthropic_work_watched_since_timestamp_seconds: ({ watchedSince }) => single(seconds(watchedSince)),
  anthropic_work_environment_archived_timestamp_seconds: ({ archivedAt = null }) =>
    archivedAt === null ? [] : single(seconds(archivedAt)),
  anthropic_work_threshold_queue_age_seconds: (state) => perSeverity(state, 'queue_age'),
  anthropic_work_threshold_queue_depth: (state) => perSeverity(state, 'queue_depth'),
  anthropic_work_threshold_stale_heartbeat_items: (state) => perSeverity(state, 'stale_heartbeat_items'),
  anthropic_work_threshold_state_age_seconds: ({ environment }) =>
    limitsOf('state_age', environment.thresholds).flatMap(({ state, value }) =>
      state !== null && isRunning(state) ? [{ labels: { state }, value }] : [],
    ),
  anthropic_work_threshold_stale_heartbeat_seconds: ({ environment }) =>
    single(environment.thresholds.staleHeartbeatSeconds),
  anthropic_work_threshold_session_wait_seconds: ({ environment }) => single(environment.thresholds.sessionWaitSeconds),
  anthropic_work_threshold_min_workers: ({ environment }) => single(environment.thresholds.minWorkers),
  anthropic_work_slo_queue_wait_target_seconds: ({ environment }) => single(environment.slo.queueWaitTargetSeconds),
  anthropic_work_slo_objective_ratio: ({ environment }) => single(environment.slo.objectiveRatio),
  anthropic_work_poll_interval_seconds: ({ operations }, context) =>
    perOperation(context, (operation) => seconds(operations[operation].scheduledIntervalMs)),
  anthropic_work_poll_interval_configured_seconds: ({ environment }, context) =>
    perOperation(context, (operation) => seconds(configuredIntervalMs(environment.poll, operation))),
  anthropic_work_list_attempted: (_, { fresh }) => single(fresh.shown.list ? 1 : 0),
} satisfies Measures<keyof typeof CONFIGURATION_METRICS>;

function perSeverity({ environment }: EnvironmentState, name: ThresholdName) {
  return limitsOf(name, environment.thresholds).map(({ severity, value }) => ({ labels: { severity }, value }));
}
