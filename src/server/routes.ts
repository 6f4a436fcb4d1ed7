import type { Socket } from 'node:net';
import fastify, { type FastifyError, type FastifyInstance } from 'fastify';
import { NO_SCHEMAS } from '../base/no-schemas.ts';
import { isAllowedHost } from './access/allowed-hosts.ts';
import { authorityOf } from './access/host-name.ts';
import { requestFault } from './access/request-fault.ts';
import { environmentsRoutes } from './api/environments-routes.ts';
import { drillRoute } from './drill-route.ts';
import { healthRoutes } from './health-routes.ts';
import { answerError } from './http/answer-error.ts';
import type { ServerDeps } from './http/server-deps.ts';
import { AnswersInFlight, TOO_MANY_ANSWERS } from './load/answers-in-flight.ts';
import { createHttpServer } from './load/http-server.ts';
import { SharedAnswers } from './load/shared-answers.ts';
import { metricsRoute } from './metrics-route.ts';
import { methodsOfRoutes, rejectOtherMethods } from './other-methods.ts';
import { environmentRoute } from './page/environment-route.ts';
import { runbookRoute } from './page/runbook-route.ts';
import { statusRoute } from './page/status-route.ts';
import { probeRoute } from './probe/probe-route.ts';
import { sdRoute } from './probe/sd-route.ts';
import { reloadRoute } from './reload-route.ts';
import { remedyForPath } from './remedy-for-path.ts';
import { answerBrokenRequest, answerFrameworkError, SECURITY_HEADERS } from './request-errors.ts';
import { tlsOptions } from './web/tls-options.ts';
import { webGuard } from './web/web-guard.ts';

/** No request has a useful body; at most this much is read and dropped. */
const BODY_LIMIT_BYTES = 16 * 1024;
/** Fastify knows no id of more than 100 characters unless told. A URL has no more than this: headers are limited to 16 KiB. */
const LONGEST_ID = 16 * 1024;

const UNKNOWN_HOST = {
  status: 421,
  code: 'other_host',
  message: 'This exporter is not known under that name.',
  remedy: 'Use its IP address or localhost, or add the name to server.allowed_hosts.',
} as const;

const UNKNOWN_METHOD = {
  status: 501,
  code: 'unknown_method',
  message: 'No route has this method.',
  remedy: 'Use GET.',
} as const;

/**
 * All routes, on an application that does not listen yet.
 *
 * @param isOutdated whether a reload has changed what the connection was allowed by
 */
export function createRoutes<Format>(
  deps: ServerDeps<Format>,
  isStopping: () => boolean,
  isOutdated: (socket: Socket) => boolean = () => false,
): FastifyInstance {
  const { tls } = deps.config.web;
  const shared = new SharedAnswers(deps.clock);
  const inFlight = new AnswersInFlight(deps.clock);
  const app = fastify({
    logger: false,
    bodyLimit: BODY_LIMIT_BYTES,
    // People and link checkers add a slash.
    routerOptions: { ignoreTrailingSlash: true, maxParamLength: LONGEST_ID },
    serverFactory: (handler) => createHttpServer(handler, tls === null ? null : tlsOptions(tls)),
    // While draining, all routes still answer, with 503 for `/-/ready`: connected clients still get correct answers.
    return503OnClosing: false,
    schemaController: NO_SCHEMAS,
    forceCloseConnections: 'idle',
    frameworkErrors: (error, request, reply) => answerFrameworkError(deps, error, { request, reply }),
    clientErrorHandler: (error, socket) => answerBrokenRequest(error, socket as Socket),
  });

  readBodiesAsText(app);
  checkRequests(app, deps);
  webGuard(app, deps);
  limitAnswers(app, inFlight);
  closeConnections(app, (socket) => isStopping() || isOutdated(socket));
  answerErrors(app, deps);

  const methods = methodsOfRoutes(app);
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
  rejectOtherMethods(app, methods);
  return app;
}

/** curl -d and browsers send types that would otherwise be rejected with 415; routes that need a body read its text. */
function readBodiesAsText(app: FastifyInstance): void {
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('*', { parseAs: 'string' }, (_request, body, done) => done(null, body));
}

/** The first hook of every request. After a request that is at fault, nobody knows where the next one begins. */
function checkRequests<Format>(app: FastifyInstance, { config }: ServerDeps<Format>): void {
  app.addHook('onRequest', async (request, reply) => {
    reply.headers(SECURITY_HEADERS);
    const fault = requestFault(request.raw);
    if (fault !== null) return answerError(request, reply.header('connection', 'close'), fault);
    if (!isAllowedHost(authorityOf(request.raw), config)) return answerError(request, reply, UNKNOWN_HOST);
  });
}

/** Health checks always get an answer, and so do the routes that can fix things. */
function limitAnswers(app: FastifyInstance, inFlight: AnswersInFlight): void {
  app.addHook('onRequest', async (request, reply) => {
    const { url = '' } = request.routeOptions;
    // A probe takes its place only when it has something to answer.
    const bounded = !url.startsWith('/-/') && url !== '/probe';
    if (bounded && !inFlight.admit(reply.raw)) {
      return answerError(request, reply.header('retry-after', 1), TOO_MANY_ANSWERS);
    }
  });
}

/**
 * Closes connections whose request is in flight, once it is answered. Otherwise they would stay open: after the start
 * of the shutdown, which they would delay, or after a reload, with a certificate that may no longer be accepted.
 */
function closeConnections(app: FastifyInstance, mustEnd: (socket: Socket) => boolean): void {
  app.addHook('onSend', async ({ raw }, reply) => {
    if (mustEnd(raw.socket)) reply.header('connection', 'close');
  });
  app.addHook('onResponse', async ({ raw }) => {
    if (mustEnd(raw.socket)) setImmediate(() => app.server.closeIdleConnections());
  });
}

function answerErrors<Format>(app: FastifyInstance, deps: ServerDeps<Format>): void {
  app.setErrorHandler((error: FastifyError, request, reply) => answerFrameworkError(deps, error, { request, reply }));
  app.setNotFoundHandler((request, reply) => {
    if (!app.supportedMethods.includes(request.method)) return answerError(request, reply, UNKNOWN_METHOD);
    return answerError(request, reply, {
      status: 404,
      code: 'not_found',
      message: 'There is no such page.',
      remedy: remedyForPath(request.url),
    });
  });
}
