import type { IncomingMessage } from 'node:http';
import { isIP } from 'node:net';

/** `HOST`, `HOST:PORT` or `[IPV6]:PORT`. */
const HOST = /^(?:\[([0-9a-f:.]+)\]|([a-z0-9._-]+))(?::\d{0,5})?$/;

/** The name in a `Host` header or an authority: lower case, without port, brackets and final dot; null: invalid. */
export function hostName(header: string | undefined): string | null {
  const match = HOST.exec(header?.toLowerCase() ?? '');
  if (match === null) return null;
  if (match[1] !== undefined) return isIP(match[1]) === 6 ? match[1] : null;
  const name = match[2]!.replace(/\.$/, '');
  return name === '' ? null : name;
}

const ABSOLUTE = /^[a-z][a-z0-9+.-]*:/i;

/** Whether a request names an absolute URL as its target: only proxies receive such requests. */
export function isAbsolute({ url = '' }: Pick<IncomingMessage, 'url'>): boolean {
  return ABSOLUTE.test(url);
}

/** The authority that a request is for: an absolute target takes precedence over `Host` (RFC 9112, section 3.2.2). */
export function authorityOf(request: Pick<IncomingMessage, 'url' | 'headers'>): string | undefined {
  return isAbsolute(request) ? (URL.parse(request.url!)?.host ?? '') : request.headers.host;
}
