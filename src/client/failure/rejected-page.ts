import { ApiError } from './api-error.ts';

/** The statuses for a parameter that is not accepted; 422 is that of frameworks which check parameters themselves. */
const REJECTED_PARAMETER = [400, 422] as const;
/** The statuses for a cursor that is no longer accepted: nothing else in a request with a cursor can be wrong. */
export const REJECTED_CURSOR: readonly number[] = [...REJECTED_PARAMETER, 404, 410];

/** Whether a request with a cursor failed because of the cursor. */
export function rejectsCursor(error: unknown): error is ApiError {
  return error instanceof ApiError && isOneOf(REJECTED_CURSOR, error);
}

/**
 * Whether a smaller page may succeed: the size of the first one was rejected, or the answer was larger than the client
 * accepts. `page` is the cursor of the request, null for the first page.
 */
export function rejectsPageSize(error: unknown, page: string | null): error is ApiError {
  if (!(error instanceof ApiError)) return false;
  return error.tooMuch || (page === null && isOneOf(REJECTED_PARAMETER, error));
}

function isOneOf(statuses: readonly number[], { failure: { httpStatus } }: ApiError): boolean {
  return httpStatus !== null && statuses.includes(httpStatus);
}
