import type { FastifyInstance } from 'fastify';
import { momentOf } from '../api/environments-routes.ts';
import { sendBlocks } from '../http/exposition-stream.ts';
import type { ServerDeps } from '../http/server-deps.ts';
import type { SharedAnswers } from '../load/shared-answers.ts';
import { environmentView } from './attention.ts';
import { statusPage } from './status-page.ts';
import { CONTENT_SECURITY_POLICY } from './status-page-style.ts';

/** `GET /`: the state for people. */
export function statusRoute<Format>(app: FastifyInstance, deps: ServerDeps<Format>, shared: SharedAnswers): void {
  app.get('/', async (request, reply) => {
    const blocks = await shared.take('/', reply.raw, async () => [Buffer.from(page(deps))]);
    reply.type('text/html; charset=utf-8').header('content-security-policy', CONTENT_SECURITY_POLICY);
    return sendBlocks(request, reply, blocks);
  });
}

function page<Format>(deps: ServerDeps<Format>): string {
  const now = deps.clock.now();
  return statusPage({
    views: deps.states.all().map((state) => environmentView(state, momentOf(deps, state, now))),
    problems: [...(deps.discoveryProblems?.() ?? []), ...(deps.exporterProblems?.() ?? [])],
    generatedAt: new Date(now).toISOString(),
    shard: deps.shard,
    version: deps.version,
  });
}
