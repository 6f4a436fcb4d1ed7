import { createHmac, randomBytes, type X509Certificate } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { isIP, type Socket } from 'node:net';
import { TLSSocket } from 'node:tls';
import type { FastifyInstance } from 'fastify';
import type { Clock } from '../base/clock.ts';
import { SerialQueue } from '../base/clock.ts';
import { isLoopbackAddress, isLoopbackHost, isLoopbackName } from '../base/network.ts';
import type { ClientAuthType, ServerSettings, TlsSettings, WebSecurity } from '../domain/server-settings.ts';
import { type ErrorCode, Refusal } from './answers.ts';
import { socketOf } from './gate.ts';

/** Open whatever is configured: kubelets have no login and no certificate. */
const OPEN = new Set(['/-/healthy', '/-/ready']);

/** Who may ask: first whether the request is clear and for this host, then the web configuration file. */
export function guard(app: FastifyInstance, settings: () => ServerSettings, clock: Pick<Clock, 'monotonic'>): void {
  // The server listens there until it ends, whatever a reload says.
  const { host } = settings();
  const secondsToWait = rateLimiter(clock);
  const logins = new Logins();

  app.addHook('onSend', async (_request, reply) => {
    for (const [name, value] of Object.entries(settings().web.headers)) {
      if (value === '') reply.removeHeader(name);
      else reply.header(name, value);
    }
  });

  app.addHook('onRequest', async (request) => {
    // Nobody knows where the next request begins.
    if (isUnclear(request.raw)) throw new Refusal('bad_request', { headers: { connection: 'close' } });
    const { hosts, web } = settings();
    if (!isAllowedHost(authorityOf(request.raw), { host, hosts })) throw new Refusal('other_host');
    if (OPEN.has(request.routeOptions.url ?? '')) return;
    const { tls, users, rateLimit } = web;
    const wait = secondsToWait(rateLimit);
    if (wait !== null) throw new Refusal('rate_limited', { headers: { 'retry-after': wait } });
    if (tls !== null && !isCertificateAccepted(socketOf(request.socket), tls)) {
      throw new Refusal('client_certificate', { headers: { connection: 'close' } });
    }
    if (users.length === 0) return;
    const credentials = basicCredentials(request.headers.authorization);
    const verdict = credentials === null ? 'wrong' : await logins.check(users, credentials);
    if (verdict === 'busy') throw new Refusal('too_many_logins');
    if (verdict === 'ok') return;
    throw new Refusal('login_required', { headers: { 'www-authenticate': 'Basic realm="exporter", charset="UTF-8"' } });
  });
}

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
  return match[2]!.replace(/\.$/, '') || null;
}

/** The authority that a request is for: an absolute target takes precedence over `Host` (RFC 9112, section 3.2.2). */
export function authorityOf({ url = '', headers }: Pick<IncomingMessage, 'url' | 'headers'>): string | undefined {
  return ABSOLUTE.test(url) ? (URL.parse(url)?.host ?? '') : headers.host;
}

/** What Node's parser accepts against RFC 9112: a proxy in front may have seen another host or another body in it. */
function isUnclear({ method, url, headers, headersDistinct, httpVersion }: IncomingMessage): boolean {
  const isHostUnclear = (headersDistinct.host?.length ?? 0) > 1 || !HOST_FIELD.test(headers.host ?? '');
  const isTargetUnclear = url === '*' && method !== 'OPTIONS';
  const coding = headers['transfer-encoding']?.toLowerCase();
  // A proxy that speaks 1.0 knows no chunks, and takes them for the body or for the next request.
  const isBodyUnclear = coding !== undefined && (httpVersion === '1.0' || coding !== 'chunked');
  return !httpVersion.startsWith('1.') || isHostUnclear || isTargetUnclear || isBodyUnclear;
}

/**
 * Whether a request with this `Host` may be answered. A web page can point its own name at this server (DNS rebinding),
 * but no address, and no name without a dot; a browser always sends the name.
 */
function isAllowedHost(header: string | undefined, { host, hosts }: Pick<ServerSettings, 'host' | 'hosts'>): boolean {
  const listening = host.toLowerCase();
  const areNamesKnown = hosts.length > 0 || isIP(listening) === 0 || isLoopbackHost(listening);
  if (!areNamesKnown || header === undefined) return true;
  const name = hostName(header);
  if (name === null) return false;
  const isOurs = name === listening || hosts.some((one) => one.toLowerCase() === name);
  return isIP(name) !== 0 || !name.includes('.') || isOurs;
}

