import { X509Certificate } from 'node:crypto';

const CERTIFICATE = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g;

/**
 * The certificates of a PEM file, one by one; null if there is none, or one of them cannot be read. Node would silently skip
 * that one, and every request would fail later.
 */
export function pemCertificates(pem: string): readonly string[] | null {
  const found = pem.match(CERTIFICATE) ?? [];
  return found.length > 0 && found.every(isCertificate) ? found : null;
}

function isCertificate(pem: string): boolean {
  try {
    return new X509Certificate(pem).raw.length > 0;
  } catch {
    return false;
  }
}
