import type { Socket } from 'node:net';
import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify';
import { errorText } from '../base/errors.ts';
import { answerError } from './http/answer-error.ts';
import type { ServerDeps } from './http/server-deps.ts';

/** On every answer, errors included. */
export const SECURITY_HEADERS = {
  'cache-control': 'no-store',
  'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
  'cross-origin-resource-policy': 'same-origin',
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
} as const;

/** Errors before or inside a handler. The text of an unexpected error goes to the log, never to the caller. */
export function answerFrameworkError<Format>(
  { logger }: ServerDeps<Format>,
  error: FastifyError,
  { request, reply }: { request: FastifyRequest; reply: FastifyReply },
): FastifyReply {
  reply.headers(SECURITY_HEADERS);
  const status = error.statusCode ?? 500;
  if (status < 500) {
    const code = status === 413 ? 'body_too_large' : 'bad_request';
    const message = status === 413 ? 'The request has too large a body.' : 'The request cannot be understood.';
    return answerError(request, reply, { status, code, message, remedy: 'Send it as the documentation shows.' });
  }
  const fields = { event: 'request.failed', error: errorText(error), route: request.routeOptions.url ?? null };
  logger.error(fields, 'a request could not be answered');
  return answerError(request, reply, {
    status: 500,
    code: 'internal_error',
    message: 'The exporter could not answer this request.',
    remedy: 'Its log says why; please report it.',
  });
}

/** Not HTTP, or headers too large or too late: there is no request to answer, only a socket to close. */
export function answerBrokenRequest(error: Error & { code?: string }, socket: Socket): void {
  if (error.code === 'ECONNRESET' || !socket.writable || socket.destroyed) {
    socket.destroy();
    return;
  }
  const status =
    error.code === 'ERR_HTTP_REQUEST_TIMEOUT'
      ? '408 Request Timeout'
      : error.code === 'HPE_HEADER_OVERFLOW'
        ? '431 Request Header Fields Too Large'
        : '400 Bad Request';
  socket.end(`HTTP/1.1 ${status}\r\nconnection: close\r\ncontent-length: 0\r\n\r\n`);
}
