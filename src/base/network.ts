import { X509Certificate } from 'node:crypto';

/**
 * 127.0.0.1 and ::1, also as IPv4 seen through an IPv6 socket. The rest of 127.0.0.0/8 is excluded: service meshes
 * connect from there.
 */
export function isLoopbackAddress(address: string | undefined): boolean {
  const plain = address?.toLowerCase().replace(/^::ffff:/, '');
  return plain === '127.0.0.1' || plain === '::1';
}

/** Whether a name or address, in lower case, is one that clients on this machine use for it. */
export function isLoopbackName(name: string | null): boolean {
  return name === 'localhost' || isLoopbackAddress(name ?? undefined);
}

/**
 * Whether what is sent to a host, in lower case and without brackets, stays on this machine: any loopback address or
 * name.
 */
export function isLoopbackHost(host: string): boolean {
  return isLoopbackName(host) || host.endsWith('.localhost') || /^127\.\d+\.\d+\.\d+$/.test(host);
}

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
