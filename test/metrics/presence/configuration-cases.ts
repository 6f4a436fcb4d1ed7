import type { ObservedMetricName } from '../../../src/metrics/catalogue.ts';
import { buildEnvironment, buildState, NOW } from '../../support/states.ts';
import { type Case, NOW_SECONDS, never, untried, withoutList } from './presence-case.ts';

/** What is known before anything was read. */
export const CONFIGURATION_CASES = {
  anthropic_work_environment_info: {
    present: [untried, ['connection=default workspace_id= source=config 1']],
    absent: never,
  },
  anthropic_work_environment_labels: {
    present: [
      buildState('env_1', { environment: buildEnvironment('env_1', { labels: { team: 'a', tier: 'b' } }) }),
      ['label_team=a label_tier=b 1'],
    ],
    absent: never,
  },
  anthropic_work_watched_since_timestamp_seconds: { present: [untried, [`${NOW_SECONDS - 600}`]], absent: never },
  anthropic_work_environment_archived_timestamp_seconds: {
    present: [buildState('env_1', { archivedAt: NOW - 3_600_000 }), [`${NOW_SECONDS - 3600}`]],
    absent: { states: [untried, buildState('env_1', { archivedAt: null })] },
  },
  anthropic_work_threshold_queue_age_seconds: {
    present: [untried, ['severity=warning 300', 'severity=critical 900']],
    absent: never,
  },
  anthropic_work_threshold_queue_depth: {
    present: [untried, ['severity=warning 100', 'severity=critical Infinity']],
    absent: never,
  },
  anthropic_work_threshold_stale_heartbeat_items: {
    present: [untried, ['severity=warning 1', 'severity=critical Infinity']],
    absent: never,
  },
  anthropic_work_threshold_state_age_seconds: {
    present: [untried, ['state=starting 300', 'state=active Infinity', 'state=stopping 120']],
    absent: never,
  },
  anthropic_work_threshold_stale_heartbeat_seconds: { present: [untried, ['120']], absent: never },
  anthropic_work_threshold_session_wait_seconds: { present: [untried, ['1800']], absent: never },
  anthropic_work_threshold_min_workers: { present: [untried, ['0']], absent: never },
  anthropic_work_slo_queue_wait_target_seconds: { present: [untried, ['300']], absent: never },
  anthropic_work_slo_objective_ratio: { present: [untried, ['0.99']], absent: never },
  anthropic_work_poll_interval_seconds: {
    present: [withoutList, ['operation=stats 15']],
    absent: never,
  },
  anthropic_work_poll_interval_configured_seconds: {
    present: [untried, ['operation=stats 15', 'operation=list 30']],
    absent: never,
  },
  anthropic_work_list_attempted: { present: [withoutList, ['0']], absent: never },
} satisfies Partial<Record<ObservedMetricName, Case>>;
