import type { FastifyReply, FastifyRequest } from 'fastify';
import type { ServerSettings } from '../../domain/server-settings.ts';
import { answerJsonError } from '../http/answer-error.ts';
import { isAbsolute } from './host-name.ts';
import { lifecycleRejection, type Requester } from './lifecycle-rights.ts';
import { showsProxy } from './proxy-headers.ts';

/** Answers a request whose sender may not change the process with 403; undefined, and no answer, where it may. */
export function rejectUnlessPermitted(
  { lifecycle }: Pick<ServerSettings, 'lifecycle'>,
  request: FastifyRequest,
  reply: FastifyReply,
): FastifyReply | undefined {
  const rejection = lifecycleRejection(lifecycle, callerOf(request));
  if (rejection === null) return undefined;
  const { status, ...error } = rejection;
  return answerJsonError(reply, status, error);
}

/** What a request reveals about its sender. */
function callerOf({ headers, raw, socket }: FastifyRequest): Requester {
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
