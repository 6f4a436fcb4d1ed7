import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify';
import { ExporterError, errorText, systemErrorCode } from '../base/errors.ts';
import type { Logger } from '../base/logger.ts';
import type { StateStore } from '../state/environment-state.ts';
import { MOST_ANSWERS } from './answers.ts';

/** Every error that a request is answered with, as docs/reference.md#errors lists them. */
export const ERRORS = {
  bad_request: [400, 'The request cannot be understood.', 'Send it as the documentation shows.'],
  config_rejected: [
    400,
    'The new configuration was rejected; the old one stays in force.',
    'Fix the problems and reload again; the command check shows them too.',
  ],
  drill_invalid: [
    400,
    'The address does not say which drill to begin.',
    'Ask for POST /-/drill?condition=no_workers&minutes=10.',
  ],
  environment_id_missing: [
    400,
    'The request does not say which environment to probe.',
    'Ask for /probe?environment_id=ID, once and not empty; GET /api/v1/sd lists what can be probed.',
  ],
  login_required: [401, 'A login is required.', 'Send a user and password of basic_auth_users.'],
  client_certificate: [
    403,
    'A client certificate is required.',
    'Connect with a certificate that client_ca_file and client_allowed_sans accept.',
  ],
  lifecycle_off: [
    403,
    'Reload and drill over HTTP are switched off; SIGHUP reloads, too.',
    'Set server.lifecycle to loopback or anyone.',
  ],
  cross_site: [
    403,
    'A web page of another origin may not change the process.',
    'Send the request without a browser, for instance with curl -X POST.',
  ],
  not_loopback: [
    403,
    'Only a request from this machine, without a proxy, may change the process.',
    'Send it from the same host to http://localhost or http://127.0.0.1, or set server.lifecycle to anyone, behind a firewall.',
  ],
  not_found: [404, 'There is no such page.', 'The page at / has links to what there is.'],
  environment_unknown: [
    404,
    'This process watches no environment with that id.',
    'GET /api/v1/environments lists those it watches; with shards, another process may have it.',
  ],
  alert_unknown: [404, 'There is no alert of that name.', 'GET /runbooks lists those that there are.'],
  no_drill: [404, 'No drill is running.', 'Begin one with POST /-/drill or the command drill.'],
  method_not_allowed: [405, 'This method is not possible here.', 'Use one of those that the header Allow names.'],
  drill_running: [409, 'A drill runs already.', 'End it first: DELETE /-/drill.'],
  body_too_large: [413, 'The request has too large a body.', 'No route needs one.'],
  other_host: [
    421,
    'This exporter is not known under that name.',
    'Use its IP address or localhost, or add the name to server.allowed_hosts.',
  ],
  rate_limited: [429, 'More requests than rate_limit allows.', 'Ask again later, or raise rate_limit.burst.'],
  internal_error: [500, 'The exporter could not answer this request.', 'Its log says why; please report it.'],
  unknown_encoding: [
    501,
    'The request has a Transfer-Encoding that is not known.',
    'Use chunked, or a Content-Length.',
  ],
  unknown_method: [501, 'No route has this method.', 'Use GET.'],
  over_budget: [
    503,
    'The request budget of the connection has nothing left for this probe.',
    'Probe less often, or raise requests_per_minute where the API allows it.',
  ],
  scaling_unknown: [503, 'How many workers are needed is not known.', 'Keep the number of workers.'],
  too_many_logins: [503, 'Too many logins are being checked.', 'Ask again in a second.'],
  too_many_requests_in_flight: [
    503,
    `More than ${MOST_ANSWERS} answers are under way.`,
    'Ask again in a second; find out which client does not read its answers.',
  ],
  unknown_version: [505, 'The request is not in HTTP/1.1.', 'Use HTTP/1.1 or HTTP/1.0.'],
} as const satisfies Readonly<Record<string, readonly [status: number, message: string, remedy: string]>>;

export type ErrorCode = keyof typeof ERRORS;

/** What an error of a code says in place of the words of the table. */
interface ErrorWords {
  readonly message?: string;
  readonly remedy?: string;
}

const JSON_ROUTE = /^\/(?:api\/|-\/(?:reload|drill))/;

/** Answers with a newline at the end, so that a terminal's prompt stays on its own line. */
export function answerJson(reply: FastifyReply, body: unknown): FastifyReply {
  return reply.type('application/json; charset=utf-8').send(`${JSON.stringify(body)}\n`);
}

/** Answers in JSON where programs ask, in plain text where people do. */
export function answerError(request: FastifyRequest, reply: FastifyReply, code: ErrorCode, words: ErrorWords = {}) {
  const [status, message, remedy] = ERRORS[code];
  const error = { code, message, remedy, ...words };
  reply.code(status);
  if (JSON_ROUTE.test(request.url)) return answerJson(reply, { error });
  return reply.type('text/plain; charset=utf-8').send(`${error.message}\n${error.remedy}\n`);
}

/** To a request for an environment that is not watched. People ask by the name. */
export function answerUnknown(request: FastifyRequest, reply: FastifyReply, asked: string, states: StateStore) {
  const found = states.all().find(({ environment }) => environment.name === asked);
  const words = found === undefined ? {} : { remedy: `That is a name; the id is ${found.environment.id}.` };
  return answerError(request, reply, 'environment_unknown', words);
}

/** An error before or inside a handler. The text of an unexpected one goes to the log, never to the caller. */
export function answerFrameworkError(
  logger: Logger,
  error: FastifyError,
  request: FastifyRequest,
  reply: FastifyReply,
): FastifyReply {
  const status = error.statusCode ?? 500;
  if (status < 500) return answerError(request, reply, status === 413 ? 'body_too_large' : 'bad_request');
  const fields = { event: 'request.failed', error: errorText(error), route: request.routeOptions.url ?? null };
  logger.error(fields, 'a request could not be answered');
  return answerError(request, reply, 'internal_error');
}

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
