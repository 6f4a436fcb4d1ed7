import type { FastifyRequest } from 'fastify';
import { isAbsolute } from './host-name.ts';
import type { Requester } from './lifecycle-rights.ts';
import { showsProxy } from './proxy-headers.ts';

/** What a request reveals about its sender. */
export function callerOf({ headers, raw, socket }: FastifyRequest): Requester {
  const hosts = raw.headersDistinct.host ?? [];
  return {
    remoteAddress: socket.remoteAddress,
    // A proxy might read two of them differently than we do.
    host: hosts.length === 1 ? hosts[0] : undefined,
    origin: headers.origin,
    fetchSite: headers['sec-fetch-site']?.toString(),
    // By default a proxy such as nginx adds nothing to a request, but speaks HTTP/1.0 to us.
    forwarded: showsProxy(Object.keys(headers)) || raw.httpVersion === '1.0' || isAbsolute(raw),
  };
}
