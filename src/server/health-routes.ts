import type { FastifyInstance } from 'fastify';
import { readiness } from './health.ts';
import { answerJson } from './http/answer-json.ts';
import type { ServerDeps } from './http/server-deps.ts';

/** `/-/healthy` and `/-/ready`: open to everyone, because kubelets have no login. */
export function healthRoutes<Format>(app: FastifyInstance, deps: ServerDeps<Format>, isStopping: () => boolean): void {
  app.get('/-/healthy', (_request, reply) => reply.type('text/plain; charset=utf-8').send('healthy\n'));

  app.get('/-/ready', (_request, reply) => {
    const answer = readiness({
      states: deps.states.all(),
      now: deps.clock.now(),
      startedAt: deps.startedAt,
      pendingDiscovery: deps.pendingDiscovery(),
      discoveryProblems: deps.discoveryProblems(),
      stopping: isStopping(),
    });
    return answerJson(reply.code(answer.ready ? 200 : 503), answer);
  });
}
