import type { Fault } from './faults.ts';
import { Rejection, type RejectionDetails, TYPE_OF_STATUS } from './rejection.ts';

/** The error envelope: docs/design/work-api.md#errors. */
export function errorJson(rejection: Rejection, requestId: string | null): Readonly<Record<string, unknown>> {
  const { type, message, details } = rejection;
  return {
    type: 'error',
    error: { type, message, ...(details === null ? {} : { details }) },
    request_id: requestId,
  };
}

/** The rejection that a fault causes, with its headers; null when the fault lets the request through. */
export function rejectionOfFault(fault: Fault): { rejection: Rejection; headers: Record<string, string> } | null {
  if (fault.kind === 'revoked') {
    return { rejection: new Rejection(401, 'OAuth access token has been revoked.', { anonymous: true }), headers: {} };
  }
  if (fault.kind !== 'status') return null;
  const details: RejectionDetails | null = fault.errorCode === undefined ? null : { error_code: fault.errorCode };
  const type = TYPE_OF_STATUS[fault.status] ?? (fault.status < 500 ? 'invalid_request_error' : 'api_error');
  const rejection = new Rejection(fault.status, `Simulated failure with status ${fault.status}`, {
    type,
    ...(details === null ? {} : { details }),
  });
  const headers: Record<string, string> = {};
  if (fault.retryAfterSeconds !== undefined) headers['retry-after'] = String(fault.retryAfterSeconds);
  if (fault.shouldRetry !== undefined) headers['x-should-retry'] = String(fault.shouldRetry);
  return { rejection, headers };
}

const START_CURSOR = 'page_start';

/** The cursor that an empty page's cursor was made from; null for the start of the list. */
export function plainCursor(cursor: string | null): string | null {
  const plain = cursor?.replace(/~+$/, '') ?? null;
  return plain === START_CURSOR ? null : plain;
}

/** A good answer as faults change it. */
export function faultyBody(body: unknown, faults: readonly Fault[], cursor: string | null): unknown {
  if (typeof body !== 'object' || body === null) return body;
  if ('oldest_queued_at' in body && faults.some(({ kind }) => kind === 'no_oldest')) {
    return { ...body, oldest_queued_at: null };
  }
  if (!('next_page' in body) && !('has_more' in body)) return body;
  if (faults.some(({ kind }) => kind === 'more_without_cursor')) {
    return { ...body, next_page: null, has_more: true, last_id: null };
  }
  // Leads back to the items that this page does not show, by a cursor not seen before.
  const same = `${cursor ?? START_CURSOR}~`;
  if (faults.some(({ kind }) => kind === 'empty_page')) return { ...body, data: [], next_page: same };
  if (cursor !== null && faults.some(({ kind }) => kind === 'repeat_cursor')) return { ...body, next_page: cursor };
  return body;
}

/** The cursor in the query of a request for a page; null for the first page. */
export function cursorOf({ page }: Readonly<Record<string, unknown>>): string | null {
  return typeof page === 'string' && plainCursor(page) !== null ? page : null;
}

export const GARBAGE = '<html><body><h1>502 Bad Gateway</h1></body></html>';
