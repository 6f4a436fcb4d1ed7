import type { Operation } from '../../domain/environment.ts';
import { nextAttemptAt } from '../../state/changes.ts';
import type { EnvironmentState, OperationState } from '../../state/environment-state.ts';
import { jsonDuration, jsonTime } from './json-values.ts';
import { withoutPaths } from './without-paths.ts';

/** One operation's polls as docs/reference.md#json-of-an-environment shows them. */
export function operationJson(state: EnvironmentState, name: Operation) {
  const { operations } = state;
  const operation = operations[name];
  const status = operationStatus(operation);
  const failure = status === 'failing' ? operation.failure : null;
  return {
    status,
    credential: operation.credential,
    interval_seconds: jsonDuration(operation.scheduledIntervalMs),
    last_attempt_at: jsonTime(operation.lastAttemptAt),
    last_success_at: jsonTime(operation.lastSuccessAt),
    next_attempt_at: jsonTime(nextAttemptAt(state, name)),
    consecutive_failures: operation.consecutiveFailures,
    error:
      failure === null
        ? null
        : {
            reason: failure.reason,
            http_status: failure.httpStatus,
            request_id: failure.requestId,
            message: failure.message,
            remedy: withoutPaths(failure.remedy),
            since: jsonTime(failure.since),
          },
  };
}

function operationStatus({ attempted, failure, lastAttemptAt }: OperationState) {
  if (!attempted) return 'not_attempted';
  if (failure !== null) return 'failing';
  return lastAttemptAt === null ? 'pending' : 'ok';
}
