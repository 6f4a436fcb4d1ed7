import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { errorText } from '../base/errors.ts';
import { acceptsGzip } from './http/accept-encoding.ts';
import { gzipStream, identityStream } from './http/exposition-stream.ts';
import type { ServerDeps } from './http/server-deps.ts';

/** `GET /metrics`: what the states say now. A scrape never touches the network. */
export function metricsRoute<Format>(app: FastifyInstance, { metrics, logger }: ServerDeps<Format>): void {
  app.route({ method: ['GET', 'HEAD'], url: '/metrics', exposeHeadRoute: false, handler });

  async function handler(request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> {
    const format = metrics.negotiate(request.headers.accept);
    let blocks: readonly Buffer[];
    try {
      blocks = await metrics.render(format);
    } catch (error) {
      return renderingFailed(reply, error);
    }
    reply.header('content-type', metrics.contentType(format)).header('vary', 'Accept, Accept-Encoding');
    if (!acceptsGzip(request.headers['accept-encoding']?.toString())) {
      reply.header('content-length', byteLength(blocks));
      return request.method === 'HEAD' ? reply.send() : reply.send(identityStream(blocks));
    }
    reply.header('content-encoding', 'gzip');
    if (request.method === 'HEAD') return reply.send();
    // A scraper that hangs up in mid-answer ends here: its business, not an error of ours.
    const onEnd = (error: Error | null) => {
      if (error !== null) logger.debug({ error: error.message }, 'a scrape was not read to its end');
    };
    return reply.send(gzipStream(blocks, onEnd));
  }

  function renderingFailed(reply: FastifyReply, error: unknown): FastifyReply {
    logger.error({ error: errorText(error) }, 'the metrics could not be rendered');
    return reply
      .code(500)
      .type('text/plain; charset=utf-8')
      .send('The metrics could not be rendered; the log of the exporter says why.\n');
  }
}

function byteLength(blocks: readonly Buffer[]): number {
  return blocks.reduce((sum, block) => sum + block.length, 0);
}
