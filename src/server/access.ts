import type { IncomingMessage } from 'node:http';
import { isIP } from 'node:net';
import type { FastifyRequest } from 'fastify';
import { isLoopbackAddress, isLoopbackHost, isLoopbackName } from '../base/is-loopback-host.ts';
import type { ServerSettings } from '../domain/server-settings.ts';
import type { ErrorCode } from './errors.ts';
import { socketOf } from './gate.ts';

/** `HOST`, `HOST:PORT` or `[IPV6]:PORT`. */
const HOST = /^(?:\[([0-9a-f:.]+)\]|([a-z0-9._-]+))(?::\d{0,5})?$/;
/** The same as RFC 3986 allows it; or nothing, where a target has no authority. */
const HOST_FIELD = /^(?:\[[\w.:~%!$&'()*+,;=-]+\]|[\w.~%!$&'()*+,;=-]*)(?::\d*)?$/;
const ABSOLUTE = /^[a-z][a-z0-9+.-]*:/i;
/** Headers of proxies, and of what stands before them. Whoever may reload sends no `X-` header of their own. */
const PROXY_HEADER =
  /^(?:http-x-|x-|akamai-|cdn-|cf-|client-ip|cloudfront-|fastly-|fly-|forwarded|front-end-|l5d-|max-forwards|proxy-|surrogate-|true-client-|via$)/;

/** The name in a `Host` header or an authority: lower case, without port, brackets and final dot; null: invalid. */
export function hostName(header: string | undefined): string | null {
  const match = HOST.exec(header?.toLowerCase() ?? '');
  if (match === null) return null;
  if (match[1] !== undefined) return isIP(match[1]) === 6 ? match[1] : null;
  const name = match[2]!.replace(/\.$/, '');
  return name === '' ? null : name;
}

/** The authority that a request is for: an absolute target takes precedence over `Host` (RFC 9112, section 3.2.2). */
export function authorityOf({ url = '', headers }: Pick<IncomingMessage, 'url' | 'headers'>): string | undefined {
  return ABSOLUTE.test(url) ? (URL.parse(url)?.host ?? '') : headers.host;
}

/**
 * Why RFC 9112 requires a server to reject a request that Node's parser accepts; null if it does not. A proxy in front
 * may read such a request in another way, and then check another host or another body than this server sees.
 */
export function requestFault(request: IncomingMessage): ErrorCode | null {
  const { method, url, headers, headersDistinct, httpVersion, httpVersionMajor } = request;
  if (httpVersionMajor !== 1) return 'unknown_version';
  const isHostUnclear = (headersDistinct.host?.length ?? 0) > 1 || !HOST_FIELD.test(headers.host ?? '');
  if (isHostUnclear || (url === '*' && method !== 'OPTIONS')) return 'bad_request';
  const coding = headers['transfer-encoding']?.toLowerCase();
  if (coding === undefined) return null;
  // A proxy that speaks 1.0 knows no chunks, and takes them for the body or for the next request.
  if (httpVersion === '1.0') return 'bad_request';
  return coding === 'chunked' ? null : 'unknown_encoding';
}

/**
 * Whether a request with this `Host` may be answered. A web page can point its own name at this server (DNS rebinding)
 * and then read the answers; the browser still sends the page's name. So once the names that clients use are known,
 * other names are rejected. What nobody can point elsewhere is accepted: an address, a name without a dot (public DNS
 * has none) and a request without `Host` (a browser always sends one).
 */
export function isAllowedHost(
  header: string | undefined,
  { host, hosts }: Pick<ServerSettings, 'host' | 'hosts'>,
): boolean {
  const listening = host.toLowerCase();
  const isName = isIP(listening) === 0;
  const areNamesKnown = hosts.length > 0 || isName || isLoopbackHost(listening);
  if (!areNamesKnown || header === undefined) return true;
  const name = hostName(header);
  if (name === null) return false;
  return (
    isIP(name) !== 0 || !name.includes('.') || name === listening || hosts.some((one) => one.toLowerCase() === name)
  );
}

/** What a request that wants to change the process reveals about its sender. */
export interface Requester {
  /** Of the socket itself; headers can claim anything. */
  readonly remoteAddress: string | undefined;
  readonly host: string | undefined;
  readonly origin: string | undefined;
  /** `Sec-Fetch-Site`, which browsers send and scripts in pages cannot set. */
  readonly fetchSite: string | undefined;
  /** Whether the request shows that a proxy passed it on. */
  readonly forwarded: boolean;
}

export function requesterOf({ headers, raw, url, socket }: FastifyRequest): Requester {
  // Some proxies write their headers with underscores.
  const isProxied = Object.keys(headers).some((name) => PROXY_HEADER.test(name.replaceAll('_', '-')));
  return {
    remoteAddress: socketOf(socket).remoteAddress,
    host: headers.host,
    origin: headers.origin,
    fetchSite: headers['sec-fetch-site']?.toString(),
    // By default a proxy such as nginx adds nothing to a request, but speaks HTTP/1.0 to us.
    forwarded: isProxied || raw.httpVersion === '1.0' || ABSOLUTE.test(url),
  };
}

/** Why `from` may not change the process, or null when it may: the option `server.lifecycle`. */
export function lifecycleRejection(lifecycle: ServerSettings['lifecycle'], from: Requester): ErrorCode | null {
  if (lifecycle === 'off') return 'lifecycle_off';
  if (isCrossSite(from) || (lifecycle === 'loopback' && hasForeignName(from))) return 'cross_site';
  if (lifecycle === 'anyone') return null;
  const isLocal = isLoopbackAddress(from.remoteAddress) && isLoopbackName(hostName(from.host));
  return isLocal && !from.forwarded ? null : 'not_loopback';
}

function isCrossSite({ origin, host, fetchSite }: Requester): boolean {
  if (fetchSite !== undefined && fetchSite !== 'same-origin' && fetchSite !== 'none') return true;
  return origin !== undefined && URL.parse(origin)?.host !== host?.toLowerCase();
}

/** To a browser, a name that an attacker's DNS points at this machine is the same origin. Our own names are safe. */
function hasForeignName({ origin }: Requester): boolean {
  return origin !== undefined && !isLoopbackName(hostName(URL.parse(origin)?.host));
}
