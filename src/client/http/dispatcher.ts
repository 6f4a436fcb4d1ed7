import { getDefaultAutoSelectFamilyAttemptTimeout, isIP } from 'node:net';
import { createSecureContext, getCACertificates, type SecureContext } from 'node:tls';
import type { Dispatcher } from 'undici';
// By their files: the index of the package runs four times as many at each start, from a cache to web sockets.
import connect from 'undici/lib/api/api-connect.js';
import buildConnector from 'undici/lib/core/connect.js';
import EnvHttpProxyAgent from 'undici/lib/dispatcher/env-http-proxy-agent.js';
import Pool from 'undici/lib/dispatcher/pool.js';
import { ExporterError } from '../../base/errors.ts';
import { pemCertificates } from '../../base/pem-certificates.ts';
import { withoutInterimAnswers } from './interim-answers.ts';
import { nameLookups } from './name-lookups.ts';
import { type ProxyEnv, proxyFor } from './proxy.ts';
import { readBlocks } from './read-blocks.ts';
import { readsInPlace } from './reads-in-place.ts';

export interface DispatcherOptions {
  readonly origin: URL;
  readonly maxConcurrentRequests: number;
  readonly timeoutMs: number;
  /** Of a body. */
  readonly maxResponseBytes: number;
  /** PEM, added to the certificates of the system and of Node. */
  readonly ca: string | null;
  readonly env: ProxyEnv;
}

/**
 * Most polls come every 15 to 60 s: a shorter keep-alive would mean a TLS handshake for each. The server's own limit
 * wins.
 */
const KEEP_ALIVE_MS = 75_000;
const LONGEST_CONNECT_MS = 10_000;
/**
 * A host may have several addresses, of which this part of the time is given to each but the last. Node gives 250 or 500 ms, and
 * then gives up what has begun: less than it takes to send a lost packet again (a second), or to reach a host that is far away.
 */
const OF_ONE_ADDRESS = 1 / 5;
const { onread, readFrom } = readsInPlace(readBlocks);
/** A body may come in chunks of a byte, each with five bytes around it. */
const BYTES_A_BYTE = 8;
const MOST_BYTES_BESIDE = 1_048_576;

/** How a connection comes to what sends its requests. */
export type DispatcherMaker = (options: DispatcherOptions) => () => RequestSender;

/** The part of undici's dispatcher that is used. */
export interface RequestSender {
  dispatch(options: Dispatcher.DispatchOptions, handler: Dispatcher.DispatchHandler): boolean;
  destroy(): Promise<void>;
}

/**
 * What makes the pool of one connection, and makes another like it, through a proxy if the environment names one.
 *
 * @throws ExporterError `ca_invalid`, `proxy_invalid`
 */
export function dispatcherMaker(options: DispatcherOptions): () => Dispatcher {
  const { origin, maxConcurrentRequests, timeoutMs, maxResponseBytes, ca, env } = options;
  const mostBytes = BYTES_A_BYTE * maxResponseBytes + MOST_BYTES_BESIDE;
  const { lookup } = nameLookups;
  const connectTimeout = Math.min(timeoutMs, LONGEST_CONNECT_MS);
  const ofOneAddress = Math.max(getDefaultAutoSelectFamilyAttemptTimeout(), OF_ONE_ADDRESS * connectTimeout);
  // Of a short timeout, what Node gives one address may be all.
  const autoSelectFamilyAttemptTimeout = Math.round(Math.min(ofOneAddress, connectTimeout / 2));
  const addressed = { lookup, autoSelectFamilyAttemptTimeout };
  const ways = ca === null ? addressed : { ...addressed, secureContext: secureContextWith(ca) };
  const pool = {
    connections: maxConcurrentRequests,
    pipelining: 1,
    allowH2: false,
    keepAliveTimeout: KEEP_ALIVE_MS,
    keepAliveMaxTimeout: KEEP_ALIVE_MS,
    // The client has its own deadline for a whole request; these would only end it with another error.
    headersTimeout: 0,
    bodyTimeout: 0,
    connectTimeout,
    connect: readFrom(buildConnector({ ...ways, onread, allowH2: false, timeout: connectTimeout })),
  };
  const proxy = proxyFor(origin, env);
  if (proxy === null) return () => poolOf(origin.origin, { own: pool, until: 'close', mostBytes });
  return () =>
    new EnvHttpProxyAgent({
      ...pool,
      // Every way to the API gets its pool here: direct, forwarded, through a tunnel or SOCKS.
      factory: (to, own) => poolOf(to, { own: { ...pool, ...own }, until: 'close', mostBytes }),
      // The pool that asks for tunnels. The index of the package would give every pool this way to ask.
      clientFactory: (to, own) => Object.assign(poolOf(to, { own, until: 'answer', mostBytes }), { connect }),
      // All are passed, because undici would otherwise read the environment of the process.
      httpProxy: proxy,
      httpsProxy: proxy,
      noProxy: '',
      requestTls: ways,
      proxyTls: ways,
    });
}

interface PoolSpec {
  /** Options of undici, with the connector to use. */
  readonly own: object;
  readonly until: 'close' | 'answer';
  readonly mostBytes: number;
}

function poolOf(to: string | URL, { own, ...limits }: PoolSpec): Pool {
  const { connect, ...options } = own as Pool.Options & { readonly connect: buildConnector.connector };
  return new Pool(to, { ...options, connect: withoutInterimAnswers(withoutAddressAsName(connect), limits) });
}

/** undici asks a proxy of `https://` for the certificate of its host by name, and TLS takes no address for one. */
function withoutAddressAsName(connect: buildConnector.connector): buildConnector.connector {
  return (options, callback) => {
    const { servername, ...unnamed } = options;
    const isAddress = isIP(servername?.replace(/^\[(.+)\]$/, '$1') ?? '') > 0;
    return connect(isAddress ? unnamed : options, callback);
  };
}

/** Made once: reading the whole list of authorities takes milliseconds for each connection. */
function secureContextWith(ca: string): SecureContext {
  const own = pemCertificates(ca);
  if (own === null) {
    throw new ExporterError('ca_invalid', 'ca_file holds no certificate, or one that cannot be read', {
      remedy: 'ca_file is a file of PEM certificates: -----BEGIN CERTIFICATE-----.',
    });
  }
  const all = new Set([...getCACertificates('default'), ...getCACertificates('system'), ...own]);
  return createSecureContext({ ca: [...all] });
}
