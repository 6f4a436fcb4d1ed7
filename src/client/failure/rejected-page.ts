import { ApiError } from './api-error.ts';

/** What a parameter gets that is not accepted: 422 from frameworks that check parameters by themselves. */
const REJECTED_PARAMETER = [400, 422] as const;
/** What a cursor gets that is no longer accepted: nothing else in a request with a cursor can be wrong. */
export const REJECTED_CURSOR: readonly number[] = [...REJECTED_PARAMETER, 404, 410];

/** Whether a request with a cursor failed because of the cursor. */
export function rejectsCursor(error: unknown): error is ApiError {
  return error instanceof ApiError && isOneOf(REJECTED_CURSOR, error);
}

/**
 * Whether a smaller page may do: the size of the first one was rejected, or a page holds more than is accepted of one
 * answer. `page` is the cursor of the request, null for the first page.
 */
export function rejectsPageSize(error: unknown, page: string | null): error is ApiError {
  if (!(error instanceof ApiError)) return false;
  return error.tooMuch || (page === null && isOneOf(REJECTED_PARAMETER, error));
}

function isOneOf(statuses: readonly number[], { failure: { httpStatus } }: ApiError): boolean {
  return httpStatus !== null && statuses.includes(httpStatus);
}
