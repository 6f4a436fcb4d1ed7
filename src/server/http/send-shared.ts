import type { ServerResponse } from 'node:http';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { acceptsGzip } from './accept-encoding.ts';
import { sendBlocks } from './send-blocks.ts';

const compress = promisify(gzip);
/** The fastest: it makes a twentieth of a page of 500 environments, and the slowest hardly less. */
const OPTIONS = { level: 1 };

/** One rendering for all requests at the same time. */
interface Renderings {
  take(key: string, reader: ServerResponse, build: () => Promise<readonly Buffer[]>): Promise<readonly Buffer[]>;
}

interface SharedText {
  readonly shared: Renderings;
  /** All requests with the same one may get the same text. */
  readonly key: string;
  render(): string;
}

/** Sends a text that many may ask for at once, and that grows with the environments: compressed where that is accepted. */
export async function sendShared(
  request: FastifyRequest,
  reply: FastifyReply,
  { shared, key, render }: SharedText,
): Promise<FastifyReply> {
  const isGzipped = acceptsGzip(request.headers['accept-encoding']?.toString());
  const blocks = await shared.take(`${key} ${isGzipped ? 'gzip' : ''}`, reply.raw, async () => {
    const text = Buffer.from(render());
    return [isGzipped ? await compress(text, OPTIONS) : text];
  });
  reply.header('vary', 'Accept-Encoding');
  if (isGzipped) reply.header('content-encoding', 'gzip');
  return sendBlocks(request, reply, blocks);
}
