import type { Socket } from 'node:net';
import fastify, { type FastifyError, type FastifyInstance } from 'fastify';
import { NO_SCHEMAS } from '../base/no-schemas.ts';
import { isAllowedHost } from './access/allowed-hosts.ts';
import { authorityOf } from './access/host-name.ts';
import { environmentsRoutes } from './api/environments-routes.ts';
import { drillRoute } from './drill-route.ts';
import { healthRoutes } from './health-routes.ts';
import { answerError } from './http/answer-error.ts';
import type { ServerDeps } from './http/server-deps.ts';
import { AnswersInFlight, TOO_MANY_ANSWERS } from './load/answers-in-flight.ts';
import { createHttpServer } from './load/http-server.ts';
import { SharedAnswers } from './load/shared-answers.ts';
import { metricsRoute } from './metrics-route.ts';
import { environmentRoute } from './page/environment-route.ts';
import { runbookRoute } from './page/runbook-route.ts';
import { statusRoute } from './page/status-route.ts';
import { probeRoute } from './probe/probe-route.ts';
import { sdRoute } from './probe/sd-route.ts';
import { reloadRoute } from './reload-route.ts';
import { answerBrokenRequest, answerFrameworkError, SECURITY_HEADERS } from './request-errors.ts';
import { tlsOptions } from './web/tls-options.ts';
import { webGuard } from './web/web-guard.ts';

/** No request has a useful body; at most this much is read and dropped. */
const BODY_LIMIT_BYTES = 16 * 1024;

const OTHER_HOST = {
  status: 421,
  code: 'other_host',
  message: 'This exporter is not known under that name.',
  remedy: 'Ask by its address or localhost, or add the name to server.allowed_hosts.',
} as const;

const OTHER_METHOD = {
  status: 501,
  code: 'unknown_method',
  message: 'No page here knows that method.',
  remedy: 'Use GET.',
} as const;

/** All routes, on an application that does not listen yet. */
export function createRoutes<Format>(deps: ServerDeps<Format>, isStopping: () => boolean): FastifyInstance {
  const { tls } = deps.config.web;
  const shared = new SharedAnswers(deps.clock);
  const inFlight = new AnswersInFlight(deps.clock);
  const app = fastify({
    logger: false,
    bodyLimit: BODY_LIMIT_BYTES,
    serverFactory: (handler) => createHttpServer(handler, tls === null ? null : tlsOptions(tls)),
    // While draining, all routes still answer, with 503 for `/-/ready`: connected clients still get correct answers.
    return503OnClosing: false,
    schemaController: NO_SCHEMAS,
    forceCloseConnections: 'idle',
    frameworkErrors: (error, request, reply) => answerFrameworkError(deps, error, { request, reply }),
    clientErrorHandler: (error, socket) => answerBrokenRequest(error, socket as Socket),
  });

  // curl -d and browsers send types that would otherwise be rejected with 415; routes that need a body read its text.
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('*', { parseAs: 'string' }, (_request, body, done) => done(null, body));
  app.addHook('onRequest', async (request, reply) => {
    reply.headers(SECURITY_HEADERS);
    if (!isAllowedHost(authorityOf(request.raw), deps.config)) return answerError(request, reply, OTHER_HOST);
  });
  webGuard(app, deps);
  app.addHook('onRequest', async (request, reply) => {
    // Health checks always get an answer, and so do the routes that can fix things.
    const { url = '' } = request.routeOptions;
    // A probe takes its place only when it has something to answer.
    const bounded = !url.startsWith('/-/') && url !== '/probe';
    if (bounded && !inFlight.enter(reply.raw)) {
      return answerError(request, reply.header('retry-after', 1), TOO_MANY_ANSWERS);
    }
  });
  // Otherwise a connection whose request was under way at the start of the shutdown would stay open and delay it.
  app.addHook('onSend', async (_request, reply) => {
    if (isStopping()) reply.header('connection', 'close');
  });
  app.addHook('onResponse', async () => {
    if (isStopping()) setImmediate(() => app.server.closeIdleConnections());
  });
  app.setErrorHandler((error: FastifyError, request, reply) => answerFrameworkError(deps, error, { request, reply }));
  app.setNotFoundHandler((request, reply) => {
    if (!app.supportedMethods.includes(request.method)) return answerError(request, reply, OTHER_METHOD);
    return answerError(request, reply, {
      status: 404,
      code: 'not_found',
      message: 'There is no such page.',
      remedy: 'GET / links what there is.',
    });
  });

  statusRoute(app, deps, shared);
  environmentRoute(app, deps);
  runbookRoute(app, deps);
  metricsRoute(app, deps, shared);
  healthRoutes(app, deps, isStopping);
  reloadRoute(app, deps);
  drillRoute(app, deps);
  environmentsRoutes(app, deps, shared);
  probeRoute(app, deps, inFlight);
  sdRoute(app, deps);
  rejectOtherMethods(app, [
    '/',
    '/environments/:id',
    '/runbooks/:alert',
    '/metrics',
    '/-/healthy',
    '/-/ready',
    '/api/v1/environments',
    '/api/v1/environments/:id',
    '/api/v1/sd',
    '/probe',
    '/api/v1/environments/:id/scaling',
  ]);
  rejectOtherMethods(app, ['/-/reload'], ['POST']);
  rejectOtherMethods(app, ['/-/drill'], ['POST', 'DELETE']);
  return app;
}

/** Answers 405, with the allowed methods, for every method that a path does not have. */
function rejectOtherMethods(app: FastifyInstance, paths: readonly string[], allowed = ['GET', 'HEAD']): void {
  const methods = app.supportedMethods.filter((method) => !allowed.includes(method));
  const allow = allowed.join(', ');
  for (const url of paths) {
    app.route({
      method: methods,
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
