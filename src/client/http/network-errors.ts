import type { FailureReason } from '../../domain/failure.ts';

/** What errors with such a code mean. */
interface NetworkError {
  readonly codes: RegExp;
  readonly reason: FailureReason;
  readonly what: string;
  readonly remedy: string;
  readonly connectionLost?: true;
  /** The host was not reached: where there is a proxy, that is the host. */
  readonly isUnreached?: true;
}

/** Ends what to do about a host that cannot be reached. */
export const REACH = 'check base_url, the network policy, and HTTPS_PROXY and NO_PROXY.';

/** What to do where nothing comes back before there is a connection. */
export const SILENT = `The host does not answer, or DNS does not; a firewall may drop what is sent: ${REACH}`;

export const NO_ROUTE = /^(EHOSTUNREACH|ENETUNREACH|EADDRNOTAVAIL|EACCES|EPERM)$/;

/** By the code of Node, OpenSSL and undici errors; the first match counts. */
export const NETWORK_ERRORS: readonly NetworkError[] = [
  {
    codes: /^(ENOTFOUND|EAI_AGAIN|EAI_NODATA|EAI_FAIL)$/,
    reason: 'network',
    what: 'the name of the host cannot be resolved',
    remedy: `DNS does not know the host: ${REACH}`,
    isUnreached: true,
  },
  {
    codes: /^ECONNREFUSED$/,
    reason: 'network',
    what: 'the connection was refused',
    remedy: `Nothing listens at that address and port: ${REACH}`,
    isUnreached: true,
  },
  {
    codes: NO_ROUTE,
    reason: 'network',
    what: 'there is no route to the host',
    remedy: `There is no route to the host: ${REACH}`,
    isUnreached: true,
  },
  {
    codes: /^(EMFILE|ENFILE)$/,
    reason: 'network',
    what: 'this process may open no more files and connections',
    remedy: 'Raise the limit of open files (ulimit -n, LimitNOFILE) of the exporter, or lower max_concurrent_requests.',
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
    remedy:
      "Renew the certificate of the server, or that of its authority (ca_file), whichever is out of date; or set this machine's clock.",
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
    remedy:
      'Check that base_url, or HTTPS_PROXY for a proxy, has the right scheme and port: this server does not speak TLS as expected. Most proxies are http:// ones, for requests with https:// as well.',
  },
  {
    codes: /^(UND_ERR_CONNECT_TIMEOUT|UND_ERR_HEADERS_TIMEOUT|UND_ERR_BODY_TIMEOUT|ETIMEDOUT)$/,
    reason: 'timeout',
    what: 'the connection timed out',
    remedy: SILENT,
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
    remedy:
      'The exporter tries again by itself; if it lasts, look at the scheme and port of base_url, and at the proxy or firewall in between.',
    connectionLost: true,
  },
];
