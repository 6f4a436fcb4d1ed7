import { createSecureContext, getCACertificates } from 'node:tls';
import { type Dispatcher, errors, interceptors, Pool, ProxyAgent } from 'undici';
import type { Clock } from '../base/clock.ts';
import { ExporterError } from '../base/errors.ts';
import { pemCertificates } from '../base/pem-certificates.ts';
import { type ProxyEnv, proxyFor } from './proxy.ts';

/** The header values of an answer, as undici gives them. */
export type ResponseHeaders = Readonly<Record<string, string | string[] | undefined>>;

/** An answer; times are monotonic. */
export interface Answer {
  readonly status: number;
  readonly headers: ResponseHeaders;
  /** Null: that of an error, and it broke off. Its status says enough. */
  readonly body: Buffer | null;
  readonly sentAt: number;
  readonly headersAt: number;
}

/** Why there is no answer: what undici or Node threw, or `LATE`. */
export interface NoAnswer {
  readonly error: unknown;
  /** Whether the request had a connection: otherwise no byte of it was sent. */
  readonly hadConnection: boolean;
  /** Whether the head of an answer had arrived. */
  readonly begun: boolean;
}

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

/** The part of undici's dispatcher that is used. */
export type RequestSender = Pick<Dispatcher, 'dispatch'> & { destroy(): Promise<void> };

/** How a connection comes to what sends its requests. */
export type SenderMaker = (options: TransportOptions) => RequestSender;

/** Most polls come every 15 to 60 s. Then a new connection: the name may lead elsewhere by now. */
const LONGEST_USE_MS = 60_000;
const LONGEST_CONNECT_MS = 10_000;
/** A host may have several addresses: this long for each but the last. Node's 250 ms is less than a lost packet takes. */
const OF_ONE_ADDRESS_MS = 2000;

/** The deadline of the request has passed. */
export const LATE = new Error('late');
/** Nobody sees this one. */
const CALLED_OFF = new Error('called off');

/** The connections to one API. This is the only place that sends anything, GET is the only method, and redirects are not followed. */
export class Transport {
  readonly #options: TransportOptions;
  readonly #clock: Clock;
  readonly #sender: RequestSender;

  /** @throws ExporterError `ca_invalid`, `proxy_invalid` */
  constructor(options: TransportOptions, clock: Clock, maker: SenderMaker = senderMaker) {
    this.#options = options;
    this.#clock = clock;
    this.#sender = maker(options);
  }

  /** @throws the signal's reason when the caller aborts; every other outcome is a value */
  async get(path: string, headers: Record<string, string>, signal?: AbortSignal): Promise<Answer | NoAnswer> {
    const { origin, timeoutMs, maxResponseBytes } = this.#options;
    const exchange = new Exchange(maxResponseBytes, this.#clock);
    const cancelDeadline = this.#clock.setTimer(timeoutMs, () => exchange.callOff(LATE));
    const onAbort = () => exchange.callOff(CALLED_OFF);
    signal?.addEventListener('abort', onAbort, { once: true });
    try {
      this.#sender.dispatch({ origin: origin.origin, path, method: 'GET', headers }, exchange);
      const ended = await exchange.ended.promise;
      if ('error' in ended && ended.error === CALLED_OFF) signal?.throwIfAborted();
      return ended;
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

/** One request, and its answer as it arrives. */
class Exchange implements Dispatcher.DispatchHandler {
  readonly ended = Promise.withResolvers<Answer | NoAnswer>();
  readonly #mostBytes: number;
  readonly #clock: Clock;
  readonly #sentAt: number;
  #controller: Dispatcher.DispatchController | null = null;
  #calledOff: Error | null = null;
  #head: Omit<Answer, 'body'> | null = null;
  /** One buffer that grows: as objects, four million chunks of one byte would take a gigabyte. */
  #body = Buffer.alloc(0);
  #length = 0;

  constructor(mostBytes: number, clock: Clock) {
    this.#mostBytes = mostBytes;
    this.#clock = clock;
    this.#sentAt = clock.monotonic();
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
    if (status >= 200) this.#head = { status, headers, sentAt: this.#sentAt, headersAt: this.#clock.monotonic() };
    // The dispatcher counts what arrives: what is announced may never come.
    if (Number(headers['content-length']) > this.#mostBytes)
      controller.abort(new errors.ResponseExceededMaxSizeError());
  }

  onResponseData(_: Dispatcher.DispatchController, chunk: Buffer): void {
    const length = this.#length + chunk.length;
    if (length > this.#body.length) {
      const larger = Buffer.allocUnsafe(Math.max(length, 2 * this.#body.length));
      this.#body.copy(larger, 0, 0, this.#length);
      this.#body = larger;
    }
    chunk.copy(this.#body, this.#length);
    this.#length = length;
  }

  onResponseEnd(): void {
    if (this.#head !== null) this.ended.resolve({ ...this.#head, body: this.#body.subarray(0, this.#length) });
  }

  onResponseError(_: Dispatcher.DispatchController | null, error: Error): void {
    const [head, hadConnection] = [this.#head, this.#controller !== null];
    const isError = head !== null && head.status >= 300;
    this.ended.resolve(isError ? { ...head, body: null } : { error, hadConnection, begun: head !== null });
  }
}

/** What makes undici's pool for these options. @throws ExporterError `ca_invalid`, `proxy_invalid` */
const senderMaker: SenderMaker = ({ origin, maxConcurrentRequests, maxResponseBytes, timeoutMs, ca, env }) => {
  const connectTimeout = Math.min(timeoutMs, LONGEST_CONNECT_MS);
  // Made once: reading the whole list of authorities takes milliseconds for each connection.
  const secure = ca === null ? {} : { secureContext: createSecureContext({ ca: authorities(ca) }) };
  const options: Pool.Options = {
    connections: maxConcurrentRequests,
    maxResponseSize: maxResponseBytes,
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
  // Nobody asks for compression: some proxies compress anyway.
  const plain = interceptors.decompress({ maxSize: maxResponseBytes, skipErrorResponses: false });
  const proxy = proxyFor(origin, env);
  if (proxy === null) return new Pool(origin.origin, options).compose(plain);
  const { variable, url: uri, fault } = proxy;
  if (fault !== null) throw new ExporterError('proxy_invalid', `${variable} ${fault.what}`, { remedy: fault.remedy });
  // Without it, what is forwarded over http would have no limit.
  const factory = (address: URL | string, own: object) => new Pool(address, { ...options, ...own });
  const tls = { requestTls: secure, proxyTls: secure };
  return new ProxyAgent({ ...options, uri, factory, connectTimeout, ...tls }).compose(plain);
};

/** Those that are trusted anyway, and one's own. */
function authorities(ca: string): string[] {
  const own = pemCertificates(ca);
  if (own !== null) return [...getCACertificates('default'), ...getCACertificates('system'), ...own];
  throw new ExporterError('ca_invalid', 'ca_file holds no certificate, or one that cannot be read', {
    remedy: 'ca_file is a file of PEM certificates: -----BEGIN CERTIFICATE-----.',
  });
}
