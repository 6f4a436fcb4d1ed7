import { createSecureContext, getCACertificates, type SecureContext } from 'node:tls';
import { promisify } from 'node:util';
import { brotliDecompress, unzip } from 'node:zlib';
import { type Dispatcher, Pool, ProxyAgent } from 'undici';
import type { Clock } from '../base/clock.ts';
import { ExporterError } from '../base/errors.ts';
import { pemCertificates } from '../base/pem-certificates.ts';
import { BodyError, headerText, type ResponseHeaders } from './answers.ts';
import { type NetworkFailure, networkFailure, timedOut } from './failures.ts';
import { type ProxyEnv, proxyFor, proxyVariable } from './proxy.ts';

/** An answer with its body; times are monotonic. */
export interface Answer {
  readonly status: number;
  readonly headers: ResponseHeaders;
  /** Or why the body cannot be used. */
  readonly body: Buffer | BodyError;
  readonly sentAt: number;
  readonly headersAt: number;
}

export type Exchange = Answer | { readonly failed: NetworkFailure };

export interface TransportOptions {
  readonly origin: URL;
  readonly maxConcurrentRequests: number;
  /** For the whole exchange: connecting, sending, headers and body. */
  readonly timeoutMs: number;
  readonly maxResponseBytes: number;
  /** PEM, added to the certificates of the system and of Node. */
  readonly ca: string | null;
  readonly env: ProxyEnv;
}

export interface GetRequest {
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly signal: AbortSignal | undefined;
  /** For this kind of answer; `maxResponseBytes` limits them all. */
  readonly mostBytes: number;
}

/** The part of undici's dispatcher that is used. */
export type RequestSender = Pick<Dispatcher, 'dispatch'> & { destroy(): Promise<void> };

/** How a connection comes to what sends its requests. */
export type SenderMaker = (options: TransportOptions) => RequestSender;

/** Most polls come every 15 to 60 s. Then a new connection: the name may lead elsewhere by now. */
const LONGEST_USE_MS = 60_000;
const LONGEST_CONNECT_MS = 10_000;
/** A host may have several addresses: this long for each but the last. Node's 250 ms is less than a lost packet takes. */
const OF_ONE_ADDRESS_MS = 2000;
/** Only the envelope of an error's body is needed. */
const MOST_ERROR_BYTES = 65_536;

/**
 * The connections to one API, through a proxy if the environment names one. This is the only place that sends anything, GET
 * is the only method, and redirects are not followed.
 */
export class Transport {
  readonly #options: TransportOptions;
  readonly #clock: Clock;
  /** The variable that names the proxy on the way; null: there is none. */
  readonly #proxy: string | null;
  readonly #sender: RequestSender;

  /** @throws ExporterError `ca_invalid`, `proxy_invalid` */
  constructor(options: TransportOptions, clock: Clock, maker: SenderMaker = senderMaker) {
    this.#options = options;
    this.#clock = clock;
    this.#proxy = proxyVariable(options.origin, options.env)?.variable ?? null;
    this.#sender = maker(options);
  }

