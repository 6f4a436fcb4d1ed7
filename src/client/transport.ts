import { createSecureContext, getCACertificates, type SecureContext } from 'node:tls';
import { type Dispatcher, Pool, ProxyAgent } from 'undici';
import type { Clock } from '../base/clock.ts';
import { ExporterError } from '../base/errors.ts';
import { pemCertificates } from '../base/pem-certificates.ts';
import { BodyError, compressionOf, decompressed, type ResponseHeaders, tooLong } from './answers.ts';
import { classifyNetworkError, type NetworkFailure, timedOut } from './network-errors.ts';
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

export type Exchange = { readonly answer: Answer } | { readonly failed: NetworkFailure };

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
export interface RequestSender {
  dispatch(options: Dispatcher.DispatchOptions, handler: Dispatcher.DispatchHandler): boolean;
  /** Resolves when the requests under way have ended. */
  close(): Promise<void>;
  destroy(): Promise<void>;
}

/** How a connection comes to what sends its requests. */
export type SenderMaker = (options: TransportOptions) => () => RequestSender;

/** Most polls come every 15 to 60 s: a shorter keep-alive would mean a TLS handshake for each. The server's own limit wins. */
const KEEP_ALIVE_MS = 75_000;
const LONGEST_CONNECT_MS = 10_000;
/** A host may have several addresses: this long for each but the last. Node's 250 ms is less than a lost packet takes. */
const OF_ONE_ADDRESS_MS = 2000;
/** New connections after a failure that they may cure, and in any case: the name may lead elsewhere by now. */
const RENEWED_AFTER_FAILURE_MS = 60_000;
const RENEWED_MS = 3_600_000;
/** Only the envelope of an error's body is needed. */
const MOST_ERROR_BYTES = 65_536;

/** The caller that called off knows why; nobody sees this error. */
const CALLED_OFF = new Error('called off');

/**
 * The connections to one API, through a proxy if the environment names one. This is the only place that sends anything, GET
 * is the only method, and redirects are not followed.
 */
export class Transport {
  readonly #options: TransportOptions;
  readonly #clock: Clock;
  readonly #make: () => RequestSender;
  /** The variable that names the proxy on the way; null: there is none. */
  readonly #proxy: string | null;
  /** Also on connections that no new request uses. */
  readonly #running = new Set<Receiver>();
  #sender: RequestSender;
  #since: number;
  /** When connections were last renewed because of a failure. */
  #suspectedAt = Number.NEGATIVE_INFINITY;

  /** @throws ExporterError `ca_invalid`, `proxy_invalid` */
  constructor(options: TransportOptions, clock: Clock, maker: SenderMaker = senderMaker) {
    this.#options = options;
    this.#clock = clock;
    this.#make = maker(options);
    this.#proxy = proxyVariable(options.origin, options.env)?.variable ?? null;
    this.#sender = this.#make();
    this.#since = clock.monotonic();
  }

