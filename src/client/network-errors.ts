import { errors } from 'undici';
import { systemErrorCode } from '../base/errors.ts';
import type { FailureReason } from '../domain/failure.ts';

/** What went wrong below HTTP, in words. */
export interface NetworkFailure {
  readonly reason: FailureReason;
  /** Ends the sentence `Reading … failed: `. */
  readonly what: string;
  readonly remedy: string;
  /** The connection ended; if no byte of the answer had arrived, one retry makes sense. */
  readonly connectionLost: boolean;
}

/** `unreached`: so is the proxy where there is one; `lost`: the other side ended the connection. */
type Kind = 'unreached' | 'lost';

/** Ends what to do about a host that cannot be reached. */
const REACH = 'check base_url, the network policy, and HTTPS_PROXY and NO_PROXY.';
/** What to do where nothing comes back before there is a connection. */
const SILENT = `The host does not answer, or DNS does not; a firewall may drop what is sent: ${REACH}`;
const NO_ROUTE = /^(EHOSTUNREACH|ENETUNREACH|EADDRNOTAVAIL|EACCES|EPERM)$/;

/** By the code of Node, OpenSSL and undici errors; the first match counts. */
const NETWORK_ERRORS: readonly (readonly [
  codes: RegExp,
  reason: FailureReason,
  what: string,
  remedy: string,
  kind?: Kind,
])[] = [
  [
    /^(ENOTFOUND|EAI_AGAIN|EAI_NODATA|EAI_FAIL)$/,
    'network',
    'the name of the host cannot be resolved',
    `DNS does not know the host: ${REACH}`,
    'unreached',
  ],
  [
    /^ECONNREFUSED$/,
    'network',
    'the connection was refused',
    `Nothing listens at that address and port: ${REACH}`,
    'unreached',
  ],
  [NO_ROUTE, 'network', 'there is no route to the host', `There is no route to the host: ${REACH}`, 'unreached'],
  [
    /^(EMFILE|ENFILE)$/,
    'network',
    'this process may open no more files and connections',
    'Raise the limit of open files (ulimit -n, LimitNOFILE) of the exporter, or lower max_concurrent_requests.',
  ],
  [
    /SELF_SIGNED|UNABLE_TO_VERIFY|UNABLE_TO_GET_ISSUER|CERT_UNTRUSTED|INVALID_CA|CERT_CHAIN_TOO_LONG/,
    'network',
    "the server's certificate is not signed by a known authority",
    'Set ca_file to the certificate (PEM) of the authority that signed it, e.g. that of your TLS-inspecting proxy.',
  ],
  [
    /^(CERT_HAS_EXPIRED|CERT_NOT_YET_VALID)$/,
    'network',
    "the server's certificate is not valid at this time",
    "Renew the certificate of the server, or that of its authority (ca_file), whichever is out of date; or set this machine's clock.",
  ],
  [
    /^(ERR_TLS_CERT_ALTNAME_INVALID|UND_ERR_PRX_TLS)$/,
    'network',
    "the server's certificate is for another name",
    'Use the host name of the certificate in base_url (or in HTTPS_PROXY, for a proxy).',
  ],
  [
    /^(EPROTO|ERR_SSL_.*|ERR_TLS_.*)$/,
    'network',
    'no TLS connection could be established',
    'Check that base_url, or HTTPS_PROXY for a proxy, has the right scheme and port: this server does not speak TLS as expected. Most proxies are http:// ones, for requests with https:// as well.',
  ],
  [/^(UND_ERR_CONNECT_TIMEOUT|ETIMEDOUT)$/, 'timeout', 'the connection timed out', SILENT],
  [
    /^(UND_ERR_PRX_CONN|UND_ERR_ABORTED)$/,
    'network',
    'the proxy refused to connect to the host',
    'Check the user and password in HTTPS_PROXY, what the proxy allows, and NO_PROXY.',
  ],
  [
    /^UND_ERR_INVALID_ARG$/,
    'client_error',
    'the request could not be made, or the proxy asks for a password',
    'Check the user and password in HTTP_PROXY, and the key for characters that no header may carry.',
  ],
  [
    /^(UND_ERR_HEADERS_OVERFLOW|HPE_HEADER_OVERFLOW)$/,
    'bad_response',
    'the answer has headers of more than 16 KiB',
    'Look at what proxies in between add; if none does, report it to the service.',
  ],
  [
    /^(HPE_.*|ERR_ASSERTION|UND_ERR_RES_CONTENT_LENGTH_MISMATCH)$/,
    'bad_response',
    'the answer is not HTTP',
    'Check that base_url names a Work API and that nothing else listens there.',
  ],
  [
    /^(ECONNRESET|EPIPE|ECONNABORTED|UND_ERR_SOCKET)$/,
    'network',
    'the connection was closed by the other side',
    'The exporter tries again by itself; if it lasts, look at the scheme and port of base_url, and at the proxy or firewall in between.',
    'lost',
  ],
];

