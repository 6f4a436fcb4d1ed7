import type { FastifyInstance } from 'fastify';
import { answerError } from './http/answer-error.ts';

/** In the order in which an answer names them. */
const METHODS = ['GET', 'HEAD', 'POST', 'DELETE'];

/** The methods of each route that is added from now on, by its path. */
export function methodsOfRoutes(app: FastifyInstance): ReadonlyMap<string, ReadonlySet<string>> {
  const methods = new Map<string, Set<string>>();
  app.addHook('onRoute', ({ url, method }) => {
    methods.set(url, new Set([...(methods.get(url) ?? []), ...[method].flat()]));
  });
  return methods;
}

/** Answers 405, with the allowed methods, for every method that a path does not have. */
export function rejectOtherMethods(app: FastifyInstance, routes: ReadonlyMap<string, ReadonlySet<string>>): void {
  for (const [url, allowed] of [...routes]) {
    const allow = METHODS.filter((method) => allowed.has(method)).join(', ');
    app.route({
      method: app.supportedMethods.filter((method) => !allowed.has(method)),
      url,
      exposeHeadRoute: false,
      handler: (request, reply) =>
        answerError(request, reply.header('allow', allow), {
          status: 405,
          code: 'method_not_allowed',
          message: `${request.method} is not possible here.`,
          remedy: `Use ${allow}.`,
        }),
    });
  }
}
