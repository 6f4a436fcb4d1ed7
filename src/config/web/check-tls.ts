import { createSecureContext } from 'node:tls';
import { systemErrorCode } from '../../base/errors.ts';
import type { ClientAuthType, TlsSettings } from '../../domain/server-settings.ts';
import type { Report } from '../file/report.ts';
import { HTTP2_CIPHER_SUITES, TLS_VERSIONS } from './tls-names.ts';
import type { WebFile } from './web-file-schema.ts';

export const SECTION = 'tls_server_config';
export type Tls = NonNullable<WebFile['tls_server_config']>;

const PEM = '-----BEGIN CERTIFICATE-----';

/** Whether a text is given: the format treats an empty one as missing. */
export function isGiven(text: string | null | undefined): text is string {
  return typeof text === 'string' && text !== '';
}

/** None given: `NoClientCert`. `RequireClientCert` is what `RequireAnyClientCert` was called before. */
export function clientAuthOf({ client_auth_type: type }: Tls): ClientAuthType {
  if (!isGiven(type)) return 'NoClientCert';
  return type === 'RequireClientCert' ? 'RequireAnyClientCert' : (type as ClientAuthType);
}

/** Keys that are valid alone and wrong together. */
export function checkCombinations(file: WebFile, tls: Tls, report: Report): void {
  const auth = clientAuthOf(tls);
  const ca = isGiven(tls.client_ca_file) ? 'client_ca_file' : isGiven(tls.client_ca) ? 'client_ca' : null;
  if (ca !== null && auth === 'NoClientCert') {
    report.problem(
      [SECTION, ca],
      'there is a client CA, but no client is asked for a certificate',
      'set client_auth_type: RequireAndVerifyClientCert',
    );
  }
  if (tls.client_allowed_sans && auth === 'NoClientCert') {
    report.notice(
      [SECTION, 'client_allowed_sans'],
      'has no effect: no client is asked for a certificate',
      'set client_auth_type: RequireAndVerifyClientCert',
    );
  }
  const versions = Object.keys(TLS_VERSIONS);
  const [min, max] = [tls.min_version ?? 'TLS12', tls.max_version ?? 'TLS13'];
  if (versions.indexOf(min) > versions.indexOf(max)) {
    const key = tls.min_version ? 'min_version' : 'max_version';
    report.problem([SECTION, key], `min_version ${min} is above max_version ${max}`, 'swap them, or drop one');
  }
  const suites = tls.cipher_suites ?? [];
  const http2 = file.http_server_config?.http2 !== false && min !== 'TLS13';
  if (http2 && suites.length > 0 && !HTTP2_CIPHER_SUITES.some((name) => suites.includes(name))) {
    report.problem(
      [SECTION, 'cipher_suites'],
      'has no cipher suite that HTTP/2 needs',
      `add ${HTTP2_CIPHER_SUITES[0]}, or set http_server_config.http2: false`,
    );
  }
}

/** Lets OpenSSL check the certificates before a client connects. Its messages quote no content. */
export function checkCertificates(settings: TlsSettings, tls: Tls, report: Report): void {
  const { cert, key, clientCa } = settings;
  const nameOf = (name: 'cert' | 'key' | 'client_ca') => (isGiven(tls[`${name}_file`]) ? `${name}_file` : name);
  const fails = (options: Parameters<typeof createSecureContext>[0]): string | null => {
    try {
      createSecureContext(options);
      return null;
    } catch (error) {
      return systemErrorCode(error) ?? 'unreadable';
    }
  };
  const problem = (name: 'cert' | 'key' | 'client_ca', what: string, remedy: string) =>
    report.problem([SECTION, nameOf(name)], what, remedy);
  // Node treats an empty text as no certificate, and every handshake would fail: the file is just being written.
  if (cert === '' || fails({ cert }) !== null) {
    problem('cert', 'contains no PEM certificate', 'begin with BEGIN CERTIFICATE');
  } else if (clientCa !== null && (!clientCa.includes(PEM) || fails({ ca: clientCa }) !== null)) {
    problem('client_ca', 'contains no PEM certificate', 'name the CA that signs the certificates of clients');
  } else checkKey();

  function checkKey(): void {
    const text = key.reveal();
    const code = text === '' ? 'empty' : fails({ cert, key: text });
    if (code === null) return;
    if (code === 'ERR_OSSL_X509_KEY_VALUES_MISMATCH' || code === 'ERR_OSSL_X509_KEY_TYPE_MISMATCH') {
      problem('key', 'is not the key of the certificate', 'name the key that the certificate was made with');
    } else problem('key', 'contains no unencrypted PEM private key', 'name the private key of the certificate');
  }
}
