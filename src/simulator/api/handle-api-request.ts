import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Simulation } from '../world/simulation.ts';
import { cutConnection, openStream, sendTruncated } from './answer.ts';
import { type ApiRoute, answerRequest } from './answer-request.ts';

/** Serves one request over HTTP. */
export async function handleApiRequest(
  simulation: Simulation,
  route: ApiRoute,
  { request, reply }: { readonly request: FastifyRequest; readonly reply: FastifyReply },
): Promise<unknown> {
  const answer = await answerRequest(simulation, route, {
    url: request.url,
    params: request.params as Record<string, string>,
    query: request.query as Record<string, unknown>,
    headers: request.headers,
    body: request.body,
    gone: () => reply.raw.destroyed,
    stream: (headers, closed) => openStream(reply, headers, closed),
  });
  switch (answer.kind) {
    case 'hang':
      reply.hijack();
      return reply;
    case 'reset':
      cutConnection(reply);
      return reply;
    case 'half':
      sendTruncated(reply, answer.body);
      return reply;
    case 'stream':
      return reply;
    case 'whole':
      if (answer.interim) reply.raw.writeContinue();
      return reply.code(answer.status).headers(answer.headers).send(answer.body);
  }
}