/**
 * A request whose time ended. Without a connection until then, as where a firewall drops what is sent, the API is not slow.
 * `proxy`: the variable that names the one in use.
 */
export function timedOut(timeoutMs: number, hadConnection: boolean, proxy: string | null): NetworkFailure {
  const within = `within ${timeoutMs / 1000} s`;
  const remedy =
    'The API or a proxy in between is slow: the exporter tries again by itself; if it lasts, raise timeout.';
  if (hadConnection) return { reason: 'timeout', what: `no complete answer ${within}`, remedy, connectionLost: false };
  return { reason: 'timeout', what: `no connection ${within}`, remedy: silent(proxy), connectionLost: false };
}

/** The proxy is silent, or what is behind it. */
function silent(proxy: string | null): string {
  if (proxy === null) return SILENT;
  return `The proxy of ${proxy} does not answer, or does not reach the API: check ${proxy}, NO_PROXY, what the proxy allows, and the network policy.`;
}

/** Anything that undici or Node throws during a request, as a failure. `proxy`: the variable that names the one in use. */
export function classifyNetworkError(error: unknown, proxy: string | null = null): NetworkFailure {
  const code = codeOf(error);
  const rest = `The exporter tries again by itself; if it lasts, ${REACH}`;
  const row =
    NETWORK_ERRORS.find(([codes]) => codes.test(code)) ?? ([NO_ROUTE, 'network', 'the request failed', rest] as const);
  const [, reason, what, remedy, kind] = row;
  const failure = { reason, what: `${what} (${code})`, remedy, connectionLost: kind === 'lost' };
  if (proxy === null) return failure;
  if (reason === 'timeout') return { ...failure, remedy: silent(proxy) };
  if (kind !== 'unreached') return failure;
  // Only the variable: the page and the log need not show where a proxy is.
  const check = `Check the host and port in ${proxy}, and the network policy; NO_PROXY names what needs no proxy.`;
  return { ...failure, what: `the proxy of ${proxy} cannot be reached: ${failure.what}`, remedy: check };
}

/** The most specific code: for a host with several addresses, Node throws an AggregateError with one error for each. */
function codeOf(error: unknown): string {
  if (error instanceof AggregateError && error.errors.length > 0) {
    const codes = error.errors.map(codeOf);
    // As of a machine without IPv6, for the IPv6 addresses of a host: the others say what is wrong.
    return codes.find((code) => !NO_ROUTE.test(code)) ?? codes[0]!;
  }
  const code = systemErrorCode(error);
  if (code !== null && code !== 'UND_ERR') return code;
  // Not every error of its parser has a code.
  if (error instanceof errors.HTTPParserError) return 'HPE_INVALID';
  const cause = error instanceof Error ? error.cause : undefined;
  return cause === undefined ? 'unknown' : codeOf(cause);
}
