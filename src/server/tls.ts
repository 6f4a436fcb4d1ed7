import { isIPv6, type Socket } from 'node:net';
import { DEFAULT_CIPHERS, getCACertificates, type SecureContextOptions, TLSSocket } from 'node:tls';
import type { ClientAuthType, TlsSettings } from '../domain/server-settings.ts';

/** Always on, as in Go, where the list of cipher suites affects only the older versions. */
const TLS_13_SUITES = ['TLS_AES_128_GCM_SHA256', 'TLS_AES_256_GCM_SHA384', 'TLS_CHACHA20_POLY1305_SHA256'];
const VERIFIES: ReadonlySet<ClientAuthType> = new Set(['VerifyClientCertIfGiven', 'RequireAndVerifyClientCert']);

export type ServerTlsOptions = SecureContextOptions & {
  readonly requestCert: boolean;
  readonly rejectUnauthorized: boolean;
};

/**
 * Settings for Node. A client without a valid certificate gets an error answer; the handshake succeeds, so that health
 * checks stay open.
 */
export function tlsOptions(tls: TlsSettings): ServerTlsOptions {
  return {
    cert: tls.cert,
    key: tls.key.reveal(),
    minVersion: tls.minVersion,
    maxVersion: tls.maxVersion,
    honorCipherOrder: tls.preferServerCiphers,
    ciphers: ciphersOf(tls),
    requestCert: tls.clientAuth !== 'NoClientCert',
    rejectUnauthorized: false,
    ...(VERIFIES.has(tls.clientAuth) ? { ca: tls.clientCa ?? getCACertificates('system') } : {}),
    ...(tls.curves.length > 0 ? { ecdhCurve: tls.curves.join(':') } : {}),
  };
}

function ciphersOf({ ciphers, minVersion }: TlsSettings): string {
  const list = ciphers.length > 0 ? [...TLS_13_SUITES, ...ciphers].join(':') : DEFAULT_CIPHERS;
  // OpenSSL's default security level allows no TLS below 1.2, whatever is configured.
  return minVersion === 'TLSv1' || minVersion === 'TLSv1.1' ? `${list}:@SECLEVEL=0` : list;
}

/** Why the certificate of a client is rejected, or null when it is accepted. */
export function certificateFault(
  socket: Socket,
  { clientAuth, clientAllowedSans: allowed }: Pick<TlsSettings, 'clientAuth' | 'clientAllowedSans'>,
): string | null {
  if (clientAuth === 'NoClientCert') return null;
  const certificate = socket instanceof TLSSocket ? socket.getPeerX509Certificate() : undefined;
  if (certificate === undefined) {
    const isRequired = clientAuth.startsWith('Require') || allowed !== null;
    return isRequired ? 'A client certificate is required.' : null;
  }
  if (VERIFIES.has(clientAuth) && !(socket as TLSSocket).authorized) {
    return 'The client certificate is not from an authority that counts here.';
  }
  if (allowed !== null && !subjectAltNames(certificate.subjectAltName).some((name) => allowed.includes(name))) {
    return 'The client certificate has none of the names that are allowed.';
  }
  return null;
}

/** One name: its kind and its text, which Node writes as a JSON string if it has special characters. */
const NAME = /(DNS|IP Address|URI|email):("(?:[^"\\]|\\.)*"|[^,]*)(?:, |$)/gy;

/** The DNS names, addresses, e-mail addresses and URIs of a certificate's `subjectAltName`, as Go writes them. */
function subjectAltNames(text = ''): string[] {
  return [...text.matchAll(NAME)].map(([, kind, written = '']) => {
    if (written.startsWith('"')) return String(JSON.parse(written));
    return kind === 'IP Address' && isIPv6(written) ? new URL(`http://[${written}]`).hostname.slice(1, -1) : written;
  });
}
