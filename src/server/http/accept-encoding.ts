import Negotiator from 'negotiator';

/** Longer than any client's header; the time to parse one grows with its length. */
const LONGEST_HEADER = 1024;

/**
 * Whether an `Accept-Encoding` header accepts gzip, also under its old name: RFC 9110, 12.5.3. Without the header: no.
 */
export function acceptsGzip(header: string | undefined): boolean {
  if (header === undefined || header.length > LONGEST_HEADER) return false;
  const plain = header.replaceAll(/\bx-gzip\b/gi, 'gzip');
  return new Negotiator({ headers: { 'accept-encoding': plain } }).encodings(['gzip']).length > 0;
}
