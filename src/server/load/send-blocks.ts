import type { FastifyReply, FastifyRequest } from 'fastify';
import { byteLength, identityStream } from '../http/exposition-stream.ts';
import type { Blocks } from './shared-answers.ts';

/** Sends blocks piece by piece, as the client reads them; HEAD gets their length. */
export function sendBlocks(request: FastifyRequest, reply: FastifyReply, blocks: Blocks): FastifyReply {
  reply.header('content-length', byteLength(blocks));
  return request.method === 'HEAD' ? reply.send() : reply.send(identityStream(blocks));
}
