import { COUNTED_OPERATIONS, OPERATIONS } from '../../domain/environment.ts';
import { FAILURE_REASONS } from '../../domain/failure.ts';
import { ENVIRONMENT_LABELS as E, type MetricDefinition } from './metric-definition.ts';

const poll = {
  type: 'gauge',
  group: 'polls',
  presence: 'attempted',
  labels: [...E, 'operation'],
  values: { operation: OPERATIONS },
} as const;

/** How the exporter's own reads of one environment go. */
export const POLL_METRICS = {
  anthropic_work_up: {
    ...poll,
    help: "1 when the exporter's last read of this operation succeeded, 0 until the first success and at once after a failure.",
    source: 'The last read. A cloud environment is 0 for both operations, although its stats answer.',
  },
  anthropic_work_last_success_timestamp_seconds: {
    ...poll,
    presence: 'known',
    unit: 'seconds',
    help: "When the exporter's last good read ended, Unix time.",
    source: "The exporter's own clock.",
  },
  anthropic_work_last_poll_duration_seconds: {
    ...poll,
    presence: 'known',
    unit: 'seconds',
    help: "How long the exporter's last read took, retries and pages included.",
    source: "The exporter's own clock.",
  },
  anthropic_work_backoff_until_timestamp_seconds: {
    ...poll,
    presence: 'known',
    unit: 'seconds',
    help: 'Until when the exporter delays its own reads after failures or after a 429 to its connection, Unix time.',
    source:
      'At most 5 min ahead for every reason, 60 s for 401, 403 and 404. After a 429 it is there for every environment of the connection, also where `anthropic_work_up` is 1.',
    absent: 'the exporter is not holding back',
  },
  anthropic_work_api_requests_total: {
    ...poll,
    type: 'counter',
    values: { operation: COUNTED_OPERATIONS },
    help: 'Requests the exporter sent for this environment, retries, pages and single reads included.',
    source: 'Every request sent; reads of a single item count as `list`. `session` exists where sessions are read.',
  },
  anthropic_work_api_request_failures_total: {
    ...poll,
    type: 'counter',
    labels: [...E, 'operation', 'reason'],
    values: { operation: COUNTED_OPERATIONS, reason: FAILURE_REASONS },
    help: 'Requests the exporter sent for this environment that failed, by reason.',
    source: 'Every failed request; all reasons exist at 0 from the start.',
  },
} as const satisfies Record<string, MetricDefinition>;