  /** @throws the signal's reason when the caller aborts; every other outcome is a value */
  async get({ path, headers, signal, mostBytes }: GetRequest): Promise<Exchange> {
    signal?.throwIfAborted();
    const { origin, timeoutMs, maxResponseBytes } = this.#options;
    const clock = this.#clock;
    if (clock.monotonic() - this.#since > RENEWED_MS) this.#renew();
    const most = Math.min(mostBytes, maxResponseBytes);
    const receiver = new Receiver(most, clock);
    let isLate = false;
    const cancelDeadline = clock.setTimer(timeoutMs, () => {
      isLate = true;
      receiver.callOff();
    });
    const onAbort = () => receiver.callOff();
    signal?.addEventListener('abort', onAbort, { once: true });
    this.#running.add(receiver);
    try {
      const sentAt = clock.monotonic();
      this.#sender.dispatch({ origin: origin.origin, path, method: 'GET', headers }, receiver);
      const received = await receiver.ended;
      if ('status' in received) {
        return { answer: { ...received, body: await plainBody(received, most), sentAt } };
      }
      signal?.throwIfAborted();
      if (isLate) return { failed: timedOut(timeoutMs, receiver.hadConnection, this.#proxy) };
      const failed = classifyNetworkError(received.error, this.#proxy);
      // A connection lost in the middle of an answer is not the closed connection that a retry is for.
      return { failed: received.begun ? { ...failed, connectionLost: false } : failed };
    } finally {
      this.#running.delete(receiver);
      cancelDeadline();
      signal?.removeEventListener('abort', onAbort);
    }
  }

  /** A request failed in a way that other connections may cure: the next ones get new connections, at most once a minute. */
  suspect(): void {
    const now = this.#clock.monotonic();
    if (now - this.#suspectedAt < RENEWED_AFTER_FAILURE_MS) return;
    this.#suspectedAt = now;
    this.#renew();
  }

  /** Ends all connections at once; requests under way fail. */
  close(): Promise<void> {
    for (const receiver of this.#running) receiver.callOff();
    return this.#sender.destroy();
  }

  /** Requests under way finish on the old connections, each within its deadline. */
  #renew(): void {
    this.#sender.close().catch(() => {});
    this.#sender = this.#make();
    this.#since = this.#clock.monotonic();
  }
}

interface Received extends Omit<Answer, 'sentAt'> {}

/** Takes one answer as it arrives. The body is limited meanwhile: a longer one ends the connection, and its rest is never read. */
class Receiver implements Dispatcher.DispatchHandler {
  /** Resolves when the answer is complete, or can no longer arrive; `begun`: its head has. */
  readonly ended: Promise<Received | { readonly error: unknown; readonly begun: boolean }>;
  readonly #most: number;
  readonly #clock: Clock;
  #end: ((result: Received | { error: unknown; begun: boolean }) => void) | null = null;
  #controller: Dispatcher.DispatchController | null = null;
  #isCalledOff = false;
  #head: Omit<Received, 'body'> | null = null;
  /** One buffer that grows: as objects, four million chunks of one byte would take a gigabyte. */
  #body = Buffer.alloc(0);
  #length = 0;

  constructor(most: number, clock: Clock) {
    this.#most = most;
    this.#clock = clock;
    this.ended = new Promise((resolve) => {
      this.#end = resolve;
    });
  }

  /** Whether the request had a connection: otherwise no byte of it was sent. */
  get hadConnection(): boolean {
    return this.#controller !== null;
  }

  callOff(): void {
    this.#isCalledOff = true;
    this.#controller?.abort(CALLED_OFF);
    this.#fail(CALLED_OFF);
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.#controller = controller;
    if (this.#isCalledOff) controller.abort(CALLED_OFF);
  }

  onResponseStart(controller: Dispatcher.DispatchController, status: number, headers: ResponseHeaders): void {
    if (status < 200) return;
    this.#head = { status, headers, headersAt: this.#clock.monotonic() };
    if (Number(headers['content-length']) > this.#mostNow) this.#cutOff(controller);
  }

  onResponseData(controller: Dispatcher.DispatchController, chunk: Buffer): void {
    const length = this.#length + chunk.length;
    if (length > this.#mostNow) {
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
    if (this.#head !== null) this.#settle({ ...this.#head, body: this.#body.subarray(0, this.#length) });
  }

  onResponseError(_controller: Dispatcher.DispatchController | null, error: Error): void {
    this.#fail(error);
  }

  get #mostNow(): number {
    return isSuccess(this.#head?.status) ? this.#most : Math.min(MOST_ERROR_BYTES, this.#most);
  }

  #cutOff(controller: Dispatcher.DispatchController): void {
    const problem = tooLong(this.#mostNow);
    if (this.#head !== null) this.#settle({ ...this.#head, body: problem });
    controller.abort(problem);
  }

  #fail(error: unknown): void {
    const head = this.#head;
    // The status of an error says enough without its body; a success is nothing without it.
    if (head !== null && !isSuccess(head.status))
      this.#settle({ ...head, body: new BodyError('a body that broke off') });
    else this.#settle({ error, begun: head !== null });
  }

  #settle(result: Received | { error: unknown; begun: boolean }): void {
    this.#end?.(result);
    this.#end = null;
  }
}

const isSuccess = (status = 0) => status >= 200 && status < 300;

/** The body without a compression that nobody asked for: some proxies compress anyway. */
async function plainBody({ status, headers, body }: Received, most: number): Promise<Buffer | BodyError> {
  const encoding = compressionOf(headers);
  if (encoding === null || body instanceof BodyError) return body;
  return decompressed(body, encoding, isSuccess(status) ? most : Math.min(MOST_ERROR_BYTES, most));
}

/** What makes undici's pool for these options, and makes another like it. @throws ExporterError `ca_invalid`, `proxy_invalid` */
export const senderMaker: SenderMaker = ({ origin, maxConcurrentRequests, timeoutMs, ca, env }) => {
  const connectTimeout = Math.min(timeoutMs, LONGEST_CONNECT_MS);
  const secure = ca === null ? {} : { secureContext: secureContextWith(ca) };
  const pool: Pool.Options = {
    connections: maxConcurrentRequests,
    pipelining: 1,
    allowH2: false,
    keepAliveTimeout: KEEP_ALIVE_MS,
    keepAliveMaxTimeout: KEEP_ALIVE_MS,
    // The transport has its own deadline for a whole request; these would only end it with another error.
    headersTimeout: 0,
    bodyTimeout: 0,
    autoSelectFamily: true,
    autoSelectFamilyAttemptTimeout: Math.round(Math.min(OF_ONE_ADDRESS_MS, connectTimeout / 2)),
    connect: { ...secure, timeout: connectTimeout },
  };
  const proxy = proxyFor(origin, env);
  if (proxy === null) return () => new Pool(origin.origin, pool);
  return () => new ProxyAgent({ ...pool, uri: proxy, connectTimeout, requestTls: secure, proxyTls: secure });
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
