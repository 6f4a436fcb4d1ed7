import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { type ApiRoute, answerRequest } from './answer-request.ts';
import type { EventStream } from './api-call.ts';
import { apiRoutes } from './api-routes.ts';
import type { Simulation } from './simulation.ts';

/** Serves them over HTTP. */
export function addApiRoutes(app: FastifyInstance, simulation: Simulation): void {
  for (const { method, path: url, ...route } of apiRoutes(simulation)) {
    app.route({ method, url, handler: (request, reply) => handleApiRequest(simulation, route, { request, reply }) });
  }
}

/** Serves one request over HTTP. */
async function handleApiRequest(
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

/** Announces a whole body, sends half of it and closes the connection. */
function sendTruncated(reply: FastifyReply, body: string): void {
  reply.hijack();
  const bytes = Buffer.from(body);
  reply.raw.writeHead(200, { 'content-type': 'application/json', 'content-length': String(bytes.length) });
  reply.raw.write(bytes.subarray(0, Math.floor(bytes.length / 2)), () => reply.raw.destroy());
}

/** Closes the connection without an answer. */
function cutConnection(reply: FastifyReply): void {
  reply.hijack();
  reply.raw.destroy();
}

/** Turns an answer into server-sent events. Each frame has an `event:` line: clients skip frames without one. */
function openStream(reply: FastifyReply, headers: Readonly<Record<string, string>>, closed: () => void): EventStream {
  reply.hijack();
  const { raw } = reply;
  raw.writeHead(200, { ...headers, 'content-type': 'text/event-stream', 'cache-control': 'no-cache' });
  raw.flushHeaders();
  // The request closes once its body is read; only the answer shows that the client has gone.
  raw.on('close', closed);
  return { send: (event) => void raw.write(`event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`) };
}
