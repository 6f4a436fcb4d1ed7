import type { FastifyRequest } from 'fastify';
import type { Caller } from './lifecycle-rights.ts';

/** What a request tells of who sends it. */
export function callerOf({ headers, socket }: FastifyRequest): Caller {
  return {
    remoteAddress: socket.remoteAddress,
    host: headers.host,
    origin: headers.origin,
    fetchSite: headers['sec-fetch-site']?.toString(),
    forwarded: headers['x-forwarded-for'] !== undefined || headers.forwarded !== undefined,
  };
}
