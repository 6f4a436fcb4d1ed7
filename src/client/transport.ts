import { isIP } from 'node:net';
import { createSecureContext, getCACertificates } from 'node:tls';
import { type Dispatcher, EnvHttpProxyAgent, errors, interceptors, Pool, ProxyAgent } from 'undici';
import type { Clock } from '../base/clock.ts';
import { ExporterError } from '../base/errors.ts';
import { pemCertificates } from '../base/network.ts';

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
export type RequestSender = Pick<Dispatcher, 'dispatch'> & Record<'close' | 'destroy', () => Promise<void>>;

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

  /** Sends nothing more, and ends the connections once the requests under way have ended. */
  leave(): Promise<void> {
    return this.#sender.close();
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

/** What sends with undici. @throws ExporterError `ca_invalid`, `proxy_invalid` */
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
  const fault = proxyFaults(origin, env).find(({ isFatal }) => isFatal);
  if (fault !== undefined)
    throw new ExporterError('proxy_invalid', `${fault.variable} ${fault.what}`, { remedy: fault.remedy });
  const url = proxyFor(origin, env)?.url ?? '';
  const agent = new EnvHttpProxyAgent({
    ...options,
    // All requests go to one origin. What is missing here would be read from the variables of the process.
    ...{ httpProxy: url, httpsProxy: url, noProxy: env[nameOf('NO_PROXY', env)] ?? '' },
    // Without it, what is forwarded over http would have no limit.
    factory: (address, own) => new Pool(address, { ...options, ...own }),
    ...{ connectTimeout, requestTls: secure, proxyTls: secure },
  });
  // Nobody asks for compression: some proxies compress anyway.
  return agent.compose(interceptors.decompress({ maxSize: maxResponseBytes, skipErrorResponses: false }));
};

/** Those that are trusted anyway, and one's own. */
function authorities(ca: string): string[] {
  const own = pemCertificates(ca);
  if (own !== null) return [...getCACertificates('default'), ...getCACertificates('system'), ...own];
  throw new ExporterError('ca_invalid', 'ca_file holds no certificate, or one that cannot be read', {
    remedy: 'ca_file is a file of PEM certificates: -----BEGIN CERTIFICATE-----.',
  });
}

/** Read for HTTPS_PROXY, HTTP_PROXY and NO_PROXY, in either case. */
export type ProxyEnv = Readonly<Record<string, string | undefined>>;

/** The proxy that a variable names for an origin; null: there is none. Whether NO_PROXY names the origin, undici decides. */
export function proxyFor({ protocol }: URL, env: ProxyEnv) {
  // Unlike in undici, HTTP_PROXY is not for https.
  const variable = nameOf(protocol === 'https:' ? 'HTTPS_PROXY' : 'HTTP_PROXY', env);
  const value = env[variable] ?? '';
  if (value === '') return null;
  const url = value.includes('://') ? value : `http://${value}`;
  const mayPassBy = (env[nameOf('NO_PROXY', env)] ?? '') !== '';
  return { variable, url, words: `${variable}${mayPassBy ? ', unless NO_PROXY names the host' : ''}` };
}

/** The name by which a variable is set: that in small letters counts first. */
function nameOf(variable: string, env: ProxyEnv): string {
  return env[variable.toLowerCase()] === undefined ? variable : variable.toLowerCase();
}

const NOT_A_URL = {
  what: 'is not the URL of a proxy',
  remedy:
    'set it to http://HOST:PORT, or remove it; https:// needs the host name of its certificate, and a password %25 for a percent sign and %40 for an @',
};
const NOT_READ = {
  what: 'is not read',
  remedy: 'name the proxy in HTTPS_PROXY, or in HTTP_PROXY for an address with http://',
};
const NO_NETWORKS = { what: 'names networks, which are not read', remedy: 'name the address of base_url itself' };

/** What is wrong with the variables for an origin. `isFatal`: nothing can be sent. Shows nothing of a password. */
export function proxyFaults(origin: URL, env: ProxyEnv) {
  const proxy = proxyFor(origin, env);
  const all = nameOf('ALL_PROXY', env);
  if (proxy === null) return env[all] ? [{ variable: all, isFatal: false, ...NOT_READ }] : [];
  if (!isUsable(proxy.url)) return [{ variable: proxy.variable, isFatal: true, ...NOT_A_URL }];
  const not = nameOf('NO_PROXY', env);
  const isMissed = isAddress(origin.hostname) && /\/\d/.test(env[not] ?? '');
  return isMissed ? [{ variable: not, isFatal: false, ...NO_NETWORKS }] : [];
}

/** Whether undici takes it. A certificate is for a name, so what speaks TLS needs one. */
function isUsable(url: string): boolean {
  try {
    void new ProxyAgent(url).destroy();
    const { protocol, hostname } = new URL(url);
    return protocol !== 'https:' || !isAddress(hostname);
  } catch {
    return false;
  }
}

function isAddress(hostname: string): boolean {
  return isIP(hostname.replace(/^\[(.+)\]$/, '$1')) !== 0;
}
