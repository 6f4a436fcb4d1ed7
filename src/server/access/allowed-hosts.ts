import { isIP } from 'node:net';
import { isLoopbackHost } from '../../base/is-loopback-host.ts';
import type { ServerSettings } from '../../domain/server-settings.ts';
import { hostName } from './host-name.ts';

/**
 * Whether a request with this `Host` may be answered. A web page can point its own name at this server (DNS rebinding)
 * and then read the answers; the browser still sends the page's name. So once the names that clients use are known,
 * other names are rejected. What nobody can point elsewhere is accepted: an address, a name without a dot (public DNS
 * has none) and a request without `Host` (a browser always sends one).
 */
export function isAllowedHost(header: string | undefined, settings: Pick<ServerSettings, 'host' | 'hosts'>): boolean {
  const names = knownNames(settings);
  if (names === null || header === undefined) return true;
  const name = hostName(header);
  return name !== null && (isIP(name) !== 0 || !name.includes('.') || names.has(name));
}

/** The names that clients use; null: unknown, so any name is accepted. */
function knownNames({ host, hosts }: Pick<ServerSettings, 'host' | 'hosts'>): ReadonlySet<string> | null {
  const listening = host.toLowerCase();
  const isName = isIP(listening) === 0;
  if (hosts.length === 0 && !isName && !isLoopbackHost(listening)) return null;
  return new Set([...hosts.map((name) => name.toLowerCase()), ...(isName ? [listening] : [])]);
}
