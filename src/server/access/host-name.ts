import { isIP } from 'node:net';

/** `HOST`, `HOST:PORT` or `[IPV6]:PORT`. */
const HOST = /^(?:\[([0-9a-f:.]+)\]|([a-z0-9._-]+))(?::\d{0,5})?$/;

/** The name in a `Host` header or an authority: lower case, without port, brackets and final dot; null: not one. */
export function hostName(header: string | undefined): string | null {
  const match = HOST.exec(header?.toLowerCase() ?? '');
  if (match === null) return null;
  if (match[1] !== undefined) return isIP(match[1]) === 6 ? match[1] : null;
  const name = match[2]!.replace(/\.$/, '');
  return name === '' ? null : name;
}
