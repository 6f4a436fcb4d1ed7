import { type CountedOperation, OPERATIONS, type Operation } from '../../domain/environment.ts';
import { FAILURE_REASONS } from '../../domain/failure.ts';
import { heldBackUntil } from '../../state/changes.ts';
import type { EnvironmentState } from '../../state/environment-state.ts';
import type { POLL_METRICS } from '../catalogue/poll-metrics.ts';
import type { Freshness } from './freshness.ts';
import { type Measures, perOperation, secondsOrNull } from './measure.ts';

/** How the reads go: present through every failure. */
export const POLL_MEASURES = {
  anthropic_work_up: (state, context) => perOperation(context, (operation) => (isUp(state, operation) ? 1 : 0)),
  anthropic_work_last_success_timestamp_seconds: ({ operations }, context) =>
    perOperation(context, (operation) => secondsOrNull(operations[operation].lastSuccessAt)),
  anthropic_work_last_poll_duration_seconds: ({ operations }, context) =>
    perOperation(context, (operation) => operations[operation].lastDurationSeconds),
  anthropic_work_backoff_until_timestamp_seconds: (state, context) =>
    perOperation(context, (operation) => secondsOrNull(heldBackUntil(state, operation))),
  anthropic_work_api_requests_total: (state, { fresh }) =>
    counted(state, fresh).map(({ operation, requests }) => ({ labels: { operation }, value: requests })),
  anthropic_work_api_request_failures_total: (state, { fresh }) =>
    counted(state, fresh).flatMap(({ operation, failuresByReason }) =>
      FAILURE_REASONS.map((reason) => ({ labels: { operation, reason }, value: failuresByReason[reason] })),
    ),
} satisfies Measures<keyof typeof POLL_METRICS>;

/** What requests are counted for: both operations, and sessions if any were sent or may be. */
function counted({ operations, sessions }: EnvironmentState, { shown }: Freshness) {
  const reads = OPERATIONS.filter((operation) => shown[operation]).map((operation) => ({
    operation: operation as CountedOperation,
    ...operations[operation],
  }));
  if (sessions === undefined || (!sessions.attempted && sessions.requests === 0)) return reads;
  const { requests, failuresByReason } = sessions;
  return [...reads, { operation: 'session' as const, requests, failuresByReason }];
}

/** A cloud environment answers its stats but has no queue: it is down for both, never healthy and empty. */
function isUp({ operations }: EnvironmentState, operation: Operation): boolean {
  const { failure, lastSuccessAt } = operations[operation];
  if (OPERATIONS.some((other) => operations[other].failure?.reason === 'not_self_hosted')) return false;
  return failure === null && lastSuccessAt !== null;
}
