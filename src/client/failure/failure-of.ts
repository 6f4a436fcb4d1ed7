import type { Failure } from '../../domain/failure.ts';
import { ApiError } from './api-error.ts';

/** Whatever a call threw, as a value that is safe to store and show. */
export function failureOf(error: unknown): Failure {
  return error instanceof ApiError ? error.failure : unexpected(error);
}

/**
 * A bug in this program must show as a failing read, not end the process. The error's text may quote anything: keep its
 * name only.
 */
function unexpected(error: unknown): Failure {
  return {
    reason: 'bad_response',
    httpStatus: null,
    requestId: null,
    message: `the read ended with an unexpected ${error instanceof Error ? error.name : typeof error}`,
    remedy: 'This is a bug in the exporter: please report it with the log at level debug.',
  };
}