/** Why a request may not change the process, or null when it may: the option `server.lifecycle`. */
export function lifecycleRejection(
  lifecycle: ServerSettings['lifecycle'],
  { headers, url = '', httpVersion }: Pick<IncomingMessage, 'headers' | 'url' | 'httpVersion'>,
  remoteAddress: string | undefined,
): ErrorCode | null {
  if (lifecycle === 'off') return 'lifecycle_off';
  const { host, origin, 'sec-fetch-site': site = 'none' } = headers;
  const from = (origin === undefined ? host : URL.parse(origin)?.host)?.toLowerCase();
  if (!['same-origin', 'none'].includes(String(site)) || from !== host?.toLowerCase()) return 'cross_site';
  if (lifecycle === 'anyone') return null;
  // To a browser, a name that an attacker's DNS points at this machine is the same origin. Our own names are safe.
  if (origin !== undefined && !isLoopbackName(hostName(from))) return 'cross_site';
  // Some proxies write their headers with underscores; by default nginx adds none, but speaks HTTP/1.0 to us.
  const isProxied = Object.keys(headers).some((name) => PROXY_HEADER.test(name.replaceAll('_', '-')));
  const isForwarded = isProxied || httpVersion === '1.0' || ABSOLUTE.test(url);
  const isLocal = isLoopbackAddress(remoteAddress) && isLoopbackName(hostName(host));
  return isLocal && !isForwarded ? null : 'not_loopback';
}

export const VERIFIES: ReadonlySet<ClientAuthType> = new Set(['VerifyClientCertIfGiven', 'RequireAndVerifyClientCert']);

/** Whether the certificate of a client, or that it has none, is accepted. */
function isCertificateAccepted(socket: Socket, { clientAuth, clientAllowedSans: allowed }: TlsSettings): boolean {
  if (clientAuth === 'NoClientCert') return true;
  const certificate = socket instanceof TLSSocket ? socket.getPeerX509Certificate() : undefined;
  if (certificate === undefined) return !clientAuth.startsWith('Require') && allowed === null;
  if (VERIFIES.has(clientAuth) && !(socket as TLSSocket).authorized) return false;
  return allowed === null || allowed.some((name) => isFor(certificate, name));
}

/** What Node quotes in `subjectAltName`: a name with a comma or worse, which nobody allows. */
const QUOTED = /"(?:[^"\\]|\\.)*"/g;

/** Whether a certificate is for a DNS name, an address, an e-mail address or a URI, as it is written there. */
function isFor(certificate: X509Certificate, name: string): boolean {
  if (isIP(name) !== 0) return certificate.checkIP(name) !== undefined;
  const names = (certificate.subjectAltName ?? '').replaceAll(QUOTED, '').split(', ');
  return ['DNS', 'URI', 'email'].some((kind) => names.includes(`${kind}:${name}`));
}

/**
 * A token bucket for all clients together: it gains one token each interval, up to the burst, and starts full. Takes a
 * token, and returns null; without one, the seconds until the client may try again.
 */
function rateLimiter(clock: Pick<Clock, 'monotonic'>): (limit: WebSecurity['rateLimit']) => number | null {
  let tokens = Number.POSITIVE_INFINITY;
  let countedAt = 0;
  return (limit) => {
    if (limit === null) return null;
    const now = clock.monotonic();
    tokens = Math.min(limit.burst, tokens + (now - countedAt) / limit.intervalMs);
    countedAt = now;
    if (tokens < 1) return Math.max(1, Math.ceil(((1 - tokens) * limit.intervalMs) / 1000));
    tokens--;
    return null;
  };
}

/** Checks under way or waiting, one at a time; each takes a core for a tenth of a second or much longer. */
export const MOST_LOGINS_WAITING = 16;

type Compare = (password: string, hash: string) => Promise<boolean>;

/** Loaded only where there are users: to find its compiled half is a good part of a start. */
const compareWithBcrypt: Compare = async (password, hash) => (await import('bcrypt')).compare(password, hash);

interface Credentials {
  readonly name: string;
  readonly password: string;
}

/** Checks logins off the event loop, one at a time, and remembers the good ones by a keyed hash, never the passwords. */
export class Logins {
  readonly #compare: Compare;
  readonly #key = randomBytes(32);
  readonly #good = new Set<string>();
  readonly #queue = new SerialQueue();
  #waiting = 0;

  constructor(compare: Compare = compareWithBcrypt) {
    this.#compare = compare;
  }

  async check(users: WebSecurity['users'], { name, password }: Credentials): Promise<'ok' | 'wrong' | 'busy'> {
    const hash = users.find((user) => user.name === name)?.hash.reveal() ?? null;
    const login = createHmac('sha256', this.#key)
      .update(JSON.stringify([name, password, hash]))
      .digest('base64');
    if (this.#good.has(login)) return 'ok';
    if (this.#waiting >= MOST_LOGINS_WAITING) return 'busy';
    // An unknown user takes as long as a known one.
    const compared = hash ?? `${users[0]!.hash.reveal().slice(0, 7)}${'.'.repeat(53)}`;
    this.#waiting++;
    // `$2y$`, which htpasswd writes, and `$2b$` are the same; the library knows the second.
    const isGood = await this.#queue
      .run(() => this.#compare(password, compared.replace(/^\$2y\$/, '$2b$')))
      .finally(() => this.#waiting--);
    if (!isGood || hash === null) return 'wrong';
    this.#good.add(login);
    return 'ok';
  }
}

const BASIC = /^basic +([A-Za-z0-9+/]*={0,2}) *$/i;

export function basicCredentials(header: string | undefined): Credentials | null {
  const text = Buffer.from(BASIC.exec(header ?? '')?.[1] ?? '', 'base64').toString('utf8');
  const colon = text.indexOf(':');
  return colon === -1 ? null : { name: text.slice(0, colon), password: text.slice(colon + 1) };
}
