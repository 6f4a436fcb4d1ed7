import type { ObservedMetricName } from '../../../src/metrics/catalogue.ts';
import type { EnvironmentState } from '../../../src/state/environment-state.ts';
import { buildState, buildStats, NOW } from '../../support/states.ts';
import { type Case, NOW_SECONDS, stale, untried } from './presence-case.ts';

function withStats(change: Parameters<typeof buildStats>[0]): EnvironmentState {
  return buildState('env_1', { queue: { observedAt: NOW - 5000, stats: buildStats(change) } });
}

/** What the statistics say. */
export const QUEUE_CASES = {
  anthropic_work_queue_depth: { present: [withStats({ depth: 7 }), ['7']], absent: stale },
  anthropic_work_queue_pending: { present: [withStats({ pending: 2 }), ['2']], absent: { states: [untried] } },
  anthropic_work_queue_oldest_timestamp_seconds: {
    present: [withStats({ oldestQueuedAt: NOW - 1500 }), [`${NOW_SECONDS - 1.5}`]],
    absent: { states: [withStats({ oldestQueuedAt: null })] },
  },
  anthropic_work_queue_oldest_age_seconds: {
    present: [withStats({ oldestQueuedAt: NOW - 1500 }), ['1.5']],
    absent: { states: [withStats({ oldestQueuedAt: null })] },
  },
  anthropic_work_queue_age_unknown: {
    present: [withStats({ oldestQueuedAt: null }), ['1']],
    absent: stale,
  },
  anthropic_work_workers_polling: {
    present: [withStats({ workersPolling: 0 }), ['0']],
    absent: { states: [withStats({ workersPolling: null })] },
  },
} satisfies Partial<Record<ObservedMetricName, Case>>;
