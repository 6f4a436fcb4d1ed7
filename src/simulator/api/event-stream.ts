import type { FastifyReply } from 'fastify';
import type { EventStream } from './api-call.ts';

/** Turns an answer into server-sent events. Each frame has an `event:` line: clients skip frames without one. */
export function openStream(reply: FastifyReply, closed: () => void): EventStream {
  reply.hijack();
  const { raw } = reply;
  for (const [name, value] of Object.entries(reply.getHeaders())) if (value !== undefined) raw.setHeader(name, value);
  raw.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-cache' });
  raw.flushHeaders();
  // The request closes when its body was read; only the answer says that the client has gone.
  raw.on('close', closed);
  return { send: (event) => void raw.write(`event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`) };
}
