import type { FastifyInstance } from 'fastify';
import { callerOf } from './access/caller-of.ts';
import { lifecycleRejection } from './access/lifecycle-rights.ts';
import { answerJsonError, jsonText } from './http/answer-error.ts';
import type { ServerDeps } from './http/server-deps.ts';

/** `POST /-/reload`: does what SIGHUP does, and answers. */
export function reloadRoute<Format>(app: FastifyInstance, deps: ServerDeps<Format>): void {
  app.post('/-/reload', async (request, reply) => {
    const rejection = lifecycleRejection(deps.config.lifecycle, callerOf(request));
    if (rejection !== null) {
      const { status, ...error } = rejection;
      return answerJsonError(reply, status, error);
    }
    const result = await deps.reload();
    reply.type('application/json; charset=utf-8');
    if (result.ok) {
      const { added, removed, changed, unchanged } = result;
      return reply.send(jsonText({ added, removed, changed, unchanged }));
    }
    return reply.code(400).send(
      jsonText({
        error: {
          code: 'config_rejected',
          message: 'The new configuration was rejected; the old one stays in force.',
          remedy: 'Mend the problems and reload again; the command check shows them too.',
        },
        problems: result.problems,
      }),
    );
  });
}
