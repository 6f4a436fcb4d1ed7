import { COUNTED_OPERATIONS, type CountedOperation, OPERATIONS } from '../domain/environment.ts';
import { FAILURE_REASONS } from '../domain/failure.ts';
import { type QueueStats, queueAgeMs } from '../domain/work.ts';
import type { OperationState } from '../state/environment-state.ts';
import { heldBackUntil } from '../state/staleness.ts';
import { perOperation } from './configuration-metrics.ts';
import { type EnvironmentMetric, type Look, seconds } from './metric.ts';

const poll = { type: 'gauge', labels: { operation: OPERATIONS }, group: 'polls', presence: 'attempted' } as const;
const ofPolls = { ...poll, presence: 'known' } as const;
const counter = { ...poll, type: 'counter', labels: { operation: COUNTED_OPERATIONS } } as const;

/** What `work/stats` answered at the exporter's last good read, while it is recent enough. */
export const STATS_METRICS = {
  anthropic_work_queue_depth: ofStats('Items waiting to be claimed, as of the last poll.', ({ depth }) => depth),
  anthropic_work_queue_pending: ofStats(
    'Items claimed and not yet acknowledged, as of the last poll.',
    ({ pending }) => pending,
  ),
  anthropic_work_queue_oldest_timestamp_seconds: {
    ...ofStats(
      "When the oldest waiting or pending item was queued, Unix time by the API's clock, as of the last poll.",
      // An empty queue has no oldest item, whatever stamp comes with its zeros.
      ({ depth, pending, oldestQueuedAt }) => (depth + pending === 0 ? null : seconds(oldestQueuedAt)),
    ),
    absent: 'the queue is empty, or the API does not say',
  },
  anthropic_work_queue_oldest_age_seconds: {
    ...ofStats(
      'Age of the oldest waiting or pending item at the time of the scrape, 0 when the queue was empty at the last poll.',
      (queue, apiNow) => seconds(queueAgeMs(queue, apiNow)),
    ),
    absent: 'work waits and the API does not say since when',
  },
  anthropic_work_queue_age_unknown: ofStats(
    '1 when work waits and the API does not say since when, as of the last poll, else 0.',
    (queue, apiNow) => Number(queueAgeMs(queue, apiNow) === null),
  ),
  anthropic_work_workers_polling: {
    ...ofStats(
      'Distinct workers that asked for work in the 30 s before the last poll; a busy worker may not ask.',
      ({ workersPolling }) => workersPolling,
    ),
    absent: 'the API answers null',
  },
} as const satisfies Record<string, EnvironmentMetric>;

/** How the exporter's own reads of one environment go: present through every failure. */
export const POLL_METRICS = {
  anthropic_work_up: {
    ...poll,
    help: "1 when the exporter's last read of this operation succeeded, 0 until the first success and at once after a failure.",
    note: 'A cloud environment has 0 for both operations, although its stats answer.',
    measure: perOperation(({ state: { operations } }, operation) => {
      const { failure, lastSuccessAt } = operations[operation];
      // A cloud environment answers its stats but has no queue: never healthy and empty.
      const isCloud = OPERATIONS.some((one) => operations[one].failure?.reason === 'not_self_hosted');
      return Number(!isCloud && failure === null && lastSuccessAt !== null);
    }),
  },
  anthropic_work_last_success_timestamp_seconds: {
    ...ofPolls,
    help: "When the exporter's last good read ended, Unix time.",
    measure: perOperation(({ state }, operation) => seconds(state.operations[operation].lastSuccessAt)),
  },
  anthropic_work_last_poll_duration_seconds: {
    ...ofPolls,
    help: "How long the exporter's last read took, retries and pages included.",
    measure: perOperation(({ state }, operation) => state.operations[operation].lastDurationSeconds),
  },
  anthropic_work_backoff_until_timestamp_seconds: {
    ...ofPolls,
    help: 'Until when the exporter delays its own reads after failures or after a 429 to its connection, Unix time.',
    note: 'At most 5 min ahead; 60 s after 401, 403 and 404. A 429 sets it for every environment of the connection.',
    absent: 'the exporter is not holding back',
    measure: perOperation((look, operation) => seconds(heldBackUntil(look, operation))),
  },
  anthropic_work_api_requests_total: {
    ...counter,
    help: 'Requests the exporter sent for this environment, retries, pages and single reads included.',
    measure: (look) => counted(look).map(([operation, { requests }]) => ({ values: [operation], value: requests })),
  },
  anthropic_work_api_request_failures_total: {
    ...counter,
    labels: { ...counter.labels, reason: FAILURE_REASONS },
    help: 'Requests the exporter sent for this environment that failed, by reason.',
    measure: (look) =>
      counted(look).flatMap(([operation, { failuresByReason }]) =>
        FAILURE_REASONS.map((reason) => ({ values: [operation, reason], value: failuresByReason[reason] })),
      ),
  },
} as const satisfies Record<string, EnvironmentMetric>;

function ofStats(help: string, read: (stats: QueueStats, apiNow: number) => number | null) {
  const measure = ({ state: { queue }, fresh, apiNow }: Look) =>
    fresh.stats && queue !== null ? read(queue.stats, apiNow) : null;
  return { type: 'gauge', labels: {}, group: 'stats', presence: 'stats', help, measure } as const;
}

type Counted = Pick<OperationState, 'requests' | 'failuresByReason'>;

/** What requests are counted for: both operations, and sessions if any were sent or may be. */
function counted({ state: { operations, sessions } }: Look): (readonly [CountedOperation, Counted])[] {
  const read = OPERATIONS.filter((operation) => operations[operation].attempted);
  const all = read.map((operation) => [operation, operations[operation]] as const);
  const hasSessions = sessions !== null && (sessions.attempted || sessions.requests > 0);
  return hasSessions ? [...all, ['session', sessions]] : all;
}
