import type { FastifyReply } from 'fastify';
import { Rejection, type RejectionDetails, TYPE_OF_STATUS } from '../queue/rejection.ts';
import type { Fault } from '../scenarios/fault.ts';
import type { EventStream } from './api-call.ts';

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

/** Announces a whole body, sends half of it and closes the connection. */
export function sendTruncated(reply: FastifyReply, body: string): void {
  reply.hijack();
  const bytes = Buffer.from(body);
  reply.raw.writeHead(200, { 'content-type': 'application/json', 'content-length': String(bytes.length) });
  reply.raw.write(bytes.subarray(0, Math.floor(bytes.length / 2)), () => reply.raw.destroy());
}

/** Closes the connection without an answer. */
export function cutConnection(reply: FastifyReply): void {
  reply.hijack();
  reply.raw.destroy();
}

export const GARBAGE = '<html><body><h1>502 Bad Gateway</h1></body></html>';

/** Turns an answer into server-sent events. Each frame has an `event:` line: clients skip frames without one. */
export function openStream(
  reply: FastifyReply,
  headers: Readonly<Record<string, string>>,
  closed: () => void,
): EventStream {
  reply.hijack();
  const { raw } = reply;
  raw.writeHead(200, { ...headers, 'content-type': 'text/event-stream', 'cache-control': 'no-cache' });
  raw.flushHeaders();
  // The request closes once its body is read; only the answer shows that the client has gone.
  raw.on('close', closed);
  return { send: (event) => void raw.write(`event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`) };
}
