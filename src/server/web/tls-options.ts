import { DEFAULT_CIPHERS, getCACertificates, type SecureContextOptions } from 'node:tls';
import type { ClientAuthType, TlsSettings } from '../../domain/server-settings.ts';

/** Always on, as in Go, where the list of cipher suites affects only the older versions. */
const TLS_13_SUITES = ['TLS_AES_128_GCM_SHA256', 'TLS_AES_256_GCM_SHA384', 'TLS_CHACHA20_POLY1305_SHA256'];

export type ServerTlsOptions = SecureContextOptions & {
  readonly requestCert: boolean;
  readonly rejectUnauthorized: boolean;
};

const VERIFIES: ReadonlySet<ClientAuthType> = new Set(['VerifyClientCertIfGiven', 'RequireAndVerifyClientCert']);

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
