import { DURATION_BUCKETS, STOP_BUCKETS } from '../../domain/histogram.ts';
import { ENVIRONMENT_LABELS as E, type MetricDefinition } from './metric-definition.ts';

const counter = { type: 'counter', group: 'list', presence: 'counted', labels: [...E] } as const;
const histogram = { ...counter, type: 'histogram', unit: 'seconds' } as const;

/** Transitions of work items, counted once by the API's own timestamps, however often an item is read. */
export const LIFECYCLE_METRICS = {
  anthropic_work_items_created_total: {
    ...counter,
    help: "Items created, each counted once, found by the exporter's own polls of the list.",
    source: '`created_at` in the list.',
  },
  anthropic_work_items_acknowledged_total: {
    ...counter,
    help: "Items acknowledged by a worker, each run counted once, found by the exporter's own polls of the list.",
    source: '`acknowledged_at` in the list.',
  },
  anthropic_work_items_stopped_total: {
    ...counter,
    help: "Items stopped, each run counted once, found by the exporter's own polls of the list.",
    source: '`stopped_at` in the list.',
  },
  anthropic_work_items_requeued_total: {
    ...counter,
    help: "Items queued again after a stop: a dormant session woke up. Found by the exporter's own polls of the list.",
    source: 'The list: the same id, stopped and then queued again. Normal.',
  },
  anthropic_work_items_lapsed_total: {
    ...counter,
    help: "Items queued again without a stop: a worker lost its lease. Found by the exporter's own polls of the list.",
    source:
      'The list: starting, active or stopping, then queued: a fault. After failing reads of the list, those that ended and woke up meanwhile may be among them.',
  },
  anthropic_work_queue_wait_seconds: {
    ...histogram,
    buckets: DURATION_BUCKETS,
    help: "Time sessions waited from being queued to being acknowledged, by the API's stamps, found by the exporter's own polls of the list.",
    source: '`acknowledged_at` − queued since, sessions only.',
  },
  anthropic_work_queue_wait_unknown_total: {
    ...counter,
    help: "Waits omitted from the histogram, because the time of queueing is uncertain by more than a minute in the exporter's own polls of the list.",
    source: 'Runs whose time of queueing is uncertain by more than a minute.',
  },
  anthropic_work_run_seconds: {
    ...histogram,
    buckets: DURATION_BUCKETS,
    help: "Time from acknowledgement to stop, by the API's stamps, found by the exporter's own polls of the list.",
    source: '`stopped_at` − `acknowledged_at`.',
  },
  anthropic_work_stop_seconds: {
    ...histogram,
    buckets: STOP_BUCKETS,
    help: "Time from the request to stop to the stop, by the API's stamps, found by the exporter's own polls of the list.",
    source: '`stopped_at` − `stop_requested_at`.',
  },
} as const satisfies Record<string, MetricDefinition>;
