import type { ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { type Duplex, Readable } from 'node:stream';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify';
import Negotiator from 'negotiator';
import type { Clock } from '../base/clock.ts';
import { ExporterError, errorText } from '../base/errors.ts';
import type { Logger } from '../base/logger.ts';
import type { EnvironmentState, StateStore } from '../state/environment-state.ts';

/** Every error that a request is answered with, as docs/reference.md#errors lists them. */
export const ERRORS = {
  bad_request: [400, 'The request cannot be understood.', 'Send it as the documentation shows.'],
  config_rejected: [
    400,
    'The new configuration was rejected; the old one stays.',
    'Fix the problems and reload again.',
  ],
  drill_invalid: [400, 'The address does not say which drill to begin.', 'Ask for POST /-/drill?condition=no_workers.'],
  environment_id_missing: [400, 'It is not said which environment to probe.', 'Ask for /probe?environment_id=ID.'],
  login_required: [401, 'A login is required, or it is wrong.', 'Send a user and password of basic_auth_users.'],
  client_certificate: [
    403,
    'There is no client certificate that is accepted.',
    'See client_ca_file and client_allowed_sans.',
  ],
  lifecycle_off: [403, 'Reload and drill over HTTP are switched off.', 'Send SIGHUP, or set server.lifecycle.'],
  cross_site: [403, 'A web page of another origin may not change the process.', 'Use curl -X POST, and no browser.'],
  not_loopback: [
    403,
    'Only a request from this machine, without a proxy, may change the process.',
    'Send it to http://localhost from the same host, or set server.lifecycle to anyone, behind a firewall.',
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
  other_host: [421, 'This exporter is not known under that name.', 'Use its address, or set server.allowed_hosts.'],
  rate_limited: [429, 'More requests than rate_limit allows.', 'Ask again later, or raise rate_limit.burst.'],
  internal_error: [500, 'The exporter could not answer this request.', 'Its log says why; please report it.'],
  over_budget: [503, 'The request budget of the connection has nothing left for this probe.', 'Probe less often.'],
  scaling_unknown: [503, 'How many workers are needed is not known.', 'Keep the number of workers.'],
  too_many_logins: [503, 'Too many logins are being checked.', 'Ask again in a second.'],
  too_many_requests_in_flight: [503, 'Too many answers are under way.', 'Find out which client does not read them.'],
} as const satisfies Readonly<Record<string, readonly [status: number, message: string, remedy: string]>>;

export type ErrorCode = keyof typeof ERRORS;

const JSON_ROUTE = /^\/(?:api\/|-\/(?:reload|drill))/;

/** Answers with a newline at the end, so that a terminal's prompt stays on its own line. */
export function answerJson(reply: FastifyReply, body: unknown): FastifyReply {
  return reply.type('application/json; charset=utf-8').send(`${JSON.stringify(body)}\n`);
}

interface RefusalDetails {
  /** In place of the words of the table. */
  readonly message?: string;
  readonly remedy?: string;
  readonly problems?: readonly string[];
  readonly headers?: Readonly<Record<string, string | number>>;
}

/** Why a request is not served, thrown by whoever finds out. */
export class Refusal extends Error {
  readonly code: ErrorCode;
  readonly details: RefusalDetails;

  constructor(code: ErrorCode, details: RefusalDetails = {}) {
    super(ERRORS[code][1]);
    this.code = code;
    this.details = details;
  }
}

/** The state of an environment; refuses when it is not watched. People ask by the name. */
export function watched(asked: string, states: StateStore): EnvironmentState {
  const state = states.get(asked);
  if (state !== undefined) return state;
  const found = states.all().find(({ environment }) => environment.name === asked);
  const hint = found === undefined ? {} : { remedy: `That is a name; the id is ${found.environment.id}.` };
  throw new Refusal('environment_unknown', hint);
}

/** Answers in JSON where programs ask, in plain text where people do. The text of an unexpected error goes to the log. */
export function answerError(logger: Logger, error: Error, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const { code, details } = error instanceof Refusal ? error : refusalOf(logger, error, request);
  const { problems, headers = {}, ...words } = details;
  const [status, message, remedy] = ERRORS[code];
  const body = { error: { code, message, remedy, ...words }, ...(problems && { problems }) };
  if (status === 429 || status === 503) reply.header('retry-after', 1);
  reply.code(status).headers(headers);
  if (JSON_ROUTE.test(request.url)) return answerJson(reply, body);
  return reply.type('text/plain; charset=utf-8').send(`${body.error.message}\n${body.error.remedy}\n`);
}

/** An error of the framework, or of ours. */
function refusalOf(logger: Logger, error: FastifyError | Error, { routeOptions }: FastifyRequest): Refusal {
  const { statusCode: status = 500 } = error as FastifyError;
  if (status < 500) return new Refusal(status === 413 ? 'body_too_large' : 'bad_request');
  const fields = { event: 'request.failed', error: errorText(error), route: routeOptions.url ?? null };
  logger.error(fields, 'a request could not be answered');
  return new Refusal('internal_error');
}

/** Not HTTP, or too large a head: there is no request to answer, only a socket to close. */
export function answerClientError({ code }: Error & { readonly code?: string }, socket: Socket): void {
  if (code === 'ECONNRESET') socket.destroy();
  else answerBroken(socket, code === 'HPE_HEADER_OVERFLOW' ? '431 Request Header Fields Too Large' : '400 Bad Request');
}

export function answerBroken(socket: Duplex, status: string): void {
  if (!socket.writable) socket.destroy();
  else socket.end(`HTTP/1.1 ${status}\r\nconnection: close\r\ncontent-length: 0\r\n\r\n`);
}

/** The server could not listen on its address; the process ends with exit code 3. */
export class ListenError extends ExporterError {
  constructor(host: string, port: number, cause: unknown) {
    super('cannot_listen', `Cannot listen on ${address(host, port)}: ${errorText(cause)}.`, {
      cause,
      remedy: 'Choose another address of this machine with --listen HOST:PORT, for instance 0.0.0.0:9877.',
    });
  }
}

/** `HOST:PORT`, with an IPv6 host in brackets. */
export function address(host: string, port: number): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
}

export const MOST_ANSWERS = 64;
/** An answer that has been under way for this long is cut off when another needs its place. */
const SLOW_MS = 5000;
/** For this long, an answer that is still being read may be shared with others. */
const CURRENT_MS = 1000;
/** Small enough that sending one leaves time for others, large enough to need few calls. */
const PIECE_BYTES = 64 * 1024;

const compress = promisify(gzip);

interface Rendering {
  readonly bytes: Promise<readonly Buffer[]>;
  readonly begunAt: number;
  readers: number;
}

/** What clients that ask much, and read slowly or not at all, can make this process hold. */
export class Answers {
  readonly #clock: Pick<Clock, 'monotonic'>;
  /** When each began, the oldest first. */
  readonly #underWay = new Map<ServerResponse, number>();
  /** The latest of each kind that somebody reads. */
  readonly #latest = new Map<string, Rendering>();

  constructor(clock: Pick<Clock, 'monotonic'>) {
    this.#clock = clock;
  }

  /** Counts this answer until it is sent or its socket closes; throws when there is no room for it. */
  admit(response: ServerResponse): void {
    // It is closed already, and no event would ever end its count.
    if (response.destroyed) return;
    const now = this.#clock.monotonic();
    const [oldest] = this.#underWay;
    if (oldest !== undefined && this.#underWay.size >= MOST_ANSWERS) {
      if (now - oldest[1] < SLOW_MS) throw new Refusal('too_many_requests_in_flight');
      oldest[0].destroy();
      this.#underWay.delete(oldest[0]);
    }
    this.#underWay.set(response, now);
    response.once('close', () => this.#underWay.delete(response));
  }

  /**
   * Sends a text that many may ask for at once, compressed where that is accepted. Those who ask at the same time for
   * what has the same key get the same rendering, at most a second old; a single client always gets a fresh one.
   */
  async send(
    request: FastifyRequest,
    reply: FastifyReply,
    {
      key,
      vary = 'Accept-Encoding',
      render,
    }: { key: string; vary?: string; render(): string | Promise<readonly Buffer[]> },
  ): Promise<FastifyReply> {
    const isGzipped = new Negotiator(request.raw).encodings(['gzip']).length > 0;
    const bytes = await this.#share(isGzipped ? `gzip ${key}` : key, reply.raw, async () => {
      const text = await render();
      const parts = typeof text === 'string' ? [Buffer.from(text)] : text;
      return isGzipped ? [await compress(Buffer.concat(parts), { level: 1 })] : parts;
    });
    if (isGzipped) reply.header('content-encoding', 'gzip');
    const length = bytes.reduce((sum, part) => sum + part.length, 0);
    reply.header('vary', vary).header('content-length', length);
    // In pieces, as the client reads: TLS would encrypt all of it at once.
    return reply.send(Readable.from(pieces(bytes), { objectMode: false }));
  }

  #share(key: string, reader: ServerResponse, build: () => Rendering['bytes']): Rendering['bytes'] {
    if (reader.destroyed) return Promise.resolve([]);
    const now = this.#clock.monotonic();
    const latest = this.#latest.get(key);
    const isCurrent = latest !== undefined && now - latest.begunAt < CURRENT_MS;
    const rendering: Rendering = isCurrent ? latest : { bytes: build(), begunAt: now, readers: 0 };
    this.#latest.set(key, rendering);
    rendering.readers++;
    reader.once('close', () => {
      rendering.readers--;
      // A turn later: a request that waited behind this one was sent just as early, and may share it.
      setImmediate(() => {
        if (rendering.readers === 0 && this.#latest.get(key) === rendering) this.#latest.delete(key);
      });
    });
    return rendering.bytes;
  }
}

function* pieces(bytes: readonly Buffer[]): Generator<Buffer> {
  for (const part of bytes)
    for (let at = 0; at < part.length; at += PIECE_BYTES) yield part.subarray(at, at + PIECE_BYTES);
}
