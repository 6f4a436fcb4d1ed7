/**
 * Whether an `Accept-Encoding` header takes gzip: RFC 9110, 12.5.3. `q=0` refuses it, also through `*`; no header
 * means no wish, and an uncompressed answer suits everyone.
 */
export function acceptsGzip(header: string | undefined): boolean {
  if (header === undefined) return false;
  const weights = new Map(header.toLowerCase().split(',').map(coding));
  return (weights.get('gzip') ?? weights.get('x-gzip') ?? weights.get('*') ?? 0) > 0;
}

function coding(entry: string): [name: string, weight: number] {
  const [name = '', ...parameters] = entry.split(';').map((part) => part.trim());
  const quality = parameters.find((parameter) => /^q\s*=/.test(parameter));
  if (quality === undefined) return [name, 1];
  const weight = Number(quality.slice(quality.indexOf('=') + 1));
  // A weight nobody can read is taken as a refusal: identity is always safe.
  return [name, Number.isFinite(weight) ? weight : 0];
}
