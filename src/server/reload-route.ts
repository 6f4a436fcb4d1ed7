import type { FastifyInstance } from 'fastify';
import { rejectUnlessPermitted } from './access/reject-unless-permitted.ts';
import { answerJson } from './http/answer-json.ts';
import type { ServerDeps } from './http/server-deps.ts';

/** `POST /-/reload`: does what SIGHUP does, and answers. */
export function reloadRoute<Format>(app: FastifyInstance, deps: ServerDeps<Format>): void {
  app.post('/-/reload', async (request, reply) => {
    const rejected = rejectUnlessPermitted(deps.config, request, reply);
    if (rejected !== undefined) return rejected;
    const result = await deps.reload();
    if (result.ok) {
      const { added, removed, changed, unchanged, atNextStart } = result;
      const waiting = atNextStart.length === 0 ? {} : { at_next_start: atNextStart };
      return answerJson(reply, { added, removed, changed, unchanged, ...waiting });
    }
    const error = {
      code: 'config_rejected',
      message: 'The new configuration was rejected; the old one stays in force.',
      remedy: 'Fix the problems and reload again; the command check shows them too.',
    };
    return answerJson(reply.code(400), { error, problems: result.problems });
  });
}
