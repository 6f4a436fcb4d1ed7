import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify';
import { ExporterError, errorText, systemErrorCode } from '../base/errors.ts';
import type { Logger } from '../base/logger.ts';
import type { StateStore } from '../state/environment-state.ts';

/** An error in the form in which every JSON route answers it: docs/reference.md#errors. */
export interface ErrorAnswer {
  readonly status: number;
  readonly code: string;
  readonly message: string;
  readonly remedy: string;
}

const JSON_ROUTE = /^\/(?:api\/|-\/(?:reload|drill))/;

/** Answers with a newline at the end, so that a terminal's prompt stays on its own line. */
export function answerJson(reply: FastifyReply, body: unknown): FastifyReply {
  return reply.type('application/json; charset=utf-8').send(`${JSON.stringify(body)}\n`);
}

/** Answers in JSON where programs ask, in plain text where people do. */
export function answerError(request: FastifyRequest, reply: FastifyReply, { status, ...error }: ErrorAnswer) {
  reply.code(status);
  if (JSON_ROUTE.test(request.url)) return answerJson(reply, { error });
  return reply.type('text/plain; charset=utf-8').send(`${error.message}\n${error.remedy}\n`);
}

/** Names of more than this many environments are not listed. */
const MOST_IDS = 3;

/** To a request for an environment that is not watched; `list` is what lists the others. People ask by the name. */
export function environmentUnknown(asked: string, states: Pick<StateStore, 'all'>, list: string): ErrorAnswer {
  const ids = states.all().flatMap(({ environment: { id, name } }) => (name === asked ? id : []));
  return {
    status: 404,
    code: 'environment_unknown',
    message: 'This process watches no environment with that id.',
    remedy:
      ids.length > 0
        ? `That is a name; the id is ${ids.slice(0, MOST_IDS).join(' or ')}.`
        : `GET ${list} lists those it watches; with shards, another process may have it.`,
  };
}

/** An error before or inside a handler. The text of an unexpected one goes to the log, never to the caller. */
export function answerFrameworkError(
  logger: Logger,
  error: FastifyError,
  request: FastifyRequest,
  reply: FastifyReply,
): FastifyReply {
  const status = error.statusCode ?? 500;
  if (status === 413) return answerError(request, reply, BODY_TOO_LARGE);
  if (status < 500) return answerError(request, reply, { ...BAD_REQUEST, status });
  const fields = { event: 'request.failed', error: errorText(error), route: request.routeOptions.url ?? null };
  logger.error(fields, 'a request could not be answered');
  return answerError(request, reply, INTERNAL);
}

const BODY_TOO_LARGE = {
  status: 413,
  code: 'body_too_large',
  message: 'The request has too large a body.',
  remedy: 'No route needs one.',
};
const BAD_REQUEST = {
  code: 'bad_request',
  message: 'The request cannot be understood.',
  remedy: 'Send it as the documentation shows.',
};
const INTERNAL = {
  status: 500,
  code: 'internal_error',
  message: 'The exporter could not answer this request.',
  remedy: 'Its log says why; please report it.',
};

/** Not HTTP, or too large a head: there is no request to answer, only a socket to close. */
export function answerClientError({ code }: Error & { readonly code?: string }, socket: Socket): void {
  if (code === 'ECONNRESET') socket.destroy();
  else answerBroken(socket, code === 'HPE_HEADER_OVERFLOW' ? '431 Request Header Fields Too Large' : '400 Bad Request');
}

/** Answers with a status alone, and ends the connection. */
export function answerBroken(socket: Duplex, status: string): void {
  if (!socket.writable) socket.destroy();
  else socket.end(`HTTP/1.1 ${status}\r\nconnection: close\r\ncontent-length: 0\r\n\r\n`);
}

/** The server could not listen on its address; the process ends with exit code 3. */
export class ListenError extends ExporterError {
  constructor(host: string, port: number, cause: unknown) {
    const code = systemErrorCode(cause) ?? '';
    const [what, remedy] = LISTEN_FAULTS[code] ?? [errorText(cause), 'Choose an address of this machine'];
    super('cannot_listen', `Cannot listen on ${address(host, port)}: ${what}.`, {
      cause,
      remedy: `${remedy} with --listen HOST:PORT, for instance 0.0.0.0:9877.`,
    });
  }
}

const LISTEN_FAULTS: Readonly<Record<string, readonly [what: string, remedy: string]>> = {
  EADDRINUSE: [
    'the port is taken by another process',
    'Stop the process that listens there, or choose another address',
  ],
  EACCES: ['permission denied', 'Ports below 1024 need a privilege: choose a higher one'],
  EADDRNOTAVAIL: ['no network interface of this machine has that address', 'Choose an address of this machine'],
  ENOTFOUND: ['the host name has no address', 'Choose an address of this machine'],
  EAI_AGAIN: ['the host name has no address', 'Choose an address of this machine'],
};

/** `HOST:PORT`, with an IPv6 host in brackets. */
export function address(host: string, port: number): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
}
