import type { Socket } from 'node:net';
import { TLSSocket } from 'node:tls';
import type { TlsSettings } from '../../domain/web-security.ts';
import { subjectAltNames } from './subject-alt-names.ts';

/** What a client showed of itself in the handshake. */
export interface ShownCertificate {
  /** Null: no certificate. */
  readonly names: readonly string[] | null;
  /** Whether it is good, by the authorities in force when the connection began. */
  readonly verified: boolean;
}

export function shownCertificate(socket: Socket): ShownCertificate {
  if (!(socket instanceof TLSSocket)) return { names: null, verified: false };
  const certificate = socket.getPeerX509Certificate();
  const names = certificate === undefined ? null : subjectAltNames(certificate.subjectAltName);
  return { names, verified: socket.authorized };
}

/** Why the certificate will not do, or null when it will. */
export function certificateFault(
  { names, verified }: ShownCertificate,
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
