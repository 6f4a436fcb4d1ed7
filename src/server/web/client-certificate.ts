import type { Socket } from 'node:net';
import { TLSSocket } from 'node:tls';
import type { TlsSettings } from '../../domain/server-settings.ts';
import { subjectAltNames } from './subject-alt-names.ts';

/** What a client presented in the handshake. */
export interface PresentedCertificate {
  /** Null: no certificate. */
  readonly names: readonly string[] | null;
  /** Whether the authorities in force when the connection began consider it valid. */
  readonly verified: boolean;
}

/** Without TLS: no certificate. */
export function presentedCertificate(socket: Socket): PresentedCertificate {
  if (!(socket instanceof TLSSocket)) return { names: null, verified: false };
  const certificate = socket.getPeerX509Certificate();
  const names = certificate === undefined ? null : subjectAltNames(certificate.subjectAltName);
  return { names, verified: socket.authorized };
}

/** Why the certificate is rejected, or null when it is accepted. */
export function certificateFault(
  { names, verified }: PresentedCertificate,
  { clientAuth, clientAllowedSans }: Pick<TlsSettings, 'clientAuth' | 'clientAllowedSans'>,
): string | null {
  if (clientAuth === 'NoClientCert') return null;
  if (names === null) {
    const required = clientAuth.startsWith('Require') || clientAllowedSans !== null;
    return required ? 'A client certificate is required.' : null;
  }
  const verifies = clientAuth === 'VerifyClientCertIfGiven' || clientAuth === 'RequireAndVerifyClientCert';
  if (verifies && !verified) return 'The client certificate is not from an authority that counts here.';
  if (clientAllowedSans !== null && !names.some((name) => clientAllowedSans.includes(name))) {
    return 'The client certificate has none of the names that are allowed.';
  }
  return null;
}
