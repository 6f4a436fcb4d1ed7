import { ENVIRONMENT_LABELS as E, type MetricDefinition } from './metric-definition.ts';

const observed = { type: 'gauge', group: 'stats', presence: 'stats' } as const;

/** What `work/stats` answered at the exporter's last good read. */
export const STATS_METRICS = {
  anthropic_work_queue_depth: {
    ...observed,
    labels: [...E],
    help: "Items waiting to be claimed, as of the exporter's own last poll.",
    source: '`depth` of `work/stats`.',
  },
  anthropic_work_queue_pending: {
    ...observed,
    labels: [...E],
    help: "Items claimed and not yet acknowledged, as of the exporter's own last poll.",
    source: '`pending` of `work/stats`.',
  },
  anthropic_work_queue_oldest_timestamp_seconds: {
    ...observed,
    labels: [...E],
    unit: 'seconds',
    help: "When the oldest waiting or pending item was queued, Unix time by the API's clock, as of the exporter's own last poll.",
    source: '`oldest_queued_at` of `work/stats`, uncorrected.',
    absent: 'the queue is empty, or the API does not say',
  },
  anthropic_work_queue_oldest_age_seconds: {
    ...observed,
    labels: [...E],
    unit: 'seconds',
    help: "Age of the oldest waiting or pending item at the time of the scrape, 0 when the queue was empty at the exporter's own last poll.",
    source: '`oldest_queued_at` of `work/stats` against now, corrected by the measured clock skew, never negative.',
    absent: 'work waits and the API does not say since when',
  },
  anthropic_work_queue_age_unknown: {
    ...observed,
    labels: [...E],
    help: "1 when work waits and the API does not say since when, as of the exporter's own last poll, else 0.",
    source: '`depth + pending` above 0, and an `oldest_queued_at` that is null, missing, unreadable or in the future.',
  },
  anthropic_work_workers_polling: {
    ...observed,
    labels: [...E],
    help: "Distinct workers that asked for work in the 30 s before the exporter's own last poll; a busy worker may not ask.",
    source: '`workers_polling` of `work/stats`.',
    absent: 'the API answers null',
  },
} as const satisfies Record<string, MetricDefinition>;
