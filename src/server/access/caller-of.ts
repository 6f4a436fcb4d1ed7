import type { FastifyRequest } from 'fastify';
import { isAbsolute } from './host-name.ts';
import type { Requester } from './lifecycle-rights.ts';
import { showsProxy } from './proxy-headers.ts';

/** What a request tells of who sends it. */
export function callerOf({ headers, raw, socket }: FastifyRequest): Requester {
  const hosts = raw.headersDistinct.host ?? [];
  return {
    remoteAddress: socket.remoteAddress,
    // Two of them are a riddle that a proxy and we might solve differently.
    host: hosts.length === 1 ? hosts[0] : undefined,
    origin: headers.origin,
    fetchSite: headers['sec-fetch-site']?.toString(),
    // A proxy such as nginx adds nothing to a request unless told to, but speaks HTTP/1.0 to us.
    forwarded: showsProxy(Object.keys(headers)) || raw.httpVersion === '1.0' || isAbsolute(raw),
  };
}