  /** @throws the signal's reason when the caller aborts; every other outcome is a value */
  async get({ path, headers, signal, mostBytes }: GetRequest): Promise<Exchange> {
    signal?.throwIfAborted();
    const { origin, timeoutMs, maxResponseBytes } = this.#options;
    const most = Math.min(mostBytes, maxResponseBytes);
    const receiver = new Receiver(most, this.#clock);
    const cancelDeadline = this.#clock.setTimer(timeoutMs, () => receiver.callOff(LATE));
    const onAbort = () => receiver.callOff(CALLED_OFF);
    signal?.addEventListener('abort', onAbort, { once: true });
    try {
      const sentAt = this.#clock.monotonic();
      this.#sender.dispatch({ origin: origin.origin, path, method: 'GET', headers }, receiver);
      const received = await receiver.ended;
      if ('status' in received) return { ...received, body: await plainBody(received, most), sentAt };
      if (received.error === CALLED_OFF) signal?.throwIfAborted();
      if (received.error === LATE) return { failed: timedOut(timeoutMs, receiver.hadConnection, this.#proxy) };
      const failed = networkFailure(received.error, this.#proxy);
      // A connection lost in the middle of an answer is not the closed connection that a retry is for.
      return { failed: { ...failed, connectionLost: failed.connectionLost && !received.begun } };
    } finally {
      cancelDeadline();
      signal?.removeEventListener('abort', onAbort);
    }
  }

  /** Ends all connections at once; requests under way fail. */
  close(): Promise<void> {
    return this.#sender.destroy();
  }
}

/** Nobody sees these errors. */
const CALLED_OFF = new Error('called off');
const LATE = new Error('late');

interface Received extends Omit<Answer, 'sentAt'> {}
type Failed = { readonly error: unknown; readonly begun: boolean };

/** Takes one answer as it arrives. The body is limited meanwhile: a longer one ends the connection, and its rest is never read. */
class Receiver implements Dispatcher.DispatchHandler {
  readonly #most: number;
  readonly #clock: Clock;
  readonly #ended = Promise.withResolvers<Received | Failed>();
  #controller: Dispatcher.DispatchController | null = null;
  #calledOff: Error | null = null;
  #head: Omit<Received, 'body'> | null = null;
  /** One buffer that grows: as objects, four million chunks of one byte would take a gigabyte. */
  #body = Buffer.alloc(0);
  #length = 0;

  constructor(most: number, clock: Clock) {
    this.#most = most;
    this.#clock = clock;
  }

  /** Resolves when the answer is complete, or can no longer arrive; `begun`: its head has. */
  get ended(): Promise<Received | Failed> {
    return this.#ended.promise;
  }

  /** Whether the request had a connection: otherwise no byte of it was sent. */
  get hadConnection(): boolean {
    return this.#controller !== null;
  }

  callOff(why: Error): void {
    this.#calledOff = why;
    this.onResponseError(null, why);
    this.#controller?.abort(why);
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.#controller = controller;
    if (this.#calledOff !== null) controller.abort(this.#calledOff);
  }

  onResponseStart(controller: Dispatcher.DispatchController, status: number, headers: ResponseHeaders): void {
    if (status < 200) return;
    this.#head = { status, headers, headersAt: this.#clock.monotonic() };
    if (Number(headers['content-length']) > mostOf(status, this.#most)) this.#cutOff(controller);
  }

  onResponseData(controller: Dispatcher.DispatchController, chunk: Buffer): void {
    const length = this.#length + chunk.length;
    if (length > mostOf(this.#head?.status, this.#most)) {
      this.#cutOff(controller);
      return;
    }
    if (length > this.#body.length) {
      const larger = Buffer.allocUnsafe(Math.max(length, 2 * this.#body.length));
      this.#body.copy(larger, 0, 0, this.#length);
      this.#body = larger;
    }
    chunk.copy(this.#body, this.#length);
    this.#length = length;
  }

  onResponseEnd(): void {
    if (this.#head !== null) this.#ended.resolve({ ...this.#head, body: this.#body.subarray(0, this.#length) });
  }

  onResponseError(_controller: Dispatcher.DispatchController | null, error: Error): void {
    const head = this.#head;
    // The status of an error says enough without its body; a success is nothing without it.
    if (head === null || isSuccess(head.status)) this.#ended.resolve({ error, begun: head !== null });
    else this.#ended.resolve({ ...head, body: new BodyError('a body that broke off') });
  }

  #cutOff(controller: Dispatcher.DispatchController): void {
    const body = tooLong(mostOf(this.#head?.status, this.#most));
    if (this.#head !== null) this.#ended.resolve({ ...this.#head, body });
    controller.abort(body);
  }
}

const isSuccess = (status = 0) => status >= 200 && status < 300;
const mostOf = (status: number | undefined, most: number) =>
  isSuccess(status) ? most : Math.min(MOST_ERROR_BYTES, most);

function tooLong(mostBytes: number): BodyError {
  return new BodyError(`more than the ${mostBytes} bytes that are allowed`, { tooMuch: true });
}

const [unzipped, unbrotlied] = [promisify(unzip), promisify(brotliDecompress)];

/** The body without a compression that nobody asked for: some proxies compress anyway. */
async function plainBody({ status, headers, body }: Received, most: number): Promise<Buffer | BodyError> {
  const encoding = headerText(headers, 'content-encoding')?.trim().toLowerCase() ?? 'identity';
  if (/^(identity)?$/.test(encoding) || body instanceof BodyError) return body;
  if (!/^(x-gzip|gzip|deflate|br)$/.test(encoding)) return new BodyError('a compression that was not requested');
  const maxOutputLength = mostOf(status, most);
  try {
    return await (encoding === 'br' ? unbrotlied : unzipped)(body, { maxOutputLength });
  } catch (error) {
    const isTooLong = (error as { code?: unknown }).code === 'ERR_BUFFER_TOO_LARGE';
    return isTooLong ? tooLong(maxOutputLength) : new BodyError('a compressed body that is damaged');
  }
}

/** What makes undici's pool for these options. @throws ExporterError `ca_invalid`, `proxy_invalid` */
export const senderMaker: SenderMaker = ({ origin, maxConcurrentRequests, timeoutMs, ca, env }) => {
  const connectTimeout = Math.min(timeoutMs, LONGEST_CONNECT_MS);
  const secure = ca === null ? {} : { secureContext: secureContextWith(ca) };
  const pool: Pool.Options = {
    connections: maxConcurrentRequests,
    clientTtl: LONGEST_USE_MS,
    pipelining: 1,
    allowH2: false,
    keepAliveTimeout: LONGEST_USE_MS,
    keepAliveMaxTimeout: LONGEST_USE_MS,
    // The transport has its own deadline for a whole request; these would only end it with another error.
    headersTimeout: 0,
    bodyTimeout: 0,
    autoSelectFamily: true,
    autoSelectFamilyAttemptTimeout: Math.round(Math.min(OF_ONE_ADDRESS_MS, connectTimeout / 2)),
    connect: { ...secure, timeout: connectTimeout },
  };
  const proxy = proxyFor(origin, env);
  if (proxy === null) return new Pool(origin.origin, pool);
  return new ProxyAgent({ ...pool, uri: proxy, connectTimeout, requestTls: secure, proxyTls: secure });
};

/** Made once: reading the whole list of authorities takes milliseconds for each connection. */
function secureContextWith(ca: string): SecureContext {
  const own = pemCertificates(ca);
  if (own === null) {
    throw new ExporterError('ca_invalid', 'ca_file holds no certificate, or one that cannot be read', {
      remedy: 'ca_file is a file of PEM certificates: -----BEGIN CERTIFICATE-----.',
    });
  }
  return createSecureContext({ ca: [...getCACertificates('default'), ...getCACertificates('system'), ...own] });
}
