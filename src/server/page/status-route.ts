import type { FastifyInstance } from 'fastify';
import { momentOf } from '../api/environments-routes.ts';
import type { ServerDeps } from '../http/server-deps.ts';
import { environmentView } from './attention.ts';
import { statusPage } from './status-page.ts';
import { CONTENT_SECURITY_POLICY } from './status-page-style.ts';

/** `GET /`: the state for people. */
export function statusRoute<Format>(app: FastifyInstance, deps: ServerDeps<Format>): void {
  app.get('/', (_request, reply) => {
    const now = deps.clock.now();
    const page = statusPage({
      views: deps.states.all().map((state) => environmentView(state, momentOf(deps, state, now))),
      generatedAt: new Date(now).toISOString(),
      shard: deps.shard,
      version: deps.version,
    });
    return reply.type('text/html; charset=utf-8').header('content-security-policy', CONTENT_SECURITY_POLICY).send(page);
  });
}
