import { ApiError } from '../../src/client/failures.ts';
import type { Failure, FailureReason } from '../../src/domain/failure.ts';

export function failure(reason: FailureReason, change: Partial<Failure> = {}): Failure {
  return {
    reason,
    httpStatus: null,
    requestId: 'req_failed',
    message: `the API answered ${reason}`,
    remedy: 'do this',
    ...change,
  };
}

export function apiError(
  reason: FailureReason,
  change: Partial<Failure> & { retryAfterMs?: number; tooMuch?: boolean } = {},
): ApiError {
  const { retryAfterMs = null, tooMuch = false, ...rest } = change;
  return new ApiError(failure(reason, rest), { retryAfterMs, tooMuch, requests: 1 });
}
