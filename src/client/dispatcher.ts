import { X509Certificate } from 'node:crypto';
import { createSecureContext, getCACertificates, type SecureContext } from 'node:tls';
import type { Dispatcher } from 'undici';
// By their files: the index of the package runs four times as many at each start, from a cache to web sockets.
import connect from 'undici/lib/api/api-connect.js';
import buildConnector from 'undici/lib/core/connect.js';
import EnvHttpProxyAgent from 'undici/lib/dispatcher/env-http-proxy-agent.js';
import Pool from 'undici/lib/dispatcher/pool.js';
import { ExporterError } from '../base/errors.ts';
import { withoutInterimAnswers } from './interim-answers.ts';

export interface DispatcherOptions {
  readonly origin: URL;
  readonly maxConcurrentRequests: number;
  readonly timeoutMs: number;
  /** PEM, added to the certificates of the system and of Node. */
  readonly ca: string | null;
  /** Read for HTTPS_PROXY, HTTP_PROXY and NO_PROXY, in either case. */
  readonly env: Readonly<Record<string, string | undefined>>;
}

/**
 * Most polls come every 15 to 60 s: a shorter keep-alive would mean a TLS handshake for each. The server's own limit
 * wins.
 */
const KEEP_ALIVE_MS = 75_000;
const LONGEST_CONNECT_MS = 10_000;

/**
 * The connection pool of one connection, through a proxy if the environment names one.
 *
 * @throws ExporterError `ca_invalid`, `proxy_invalid`
 */
export function createDispatcher(options: DispatcherOptions): Dispatcher {
  const { origin, maxConcurrentRequests, timeoutMs, ca, env } = options;
  const secure = ca === null ? {} : { secureContext: secureContextWith(ca) };
  const pool = {
    connections: maxConcurrentRequests,
    pipelining: 1,
    allowH2: false,
    keepAliveTimeout: KEEP_ALIVE_MS,
    keepAliveMaxTimeout: KEEP_ALIVE_MS,
    // The client has its own deadline for a whole request; these would only end it with another error.
    headersTimeout: 0,
    bodyTimeout: 0,
    connectTimeout: Math.min(timeoutMs, LONGEST_CONNECT_MS),
    connect: buildConnector({ ...secure, allowH2: false, timeout: Math.min(timeoutMs, LONGEST_CONNECT_MS) }),
  };
  const proxy = proxyFor(origin, env);
  if (proxy === null) return poolOf(origin.origin, { own: pool, until: 'close' });
  return new EnvHttpProxyAgent({
    ...pool,
    // Every way to the API gets its pool here: direct, forwarded, through a tunnel or SOCKS.
    factory: (to, own) => poolOf(to, { own: { ...pool, ...own }, until: 'close' }),
    // The pool that asks for tunnels. The index of the package would give every pool this way to ask.
    clientFactory: (to, own) => Object.assign(poolOf(to, { own, until: 'answer' }), { connect }),
    // Both are passed, because undici would otherwise read the environment of the process.
    httpProxy: proxy,
    httpsProxy: proxy,
    noProxy: env.no_proxy ?? env.NO_PROXY ?? '',
    requestTls: secure,
    proxyTls: secure,
  });
}

interface PoolSpec {
  /** Options of undici, with the connector to use. */
  readonly own: object;
  readonly until: 'close' | 'answer';
}

function poolOf(to: string | URL, { own, until }: PoolSpec): Pool {
  const { connect, ...options } = own as Pool.Options & { readonly connect: buildConnector.connector };
  return new Pool(to, { ...options, connect: withoutInterimAnswers(connect, { until }) });
}

/** The proxy for this scheme. Unlike undici, it does not use HTTP_PROXY for https. */
function proxyFor(origin: URL, env: DispatcherOptions['env']): string | null {
  const [name, value] =
    origin.protocol === 'https:'
      ? (['HTTPS_PROXY', env.https_proxy ?? env.HTTPS_PROXY] as const)
      : (['HTTP_PROXY', env.http_proxy ?? env.HTTP_PROXY] as const);
  if (value === undefined || value === '') return null;
  const url = value.includes('://') ? value : `http://${value}`;
  // Neither the value nor the parser's error is shown: both may hold a password.
  const parsed = URL.parse(url);
  const isProxy =
    parsed !== null && /^(https?|socks5?):$/.test(parsed.protocol) && parsed.pathname.length <= 1 && !/[?#]/.test(url);
  if (!isProxy) {
    throw new ExporterError('proxy_invalid', `${name} is not the URL of a proxy`, {
      remedy: `Set ${name} to http://HOST:PORT, or remove it.`,
    });
  }
  if (!isEncoded(parsed.username) || !isEncoded(parsed.password)) {
    throw new ExporterError('proxy_invalid', `${name} has a % in its user or password that encodes no character`, {
      remedy: `Write %25 for a percent sign in the user or password of ${name}, and %40 for an @.`,
    });
  }
  return url;
}

/** What undici decodes, and would throw a URIError with. */
function isEncoded(text: string): boolean {
  try {
    decodeURIComponent(text);
    return true;
  } catch {
    return false;
  }
}

const CERTIFICATE = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g;

/** Made once: reading the whole list of authorities takes milliseconds for each connection. */
function secureContextWith(ca: string): SecureContext {
  const own = ca.match(CERTIFICATE) ?? [];
  // Node silently skips what it cannot read, and every request would fail later.
  if (own.length === 0 || !own.every(isCertificate)) {
    throw new ExporterError('ca_invalid', 'ca_file holds no certificate, or one that cannot be read', {
      remedy: 'ca_file is a file of PEM certificates: -----BEGIN CERTIFICATE-----.',
    });
  }
  const all = new Set([...getCACertificates('default'), ...getCACertificates('system'), ...own]);
  return createSecureContext({ ca: [...all] });
}

function isCertificate(pem: string): boolean {
  try {
    return new X509Certificate(pem).raw.length > 0;
  } catch {
    return false;
  }
}
