import { systemErrorCode } from '../../base/errors.ts';
import type { FailureReason } from '../../domain/failure.ts';

/** What went wrong below HTTP, in words. */
export interface NetworkFailure {
  readonly reason: FailureReason;
  /** Ends the sentence `Reading … failed: `. */
  readonly what: string;
  readonly remedy: string;
  /** The connection ended; if no byte of the answer had arrived, one retry makes sense. */
  readonly connectionLost: boolean;
}

interface Rule {
  readonly codes: RegExp;
  readonly reason: FailureReason;
  readonly what: string;
  readonly remedy: string;
  readonly connectionLost?: true;
}

const REACH = 'check base_url, the network policy, and HTTPS_PROXY and NO_PROXY.';

const NO_ROUTE = /^(EHOSTUNREACH|ENETUNREACH|EADDRNOTAVAIL|EACCES|EPERM)$/;

/** By the code of Node, OpenSSL and undici errors; the first match counts. */
const RULES: readonly Rule[] = [
  {
    codes: /^(ENOTFOUND|EAI_AGAIN|EAI_NODATA|EAI_FAIL)$/,
    reason: 'network',
    what: 'the name of the host cannot be resolved',
    remedy: `DNS does not know the host: ${REACH}`,
  },
  {
    codes: /^ECONNREFUSED$/,
    reason: 'network',
    what: 'the connection was refused',
    remedy: `Nothing listens at that address and port: ${REACH}`,
  },
  {
    codes: NO_ROUTE,
    reason: 'network',
    what: 'there is no route to the host',
    remedy: `There is no route to the host: ${REACH}`,
  },
  {
    codes: /SELF_SIGNED|UNABLE_TO_VERIFY|UNABLE_TO_GET_ISSUER|CERT_UNTRUSTED|INVALID_CA|CERT_CHAIN_TOO_LONG/,
    reason: 'network',
    what: "the server's certificate is not signed by a known authority",
    remedy:
      'Set ca_file to the certificate (PEM) of the authority that signed it, e.g. that of your TLS-inspecting proxy.',
  },
  {
    codes: /^(CERT_HAS_EXPIRED|CERT_NOT_YET_VALID)$/,
    reason: 'network',
    what: "the server's certificate is not valid at this time",
    remedy: "Renew the server's certificate, or set this machine's clock.",
  },
  {
    codes: /^(ERR_TLS_CERT_ALTNAME_INVALID|UND_ERR_PRX_TLS)$/,
    reason: 'network',
    what: "the server's certificate is for another name",
    remedy: 'Use the host name of the certificate in base_url (or in HTTPS_PROXY, for a proxy).',
  },
  {
    codes: /^(EPROTO|ERR_SSL_.*|ERR_TLS_.*)$/,
    reason: 'network',
    what: 'no TLS connection could be established',
    remedy: 'Check that base_url has the right scheme and port: this server does not speak TLS as expected.',
  },
  {
    codes: /^(UND_ERR_CONNECT_TIMEOUT|UND_ERR_HEADERS_TIMEOUT|UND_ERR_BODY_TIMEOUT|ETIMEDOUT)$/,
    reason: 'timeout',
    what: 'the connection timed out',
    remedy: `The host does not answer: ${REACH}`,
  },
  {
    codes: /^UND_ERR_PRX_CONN$/,
    reason: 'network',
    what: 'the proxy closed the connection',
    remedy: 'Check HTTPS_PROXY, HTTP_PROXY and NO_PROXY, and what the proxy allows.',
  },
  {
    codes: /^UND_ERR_ABORTED$/,
    reason: 'network',
    what: 'the proxy refused to connect to the host',
    remedy: 'Check the user and password in HTTPS_PROXY, what the proxy allows, and NO_PROXY.',
  },
  {
    codes: /^UND_ERR_INVALID_ARG$/,
    reason: 'client_error',
    what: 'the request could not be made, or the proxy asks for a password',
    remedy: 'Check the user and password in HTTP_PROXY, and the key for characters that no header may carry.',
  },
  {
    codes: /^(UND_ERR_HEADERS_OVERFLOW|HPE_HEADER_OVERFLOW)$/,
    reason: 'bad_response',
    what: 'the answer has headers of more than 16 KiB',
    remedy: 'Look at what proxies in between add; if none does, report it to the service.',
  },
  {
    codes: /^ENDLESS_ANSWER$/,
    reason: 'bad_response',
    what: 'the answer does not come to an end',
    remedy: 'Look at what answers at base_url, and at proxies in between; if it is the service, report it.',
  },
  {
    // undici takes for granted that a status is at least 100.
    codes: /^(HPE_.*|UND_ERR_RES_CONTENT_LENGTH_MISMATCH|UND_ERR_RES_EXCEEDED_MAX_SIZE|ERR_ASSERTION)$/,
    reason: 'bad_response',
    what: 'the answer is not HTTP',
    remedy: 'Check that base_url names a Work API and that nothing else listens there.',
  },
  {
    codes: /^(ECONNRESET|EPIPE|ECONNABORTED|UND_ERR_SOCKET)$/,
    reason: 'network',
    what: 'the connection was closed by the other side',
    remedy: 'The exporter tries again by itself; if it lasts, look at the proxy or firewall in between.',
    connectionLost: true,
  },
];

/** Of an answer that is longer than any can be. */
export function endlessAnswer(): Error {
  return Object.assign(new Error('the answer does not come to an end'), { code: 'ENDLESS_ANSWER' });
}

/** As of a machine without IPv6, for the IPv6 addresses of a host: the others say what is wrong. */
function mostTelling(codes: readonly string[]): string {
  return codes.find((code) => !NO_ROUTE.test(code)) ?? codes[0]!;
}

/** Anything that undici or Node throws during a request, as a failure. */
export function classifyNetworkError(error: unknown): NetworkFailure {
  const code = codeOf(error);
  const rule = RULES.find(({ codes }) => codes.test(code));
  if (rule === undefined) {
    const remedy = `The exporter tries again by itself; if it lasts, ${REACH}`;
    return { reason: 'network', what: `the request failed (${code})`, remedy, connectionLost: false };
  }
  const { reason, what, remedy, connectionLost = false } = rule;
  return { reason, what: `${what} (${code})`, remedy, connectionLost };
}

/** The most specific code: for a host with several addresses, Node throws an AggregateError with one error for each. */
function codeOf(error: unknown): string {
  if (error instanceof AggregateError && error.errors.length > 0) return mostTelling(error.errors.map(codeOf));
  const code = systemErrorCode(error);
  if (code !== null && code !== 'UND_ERR') return code;
  // undici's parser always names its error, but does not always give a code.
  if (error instanceof Error && error.name === 'HTTPParserError') return 'HPE_INVALID';
  const cause = error instanceof Error ? error.cause : undefined;
  return cause === undefined ? 'unknown' : codeOf(cause);
}
