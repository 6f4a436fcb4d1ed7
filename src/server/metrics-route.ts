import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { errorText } from '../base/errors.ts';
import { acceptsGzip } from './http/accept-encoding.ts';
import { GzipSegments } from './http/gzip-segments.ts';
import { sendBlocks } from './http/send-blocks.ts';
import type { ServerDeps } from './http/server-deps.ts';
import type { AnswerBlocks, SharedAnswers } from './load/shared-answers.ts';

/** `GET /metrics`: what the states say now. A scrape never touches the network. */
export function metricsRoute<Format>(
  app: FastifyInstance,
  { metrics, logger }: ServerDeps<Format>,
  shared: SharedAnswers,
): void {
  const segments = new GzipSegments();
  app.route({ method: ['GET', 'HEAD'], url: '/metrics', exposeHeadRoute: false, handler });

  async function handler(request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> {
    const format = metrics.negotiate(request.headers.accept);
    const encoding = acceptsGzip(request.headers['accept-encoding']?.toString()) ? 'gzip' : 'identity';
    let blocks: AnswerBlocks;
    try {
      blocks = await shared.take(`/metrics ${metrics.contentType(format)} ${encoding}`, reply.raw, async () => {
        const text = await metrics.render(format);
        return encoding === 'gzip' ? segments.compress(text) : text;
      });
    } catch (error) {
      return renderingFailed(reply, error);
    }
    reply.header('content-type', metrics.contentType(format)).header('vary', 'Accept, Accept-Encoding');
    if (encoding === 'gzip') reply.header('content-encoding', 'gzip');
    // A scraper that hangs up in the middle of an answer is not an error of ours.
    reply.raw.once('close', () => {
      if (!reply.raw.writableFinished) logger.debug({ event: 'scrape.cut_off' }, 'a scrape was not read to its end');
    });
    return sendBlocks(request, reply, blocks);
  }

  function renderingFailed(reply: FastifyReply, error: unknown): FastifyReply {
    logger.error({ event: 'metrics.failed', error: errorText(error) }, 'the metrics could not be rendered');
    return reply
      .code(500)
      .type('text/plain; charset=utf-8')
      .send('The metrics could not be rendered; the log of the exporter says why.\n');
  }
}
